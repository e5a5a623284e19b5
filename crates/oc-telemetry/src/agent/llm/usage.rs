//! Usage, as the conventions and MLflow write it.

use oc_semconv::gen_ai;
use opentelemetry::KeyValue;

use crate::{agent::Usage, value::IntoValue};

pub(super) fn attributes(usage: &Usage) -> Vec<KeyValue> {
    [
        (gen_ai::USAGE_INPUT_TOKENS, usage.known_input_tokens()),
        (gen_ai::USAGE_OUTPUT_TOKENS, usage.known_output_tokens()),
        (gen_ai::USAGE_CACHE_READ_INPUT_TOKENS, usage.cache_read()),
        (gen_ai::USAGE_CACHE_WRITE_INPUT_TOKENS, usage.cache_write()),
        // The name until October 2026; receivers still read it.
        (
            gen_ai::USAGE_CACHE_CREATION_INPUT_TOKENS,
            usage.cache_write(),
        ),
        (gen_ai::USAGE_REASONING_OUTPUT_TOKENS, usage.reasoning()),
    ]
    .into_iter()
    .filter_map(|(key, count)| Some(KeyValue::new(key, count?.into_value()?)))
    .collect()
}

/// As `mlflow.chat.tokenUsage` has it; `None` if nothing is known.
pub(super) fn to_mlflow(usage: &Usage) -> Option<String> {
    object([
        ("input_tokens", usage.known_input_tokens()),
        ("output_tokens", usage.known_output_tokens()),
        ("total_tokens", usage.known_total_tokens()),
        ("cache_read_input_tokens", usage.cache_read()),
        ("cache_creation_input_tokens", usage.cache_write()),
    ])
}

/// As `langfuse.observation.usage_details` has it; `None` if nothing is known.
pub(super) fn to_langfuse(usage: &Usage) -> Option<String> {
    object([
        ("input", usage.known_input_tokens()),
        ("output", usage.known_output_tokens()),
        ("total", usage.known_total_tokens()),
    ])
}

fn object<const N: usize>(counts: [(&str, Option<u64>); N]) -> Option<String> {
    let known: serde_json::Map<_, _> = counts
        .into_iter()
        .filter_map(|(key, count)| Some((key.to_owned(), count?.into())))
        .collect();
    (!known.is_empty()).then(|| serde_json::Value::Object(known).to_string())
}
