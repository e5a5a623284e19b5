//! What keys, constants and variants are called.

use super::model::{
    Attribute, AttributeFile, Constant, Generation, Metric, MetricFile, Set, SetValue,
};

/// The module of names that are gone.
pub(super) const LEGACY: &str = "legacy";

/// The constant of an attribute: its key without the namespace, in capitals.
pub(super) fn constant(file: &AttributeFile, attribute: &Attribute) -> String {
    if let Some(name) = &attribute.name {
        return name.clone();
    }
    let below = attribute
        .key
        .strip_prefix(&file.namespace)
        .and_then(|rest| rest.strip_prefix('.'));
    capitals(below.unwrap_or(&attribute.key))
}

/// The module below the namespace's in which an attribute's constant stands.
pub(super) fn module(attribute: &Attribute) -> Option<&str> {
    if attribute.generation == Generation::Older {
        Some(LEGACY)
    } else {
        attribute.module.as_deref()
    }
}

/// The path of a plain constant for links.
pub(super) fn constant_path(file: &AttributeFile, constant: &Constant) -> String {
    format!("{}::{}", home(file), constant.name)
}

/// The path of an attribute's constant for links.
pub(super) fn path(file: &AttributeFile, attribute: &Attribute) -> String {
    let parent = home(file);
    let constant = constant(file, attribute);
    match module(attribute) {
        // The one without a warning.
        Some(LEGACY) if attribute.kept.is_some() => format!("{parent}::{constant}"),
        Some(module) => format!("{parent}::{module}::{constant}"),
        None => format!("{parent}::{constant}"),
    }
}

/// The path of a file's module.
fn home(file: &AttributeFile) -> String {
    match file.namespace.as_str() {
        "label" => "crate::metrics::label".to_owned(),
        namespace => format!("crate::{namespace}"),
    }
}

/// The constant of a metric.
pub(super) fn metric(file: &MetricFile, metric: &Metric) -> String {
    capitals(
        metric
            .name
            .strip_prefix(&file.constant_prefix)
            .unwrap_or(&metric.name),
    )
}

/// The constant of an event.
pub(super) fn event(name: &str) -> String {
    capitals(name)
}

/// The variant of a value: its words with a capital each.
pub(super) fn variant(value: &SetValue) -> String {
    if let Some(variant) = &value.variant {
        return variant.clone();
    }
    capitals(&value.value)
        .split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_string() + &letters.as_str().to_lowercase())
                .unwrap_or_default()
        })
        .collect()
}

/// Whether a set can be copied: an open one holds text of its own.
pub(super) fn is_closed(set: &Set) -> bool {
    set.open.is_none()
}

/// `mlflow.spanType` becomes `MLFLOW_SPAN_TYPE`.
fn capitals(key: &str) -> String {
    let mut name = String::with_capacity(key.len() + 4);
    let mut after_small = false;
    for letter in key.chars() {
        if letter.is_ascii_alphanumeric() {
            if letter.is_ascii_uppercase() && after_small {
                name.push('_');
            }
            name.push(letter.to_ascii_uppercase());
        } else {
            name.push('_');
        }
        after_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    name
}

/// The keys in braces of a span's name.
pub(super) fn placeholders(pattern: &str) -> impl Iterator<Item = &str> {
    pattern
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(key, _)| key))
}

/// Whether a key is words of small letters, digits and `_` with dots between them; with `camel_case`, capitals too.
pub(super) fn is_key(key: &str, camel_case: bool) -> bool {
    key.split('.').all(|part| {
        part.starts_with(|first: char| first.is_ascii_lowercase())
            && !part.ends_with('_')
            && !part.contains("__")
            && part.chars().all(|letter| {
                letter.is_ascii_lowercase()
                    || letter.is_ascii_digit()
                    || letter == '_'
                    || (camel_case && letter.is_ascii_uppercase())
            })
    })
}

/// Whether a name can be a constant.
pub(super) fn is_constant(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

/// Whether a name can be a type or a variant.
pub(super) fn is_type(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(value: &str) -> SetValue {
        SetValue {
            value: value.to_owned(),
            brief: String::new(),
            variant: None,
            aliases: Vec::new(),
        }
    }

    #[test]
    fn constants_follow_from_keys() {
        assert_eq!(
            capitals("usage.cache_read.input_tokens"),
            "USAGE_CACHE_READ_INPUT_TOKENS"
        );
        assert_eq!(capitals("chat.tokenUsage"), "CHAT_TOKEN_USAGE");
    }

    #[test]
    fn variants_follow_from_values() {
        for (text, expected) in [
            ("azure.ai.inference", "AzureAiInference"),
            ("CHAT_MODEL", "ChatModel"),
            ("LLM", "Llm"),
            ("resources/templates/list", "ResourcesTemplatesList"),
            ("logging/setLevel", "LoggingSetLevel"),
        ] {
            assert_eq!(variant(&value(text)), expected);
        }
    }

    #[test]
    fn keys_have_a_grammar() {
        for good in ["gen_ai.request.top_k", "agent", "gen_ai.usage.v2"] {
            assert!(is_key(good, false), "{good}");
        }
        for bad in [
            "", "a..b", ".a", "a.", "a.B", "a-b", "a_.b", "a__b", "1.a", "ä",
        ] {
            assert!(!is_key(bad, false), "{bad}");
        }
        assert!(is_key("mlflow.spanType", true));
        assert!(!is_key("mlflow.spanType", false));
    }
}
