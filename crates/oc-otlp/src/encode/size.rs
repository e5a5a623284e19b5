use opentelemetry::{Array, InstrumentationScope, KeyValue, Value, logs::AnyValue, trace::Status};
use opentelemetry_sdk::{logs::SdkLogRecord, trace::SpanData};

/// How many bytes an item takes once it is encoded: an estimate, made without encoding.
///
/// Here it is never too low, but for an instrumentation scope, which neighbours usually share.
/// [`encode_bounded`](super::encode_bounded) cuts by it first and measures afterwards, so that one
/// that is wrong costs time and changes no result.
pub trait EstimateSize {
    /// The estimate.
    fn estimated_size(&self) -> usize;
}

impl EstimateSize for SpanData {
    fn estimated_size(&self) -> usize {
        let events = self.events.events.iter().map(|event| {
            EVENT.saturating_add(event.name.len()) + attributes_size(&event.attributes)
        });
        let links = self.links.links.iter().map(|link| {
            LINK + link.span_context.trace_state().header().len()
                + attributes_size(&link.attributes)
        });
        let status = match &self.status {
            Status::Error { description } => description.len(),
            _ => 0,
        };
        SPAN + self.name.len()
            + self.span_context.trace_state().header().len()
            + attributes_size(&self.attributes)
            + events.sum::<usize>()
            + links.sum::<usize>()
            + status
    }
}

impl EstimateSize for (SdkLogRecord, InstrumentationScope) {
    fn estimated_size(&self) -> usize {
        let (record, _) = self;
        let attributes = record
            .attributes_iter()
            .map(|(key, value)| ATTRIBUTE + key.as_str().len() + any_size(value));
        LOG_RECORD
            + record.body().map_or(0, any_size)
            + record.event_name().map_or(0, str::len)
            + record.severity_text().map_or(0, str::len)
            + attributes.sum::<usize>()
    }
}

fn attributes_size(attributes: &[KeyValue]) -> usize {
    attributes
        .iter()
        .map(|attribute| ATTRIBUTE + attribute.key.as_str().len() + value_size(&attribute.value))
        .sum()
}

fn value_size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::Bool(values)) => values.len() * BOOL_ELEMENT,
        Value::Array(Array::I64(values)) => values.len() * NUMBER_ELEMENT,
        Value::Array(Array::F64(values)) => values.len() * NUMBER_ELEMENT,
        Value::Array(Array::String(texts)) => {
            let texts = texts.iter().map(|text| ELEMENT + text.as_str().len());
            texts.sum()
        }
        _ => NUMBER_ELEMENT,
    }
}

fn any_size(value: &AnyValue) -> usize {
    match value {
        AnyValue::String(text) => text.as_str().len(),
        AnyValue::Bytes(bytes) => bytes.len(),
        AnyValue::ListAny(values) => values.iter().map(|value| ELEMENT + any_size(value)).sum(),
        AnyValue::Map(entries) => entries
            .iter()
            .map(|(key, value)| ATTRIBUTE + key.as_str().len() + any_size(value))
            .sum(),
        _ => NUMBER_ELEMENT,
    }
}

// What stands around texts at most: keys of fields, lengths, numbers. A length takes up to five
// bytes.

/// Ids, times, flags, counts of what was dropped, status, and the lengths of all that.
const SPAN: usize = 128;
const EVENT: usize = 40;
const LINK: usize = 64;
const LOG_RECORD: usize = 128;
/// A `KeyValue` with its key and its value, and an array or a map in it.
const ATTRIBUTE: usize = 36;
const ELEMENT: usize = 18;
const BOOL_ELEMENT: usize = 4;
const NUMBER_ELEMENT: usize = 13;
