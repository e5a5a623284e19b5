//! Attributes as data, and what metrics, spans and events ask of them.
//!
//! ```
//! use oc_semconv::attributes::{self, ValueType};
//!
//! let found = attributes::find("gen_ai.usage.input_tokens").expect("it is in the conventions");
//! assert_eq!(found.value_type, ValueType::Int);
//! assert!(attributes::find("gen_ai.usage.total_tokens").is_none());
//!
//! let template = attributes::find("gen_ai.prompt.variable.city").expect("it fits a template");
//! assert_eq!(template.key, "gen_ai.prompt.variable");
//! ```

use crate::Generation;
pub use crate::generated::attributes::ALL;

/// The definition of a key, or of the template it fits.
///
/// A template is the part of a key before its last, free part: `http.request.header` for
/// `http.request.header.accept`.
pub fn find(key: &str) -> Option<&'static AttributeDefinition> {
    let exact = |key: &str| {
        ALL.binary_search_by(|known| known.key.cmp(key))
            .ok()
            .and_then(|at| ALL.get(at))
    };
    exact(key).or_else(|| {
        key.match_indices('.')
            .filter_map(|(at, _)| exact(key.get(..at)?))
            .find(|known| known.value_type.is_template())
    })
}

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttributeDefinition {
    /// The key; of a template the part before the last dot.
    pub key: &'static str,
    /// The type of its values.
    pub value_type: ValueType,
    /// How far one may rely on it.
    pub stability: Stability,
    /// The generation of the GenAI conventions it belongs to.
    pub generation: Generation,
    /// Whether it may hold what people or models wrote: it leaves the process only when somebody
    /// asks for it.
    pub content: bool,
    /// The key that took its place.
    pub successor: Option<&'static str>,
    /// What it means, in a sentence.
    pub brief: &'static str,
}

impl AttributeDefinition {
    pub(crate) const fn new(
        key: &'static str,
        value_type: ValueType,
        stability: Stability,
        brief: &'static str,
    ) -> Self {
        Self {
            key,
            value_type,
            stability,
            generation: Generation::Both,
            content: false,
            successor: None,
            brief,
        }
    }

    pub(crate) const fn of(mut self, generation: Generation) -> Self {
        self.generation = generation;
        self
    }

    pub(crate) const fn content(mut self) -> Self {
        self.content = true;
        self
    }

    pub(crate) const fn successor(mut self, key: &'static str) -> Self {
        self.successor = Some(key);
        self
    }
}

/// The type of an attribute's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueType {
    /// Text.
    String,
    /// A whole number.
    Int,
    /// A number.
    Double,
    /// Yes or no.
    Boolean,
    /// A list of texts.
    StringArray,
    /// Structured; on spans JSON text.
    Any,
    /// Text from a set, closed or open.
    Enum,
    /// JSON text, whatever the carrier can do.
    Json,
    /// Text, under a key whose last part is free.
    TemplateString,
    /// A list of texts, under a key whose last part is free.
    TemplateStringArray,
}

impl ValueType {
    /// The name that the conventions give it; JSON text, which they don't know, is `json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            ValueType::String => "string",
            ValueType::Int => "int",
            ValueType::Double => "double",
            ValueType::Boolean => "boolean",
            ValueType::StringArray => "string[]",
            ValueType::Any => "any",
            ValueType::Enum => "enum",
            ValueType::Json => "json",
            ValueType::TemplateString => "template[string]",
            ValueType::TemplateStringArray => "template[string[]]",
        }
    }

    /// Whether keys have a free last part.
    pub const fn is_template(self) -> bool {
        matches!(
            self,
            ValueType::TemplateString | ValueType::TemplateStringArray
        )
    }
}

/// How far one may rely on a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stability {
    /// It stays.
    Stable,
    /// It is about to become stable.
    ReleaseCandidate,
    /// It may change.
    Development,
    /// A receiver defines it; it follows that receiver's releases.
    External,
    /// It is gone from the conventions.
    Deprecated,
}

