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

/// As `mlflow.chat.tokenUsage` has it.
pub(super) fn to_mlflow(usage: &Usage) -> String {
    let mut object = serde_json::Map::new();
    let (input, output) = (usage.input_tokens(), usage.output_tokens());
    object.insert("input_tokens".into(), input.into());
    object.insert("output_tokens".into(), output.into());
    object.insert("total_tokens".into(), input.saturating_add(output).into());
    if let Some(read) = usage.cache_read() {
        object.insert("cache_read_input_tokens".into(), read.into());
    }
    if let Some(write) = usage.cache_write() {
        object.insert("cache_creation_input_tokens".into(), write.into());
    }
    serde_json::Value::Object(object).to_string()
}
