//! The table of all attributes.

use super::docs::Docs;
use super::{literal, push};
use crate::semconv::model::{Generation, Model, Stability, ValueType};

pub(super) fn render(model: &Model) -> String {
    let mut all: Vec<_> = model
        .all_attributes()
        .filter(|(file, attribute)| file.is_on_spans(attribute))
        .collect();
    all.sort_by(|(_, a), (_, b)| a.key.cmp(&b.key));

    let mut text = String::from(
        "//! Every attribute, as data.

use crate::Generation;
use crate::attributes::{AttributeDefinition, Stability, ValueType};

/// Every attribute, in the order of the keys.
pub const ALL: &[AttributeDefinition] = &[
",
    );
    for (file, attribute) in all {
        push(
            &mut text,
            &format!(
                "AttributeDefinition::new({}, ValueType::{}, Stability::{}, {})",
                literal(&attribute.key),
                value_type(attribute.value_type),
                stability(file.stability_of(attribute)),
                literal(&Docs::plain(&attribute.brief)),
            ),
        );
        if attribute.generation != Generation::Both {
            push(
                &mut text,
                &format!(".of({})", generation(attribute.generation)),
            );
        }
        if attribute.content {
            text.push_str(".content()");
        }
        if let Some(successor) = &attribute.successor {
            push(&mut text, &format!(".successor({})", literal(successor)));
        }
        text.push_str(",\n");
    }
    text.push_str("];\n");
    text
}

pub(super) fn generation(generation: Generation) -> &'static str {
    match generation {
        Generation::Both => "Generation::Both",
        Generation::V1_41 => "Generation::V1_41",
        Generation::V2026_10 => "Generation::V2026_10",
        Generation::Older => "Generation::Older",
    }
}

pub(super) fn stability(stability: Stability) -> &'static str {
    match stability {
        Stability::Stable => "Stable",
        Stability::ReleaseCandidate => "ReleaseCandidate",
        Stability::Development => "Development",
        Stability::External => "External",
        Stability::Deprecated => "Deprecated",
    }
}

fn value_type(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::String => "String",
        ValueType::Int => "Int",
        ValueType::Double => "Double",
        ValueType::Boolean => "Boolean",
        ValueType::StringArray => "StringArray",
        ValueType::Any => "Any",
        ValueType::Enum => "Enum",
        ValueType::Json => "Json",
        ValueType::TemplateString => "TemplateString",
        ValueType::TemplateStringArray => "TemplateStringArray",
    }
}