/// What a metric, span or event asks of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requirement {
    /// The key, or the key of a template.
    pub key: &'static str,
    /// How much it is asked for.
    pub level: RequirementLevel,
    /// When; as text, to follow "required" or "recommended".
    pub condition: Option<&'static str>,
    /// Whether samplers look at it: it is set when the span is created.
    pub at_start: bool,
}

impl Requirement {
    pub(crate) const fn required(key: &'static str) -> Self {
        Self::new(key, RequirementLevel::Required)
    }

    pub(crate) const fn conditional(key: &'static str) -> Self {
        Self::new(key, RequirementLevel::ConditionallyRequired)
    }

    pub(crate) const fn recommended(key: &'static str) -> Self {
        Self::new(key, RequirementLevel::Recommended)
    }

    pub(crate) const fn opt_in(key: &'static str) -> Self {
        Self::new(key, RequirementLevel::OptIn)
    }

    pub(crate) const fn own(key: &'static str) -> Self {
        Self::new(key, RequirementLevel::Own)
    }

    const fn new(key: &'static str, level: RequirementLevel) -> Self {
        Self {
            key,
            level,
            condition: None,
            at_start: false,
        }
    }

    pub(crate) const fn when(mut self, condition: &'static str) -> Self {
        self.condition = Some(condition);
        self
    }

    pub(crate) const fn at_start(mut self) -> Self {
        self.at_start = true;
        self
    }

    /// Whether a key is this attribute, or fits its template.
    pub(crate) fn fits(&self, key: &str) -> bool {
        key.strip_prefix(self.key).is_some_and(|rest| {
            rest.is_empty()
                || (rest.starts_with('.')
                    && find(self.key).is_some_and(|known| known.value_type.is_template()))
        })
    }
}

/// How much an attribute is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RequirementLevel {
    /// Always.
    Required,
    /// Whenever its condition holds.
    ConditionallyRequired,
    /// Unless there is a reason against it.
    Recommended,
    /// Only where somebody asks for it.
    OptIn,
    /// The conventions do not ask for it: ours beside them.
    Own,
}

#[cfg(test)]
mod tests {
    use super::*;

    // Scenario: the generated table.
    // Guarantee: its keys rise, so that it can be searched, and each is found.
    #[test]
    fn the_table_can_be_searched() {
        assert!(ALL.is_sorted_by(|a, b| a.key < b.key));
        for known in ALL {
            assert_eq!(find(known.key), Some(known));
        }
    }

    // Scenario: keys below a template, below a plain key, and no key at all.
    // Guarantee: only those below a template are found.
    #[test]
    fn only_templates_have_keys_below_them() {
        let found = |key| find(key).map(|known| known.key);
        assert_eq!(
            found("http.request.header.x-request-id"),
            Some("http.request.header")
        );
        assert_eq!(found("mlflow.traceTag.a.b"), Some("mlflow.traceTag"));
        assert_eq!(
            found("mlflow.traceTag.mlflow.traceName"),
            Some("mlflow.traceTag.mlflow.traceName")
        );
        for unknown in ["gen_ai.request.model.x", "http.request.headers", "", "."] {
            assert_eq!(found(unknown), None, "{unknown}");
        }
    }

    // Scenario: names of the past.
    // Guarantee: their successors are in the table and alive.
    #[test]
    fn successors_are_alive() {
        let successors: Vec<_> = ALL
            .iter()
            .filter_map(|known| Some((known.key, known.successor?)))
            .collect();
        assert!(successors.len() >= 9, "{}", successors.len());
        for (key, successor) in successors {
            let found = find(successor).unwrap_or_else(|| panic!("{key}: {successor}"));
            assert_ne!(found.stability, Stability::Deprecated, "{key}: {successor}");
        }
    }
}
