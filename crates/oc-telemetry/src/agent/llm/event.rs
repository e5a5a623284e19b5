//! The event `gen_ai.client.inference.operation.details`: a model call with its content, as a log
//! record, for those who want content in events rather than on spans.

use opentelemetry::{
    Key, KeyValue, Value,
    logs::{AnyValue, LogRecord as _, Logger as _, Severity},
};
use serde_json::Value as Json;

use crate::agent::{Agents, open::Open};

/// What the event says; collected while the call is open.
#[derive(Debug, Default)]
pub(super) struct Details {
    content: Vec<(&'static str, Json)>,
}

impl Details {
    /// Keeps content that may stand in events. A later one of the same key wins.
    pub(super) fn add(&mut self, key: &'static str, content: Json) {
        self.content.retain(|(other, _)| *other != key);
        self.content.push((key, content));
    }

    /// Emits the event below the call, if there is content for it.
    pub(super) fn emit(self, agents: &Agents, open: &Open, attributes: Vec<KeyValue>) {
        let Some(logger) = agents.logger().filter(|_| !self.content.is_empty()) else {
            return;
        };
        let mut record = logger.create_log_record();
        record.set_event_name(oc_semconv::event::GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS);
        record.set_severity_number(Severity::Debug);
        record.set_severity_text("DEBUG");
        for KeyValue { key, value, .. } in attributes {
            record.add_attribute(key, scalar(value));
        }
        for (key, content) in self.content {
            // Cut where the attributes of spans are, and structured as events allow it.
            let content = serde_json::from_str(&agents.json(content)).unwrap_or(Json::Null);
            record.add_attribute(Key::from_static_str(key), any(content));
        }
        open.scope(|| logger.emit(record));
    }
}

fn scalar(value: Value) -> AnyValue {
    match value {
        Value::Bool(value) => AnyValue::Boolean(value),
        Value::I64(value) => AnyValue::Int(value),
        Value::F64(value) => AnyValue::Double(value),
        Value::String(value) => AnyValue::String(value),
        other => AnyValue::String(other.to_string().into()),
    }
}

/// JSON as log records have it. Its depth is bounded by the parser that it came from.
fn any(json: Json) -> AnyValue {
    match json {
        Json::Null => AnyValue::String("".into()),
        Json::Bool(value) => AnyValue::Boolean(value),
        Json::Number(number) => match number.as_i64() {
            Some(value) => AnyValue::Int(value),
            None => AnyValue::Double(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => AnyValue::String(text.into()),
        Json::Array(items) => AnyValue::ListAny(Box::new(items.into_iter().map(any).collect())),
        Json::Object(members) => AnyValue::Map(Box::new(
            members
                .into_iter()
                .map(|(key, value)| (Key::from(key), any(value)))
                .collect(),
        )),
    }
}
