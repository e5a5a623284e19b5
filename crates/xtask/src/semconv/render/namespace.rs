//! A module of constants.

use super::docs::{self, Docs};
use super::{literal, push, sets};
use crate::semconv::model::{
    Attribute, AttributeFile, Constant, Generation, Model, Scope, ValueType,
};
use crate::semconv::names::{self, LEGACY};

pub(super) fn render(docs: &Docs, file: &AttributeFile) -> String {
    let prefix = format!("{}.", file.namespace);
    let is_whole = file
        .attributes
        .iter()
        .all(|attribute| attribute.key.starts_with(&prefix));
    let brief = if is_whole && file.scope == Scope::Span {
        format!("`{prefix}*`: {}", small(&file.brief))
    } else {
        file.brief.clone()
    };
    let mut text = docs.inner(&brief, file.note.as_ref());
    text.push('\n');
    text.push_str(sets::imports(&file.sets));

    for attribute in &file.attributes {
        if names::module(attribute).is_none() || attribute.kept.is_some() {
            text.push_str(&constant(docs, file, attribute));
        }
    }
    for other in &file.constants {
        text.push_str(&plain(docs, other));
    }
    for set in &file.sets {
        text.push_str(&sets::render(docs, file, set));
    }
    for (name, module) in &file.modules {
        push(
            &mut text,
            &format!("pub mod {name} {{\n{}\n", docs.inner(&module.brief, None)),
        );
        for attribute in &file.attributes {
            if names::module(attribute) == Some(name) {
                if attribute.generation == Generation::Older {
                    text.push_str(&deprecated(docs, file, attribute));
                } else {
                    text.push_str(&constant(docs, file, attribute));
                }
            }
        }
        text.push_str("}\n\n");
    }
    text
}

/// A sentence as it goes on after a colon.
fn small(brief: &str) -> String {
    let mut letters = brief.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().to_string() + letters.as_str())
        .unwrap_or_default()
}

/// The constants of the crate itself.
pub(super) fn render_registry(docs: &Docs, model: &Model) -> String {
    let mut text = docs.inner("Where the names come from.", None);
    text.push('\n');
    for constant in &model.registry.constants {
        text.push_str(&plain(docs, constant));
    }
    text
}

fn constant(docs: &Docs, file: &AttributeFile, attribute: &Attribute) -> String {
    let note = match (&attribute.note, &attribute.kept) {
        (note, None) => note.clone(),
        (note, Some(kept)) => {
            let kept = format!(
                "A name of the past, kept because {kept}. [`{LEGACY}::{}`] is the same with a warning.",
                names::constant(file, attribute)
            );
            Some(
                note.as_ref()
                    .map_or(kept.clone(), |note| format!("{note}\n\n{kept}")),
            )
        }
    };
    item(docs, file, attribute, note.as_ref(), "")
}

fn deprecated(docs: &Docs, file: &AttributeFile, attribute: &Attribute) -> String {
    let note = match (&attribute.successor, &attribute.reason) {
        (Some(successor), _) => format!("`{successor}` took its place"),
        (None, Some(reason)) => reason.clone(),
        (None, None) => String::new(),
    };
    let mark = format!("#[deprecated(note = {})]\n", literal(&note));
    item(docs, file, attribute, attribute.note.as_ref(), &mark)
}

fn item(
    docs: &Docs,
    file: &AttributeFile,
    attribute: &Attribute,
    note: Option<&String>,
    mark: &str,
) -> String {
    let mut list = vec![
        ("Type", value_type(attribute)),
        (docs::EXAMPLE, format!("`{}`", attribute.example)),
        (
            "Stability",
            docs::stability(file.stability_of(attribute), file.source.as_ref()),
        ),
    ];
    if let Some(generation) = docs::generation(attribute.generation) {
        list.push(("Generation", generation.to_owned()));
    }
    if let Some(successor) = &attribute.successor {
        list.push(("Successor", format!("`{successor}`")));
    }
    if let Some(reason) = &attribute.reason {
        list.push(("Note", reason.clone()));
    }
    let requirement: Vec<_> = docs
        .requirements
        .get(&attribute.key)
        .into_iter()
        .chain(&attribute.requirement)
        .cloned()
        .collect();
    if file.is_on_spans(attribute) && !requirement.is_empty() {
        list.push(("Requirement", requirement.join("; ")));
    }
    if docs.at_start.contains(&attribute.key) {
        list.push(("Sampling", "set it when the span is created".to_owned()));
    }
    if attribute.content {
        list.push((
            "Content",
            "it leaves the process only when somebody asks for it".to_owned(),
        ));
    }
    format!(
        "{}{mark}pub const {}: &str = {};\n\n",
        docs.item(&attribute.brief, note, &list),
        names::constant(file, attribute),
        literal(&attribute.key),
    )
}

fn value_type(attribute: &Attribute) -> String {
    let base = match attribute.value_type {
        ValueType::String => "string",
        ValueType::Int => "int",
        ValueType::Double => "double",
        ValueType::Boolean => "boolean",
        ValueType::StringArray => "string[]",
        ValueType::Any => "any, JSON text on spans",
        ValueType::Enum => "enum",
        ValueType::Json => "JSON text",
        ValueType::TemplateString => "template, string",
        ValueType::TemplateStringArray => "template, string[]",
    };
    let mut text = base.to_owned();
    match attribute.unit.as_deref() {
        Some("s") => text.push_str(", seconds"),
        Some(unit) => {
            text.push_str(", ");
            text.push_str(unit);
        }
        None => {}
    }
    if let Some(set) = &attribute.set {
        push(&mut text, &format!(", see [`{set}`]"));
    }
    text
}

fn plain(docs: &Docs, constant: &Constant) -> String {
    format!(
        "{}pub const {}: &str = {};\n\n",
        docs.outer(&constant.brief),
        constant.name,
        literal(&constant.value),
    )
}
