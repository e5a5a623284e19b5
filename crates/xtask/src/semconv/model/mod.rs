//! The tables below `crates/oc-semconv/model`, as they are written.

mod signals;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub(super) use self::signals::*;

/// All tables. Files are known by their path below the model's folder.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) registry: Registry,
    pub(super) attributes: BTreeMap<String, AttributeFile>,
    pub(super) metrics: BTreeMap<String, MetricFile>,
    pub(super) spans: BTreeMap<String, SpanFile>,
    pub(super) events: EventFile,
}

impl Model {
    pub(super) fn load(folder: &Path) -> Result<Self> {
        Ok(Self {
            registry: file(folder, "registry.toml")?,
            attributes: files(folder, "attributes")?,
            metrics: files(folder, "metrics")?,
            spans: files(folder, "spans")?,
            events: file(folder, "events.toml")?,
        })
    }

    /// Every attribute with the file it stands in.
    pub(super) fn all_attributes(&self) -> impl Iterator<Item = (&AttributeFile, &Attribute)> {
        self.attributes.values().flat_map(|file| {
            file.attributes
                .iter()
                .map(move |attribute| (file, attribute))
        })
    }

    /// The attribute of this key that spans and events may carry.
    pub(super) fn span_attribute(&self, key: &str) -> Option<(&AttributeFile, &Attribute)> {
        self.all_attributes()
            .find(|(file, attribute)| attribute.key == key && file.is_on_spans(attribute))
    }
}

fn files<T: DeserializeOwned>(folder: &Path, kind: &str) -> Result<BTreeMap<String, T>> {
    let mut files = BTreeMap::new();
    let entries =
        fs::read_dir(folder.join(kind)).with_context(|| format!("cannot read model/{kind}"))?;
    for entry in entries {
        let name = entry
            .with_context(|| format!("cannot read model/{kind}"))?
            .file_name()
            .to_string_lossy()
            .into_owned();
        let path = format!("{kind}/{name}");
        let parsed = file(folder, &path)?;
        files.insert(path, parsed);
    }
    Ok(files)
}

fn file<T: DeserializeOwned>(folder: &Path, path: &str) -> Result<T> {
    let text = fs::read_to_string(folder.join(path))
        .with_context(|| format!("cannot read model/{path}"))?;
    parse(path, &text)
}

pub(super) fn parse<T: DeserializeOwned>(path: &str, text: &str) -> Result<T> {
    toml::from_str(text).with_context(|| format!("model/{path} is not as it should be"))
}

/// `registry.toml`: constants of the crate itself.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Registry {
    #[serde(default, rename = "constant")]
    pub(super) constants: Vec<Constant>,
}

/// `attributes/*.toml`: a namespace, which becomes a module.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttributeFile {
    /// The name of the module; also what constants leave out of their keys.
    pub(super) namespace: String,
    pub(super) brief: String,
    pub(super) note: Option<String>,
    #[serde(default)]
    pub(super) scope: Scope,
    /// Of all its attributes but those that say otherwise.
    pub(super) stability: Stability,
    /// Who defines them, where `stability` is `external`.
    pub(super) source: Option<String>,
    /// Why keys may have capitals.
    pub(super) camel_case: Option<String>,
    #[serde(default, rename = "module")]
    pub(super) modules: BTreeMap<String, SubModule>,
    #[serde(default, rename = "attribute")]
    pub(super) attributes: Vec<Attribute>,
    #[serde(default, rename = "enum")]
    pub(super) sets: Vec<Set>,
    #[serde(default, rename = "constant")]
    pub(super) constants: Vec<Constant>,
}

impl AttributeFile {
    pub(super) fn is_on_spans(&self, attribute: &Attribute) -> bool {
        let below = attribute
            .module
            .as_ref()
            .and_then(|module| self.modules.get(module));
        self.scope == Scope::Span && below.is_none_or(|module| module.attributes)
    }

    pub(super) fn stability_of(&self, attribute: &Attribute) -> Stability {
        if attribute.generation == Generation::Older {
            Stability::Deprecated
        } else {
            attribute.stability.unwrap_or(self.stability)
        }
    }
}

/// Where the attributes of a file belong.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scope {
    /// On spans, metrics, log records and resources.
    #[default]
    Span,
    /// On metrics only.
    Label,
}

/// A module below that of the namespace.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubModule {
    pub(super) brief: String,
    /// Whether its keys are attributes at all.
    #[serde(default = "yes")]
    pub(super) attributes: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attribute {
    pub(super) key: String,
    /// The constant, where it does not follow from the key.
    pub(super) name: Option<String>,
    pub(super) module: Option<String>,
    #[serde(rename = "type")]
    pub(super) value_type: ValueType,
    /// The set its values come from.
    #[serde(rename = "enum")]
    pub(super) set: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) brief: String,
    pub(super) note: Option<String>,
    pub(super) example: String,
    /// Whether it may hold what people or models wrote.
    #[serde(default)]
    pub(super) content: bool,
    pub(super) stability: Option<Stability>,
    #[serde(default)]
    pub(super) generation: Generation,
    /// The key that took its place.
    pub(super) successor: Option<String>,
    /// What happened to it, where no one key took its place.
    pub(super) reason: Option<String>,
    /// Why a name of the past is a constant without a warning as well.
    pub(super) kept: Option<String>,
    /// Where it is required, beside what follows from spans and events.
    pub(super) requirement: Option<String>,
    pub(super) camel_case: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Set {
    pub(super) name: String,
    /// The key of the attribute it belongs to.
    pub(super) attribute: String,
    /// What a value outside the set is; a set without this is closed.
    pub(super) open: Option<String>,
    pub(super) values: Vec<SetValue>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetValue {
    pub(super) value: String,
    pub(super) brief: String,
    /// The variant, where it does not follow from the value.
    pub(super) variant: Option<String>,
    /// Older spellings, which are read as this value.
    #[serde(default)]
    pub(super) aliases: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) brief: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum ValueType {
    #[serde(rename = "string")]
    String,
    #[serde(rename = "int")]
    Int,
    #[serde(rename = "double")]
    Double,
    #[serde(rename = "boolean")]
    Boolean,
    #[serde(rename = "string[]")]
    StringArray,
    #[serde(rename = "any")]
    Any,
    #[serde(rename = "enum")]
    Enum,
    #[serde(rename = "json")]
    Json,
    #[serde(rename = "template[string]")]
    TemplateString,
    #[serde(rename = "template[string[]]")]
    TemplateStringArray,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stability {
    Stable,
    ReleaseCandidate,
    Development,
    External,
    #[serde(skip)]
    Deprecated,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Generation {
    #[default]
    #[serde(rename = "both")]
    Both,
    #[serde(rename = "1.41")]
    V1_41,
    #[serde(rename = "2026-10")]
    V2026_10,
    #[serde(rename = "older")]
    Older,
}
