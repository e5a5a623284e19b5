//! The attributes against the list of live GenAI attributes of October 2026.

use std::collections::BTreeMap;

use oc_semconv::Generation;
use oc_semconv::attributes::{self, Stability};

// Scenario: the list of live GenAI attributes at the revision the crate names.
// Guarantee: each is there with the same type, in that generation, and no other is.
#[test]
fn october_2026_is_whole() {
    let listed: BTreeMap<&str, &str> = include_str!("data/gen_ai_attributes.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    assert_eq!(listed.len(), 79);

    let ours: BTreeMap<&str, &str> = attributes::ALL
        .iter()
        .filter(|known| known.key.starts_with("gen_ai."))
        .filter(|known| known.generation.is_in(Generation::V2026_10))
        .map(|known| (known.key, known.value_type.as_str()))
        .collect();
    // The conventions describe the values of this one in words.
    assert_eq!(listed["gen_ai.tool.type"], "string");
    assert_eq!(ours, listed);
}

// Scenario: the generation of version 1.41.
// Guarantee: it has the 50 live keys of that version.
#[test]
fn version_1_41_is_whole() {
    let keys: Vec<&str> = attributes::ALL
        .iter()
        .filter(|known| known.key.starts_with("gen_ai."))
        .filter(|known| known.generation.is_in(Generation::V1_41))
        .map(|known| known.key)
        .collect();
    assert_eq!(keys.len(), 50, "{keys:#?}");
    for key in [
        "gen_ai.token.type",
        "gen_ai.usage.cache_creation.input_tokens",
    ] {
        assert!(keys.contains(&key), "{key}");
    }
}

// Scenario: names of before version 1.41.
// Guarantee: they are deprecated and belong to neither generation.
#[test]
fn names_of_the_past_are_marked() {
    let past: Vec<&str> = attributes::ALL
        .iter()
        .filter(|known| known.stability == Stability::Deprecated)
        .inspect(|known| {
            assert!(!known.generation.is_in(Generation::Both), "{}", known.key);
        })
        .map(|known| known.key)
        .collect();
    assert_eq!(past.len(), 10, "{past:#?}");
}

// Scenario: names of the past that are still sent or read on purpose.
// Guarantee: they can be used without a warning, and are the same as the deprecated constants.
#[test]
#[expect(deprecated, reason = "compares the constants with their kept doubles")]
fn kept_names_are_the_same() {
    use oc_semconv::gen_ai::{self, legacy};

    assert_eq!(gen_ai::SYSTEM, legacy::SYSTEM);
    assert_eq!(gen_ai::PROMPT, legacy::PROMPT);
    assert_eq!(gen_ai::COMPLETION, legacy::COMPLETION);
    assert_eq!(gen_ai::USAGE_PROMPT_TOKENS, legacy::USAGE_PROMPT_TOKENS);
    assert_eq!(
        gen_ai::USAGE_COMPLETION_TOKENS,
        legacy::USAGE_COMPLETION_TOKENS
    );
}

// Scenario: keys that MLflow and others have for their own records.
// Guarantee: none of them passes for an attribute of a span.
#[test]
fn keys_of_records_are_no_attributes() {
    for key in [
        oc_semconv::mlflow::metadata::TRACE_SESSION,
        oc_semconv::mlflow::metadata::TRACE_COST,
        oc_semconv::mlflow::tag::TRACE_NAME,
        oc_semconv::metrics::label::EXPERIMENT_ID,
    ] {
        assert_eq!(attributes::find(key), None, "{key}");
    }
}
