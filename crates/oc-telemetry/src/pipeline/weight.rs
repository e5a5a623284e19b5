use std::{borrow::Cow, mem::size_of};

use opentelemetry::{Array, Key, KeyValue, StringValue, Value, logs::AnyValue, trace::Status};
use opentelemetry_sdk::trace::SpanData;

use super::logs::ScopedRecord;

/// How much memory an item takes: an estimate in bytes, cheap enough for the thread that records.
///
/// It counts what may grow without bound (texts, lists, their number) and leaves out the spare room
/// of vectors and the allocator's own. Encoded, an item is smaller.
pub(crate) trait Weigh {
    fn weight(&self) -> usize;
}

impl Weigh for SpanData {
    fn weight(&self) -> usize {
        let events =
            self.events.events.iter().map(|event| {
                size_of_val(event) + owned(&event.name) + attributes(&event.attributes)
            });
        let links = self
            .links
            .links
            .iter()
            .map(|link| size_of_val(link) + attributes(&link.attributes));
        let status = match &self.status {
            Status::Error { description } => owned(description),
            _ => 0,
        };
        size_of::<Self>()
            + owned(&self.name)
            + attributes(&self.attributes)
            + events.sum::<usize>()
            + links.sum::<usize>()
            + status
    }
}

impl Weigh for ScopedRecord {
    fn weight(&self) -> usize {
        let (record, _) = self;
        let attributes = record.attributes_iter();
        size_of::<Self>()
            + record.body().map_or(0, any)
            + record.target().map_or(0, owned)
            + attributes
                .map(|(key, value)| pair(key, value))
                .sum::<usize>()
    }
}

fn attributes(attributes: &[KeyValue]) -> usize {
    attributes
        .iter()
        .map(|attribute| {
            size_of::<KeyValue>() + attribute.key.as_str().len() + value(&attribute.value)
        })
        .sum()
}

fn value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::Bool(values)) => size_of_val(values.as_slice()),
        Value::Array(Array::I64(values)) => size_of_val(values.as_slice()),
        Value::Array(Array::F64(values)) => size_of_val(values.as_slice()),
        Value::Array(Array::String(texts)) => texts
            .iter()
            .map(|text| size_of::<StringValue>() + text.as_str().len())
            .sum(),
        _ => 0,
    }
}

fn any(value: &AnyValue) -> usize {
    match value {
        AnyValue::String(text) => text.as_str().len(),
        AnyValue::Bytes(bytes) => bytes.len(),
        AnyValue::ListAny(values) => values
            .iter()
            .map(|value| size_of::<AnyValue>() + any(value))
            .sum(),
        AnyValue::Map(map) => map.iter().map(|(key, value)| pair(key, value)).sum(),
        _ => 0,
    }
}

fn pair(key: &Key, value: &AnyValue) -> usize {
    size_of::<(Key, AnyValue)>() + key.as_str().len() + any(value)
}

/// A borrowed text is part of the program.
#[expect(clippy::ptr_arg, reason = "it matters whether it is borrowed")]
fn owned(text: &Cow<'static, str>) -> usize {
    match text {
        Cow::Borrowed(_) => 0,
        Cow::Owned(text) => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use opentelemetry::{
        InstrumentationScope,
        logs::{LogRecord, Logger, LoggerProvider},
        trace::{Event, Link, SpanContext},
    };
    use opentelemetry_sdk::logs::SdkLoggerProvider;

    use super::*;
    use crate::pipeline::test_span::test_span;

    const BIG: usize = 1_000_000;

    fn big() -> String {
        "x".repeat(BIG)
    }

    /// Wherever a span may hold a long text or a long list, it weighs.
    #[test]
    fn every_part_of_a_span_counts() {
        let text = || vec![KeyValue::new("k", big())];
        let list = |array| vec![KeyValue::new("k", Value::Array(array))];
        let now = SystemTime::UNIX_EPOCH;
        let changes: [&dyn Fn(&mut SpanData); 9] = [
            &|span| span.name = big().into(),
            &|span| span.attributes = text(),
            &|span| span.attributes = vec![KeyValue::new(big(), 1)],
            &|span| span.attributes = list(Array::String(vec![big().into()])),
            &|span| span.attributes = list(Array::Bool(vec![true; BIG])),
            &|span| span.events.events = vec![Event::new("e", now, text(), 0)],
            &|span| span.events.events = vec![Event::new(big(), now, Vec::new(), 0)],
            &|span| span.links.links = vec![Link::new(SpanContext::NONE, text(), 0)],
            &|span| span.status = Status::error(big()),
        ];
        assert!(test_span(1, "s", 0).weight() < 1000);
        for (index, change) in changes.into_iter().enumerate() {
            let mut span = test_span(1, "s", 0);
            change(&mut span);
            let weight = span.weight();
            assert!((BIG..BIG + 1000).contains(&weight), "{index}: {weight}");
        }
    }

    /// And so does a log record.
    #[test]
    fn every_part_of_a_record_counts() {
        let logger = SdkLoggerProvider::builder().build().logger("");
        let scope = InstrumentationScope::default();
        let weigh = |change: &dyn Fn(&mut opentelemetry_sdk::logs::SdkLogRecord)| {
            let mut record = logger.create_log_record();
            change(&mut record);
            (record, scope.clone()).weight()
        };
        assert!(weigh(&|_| {}) < 2000);
        let list = || AnyValue::ListAny(Box::new(vec![big().into()]));
        let map = || AnyValue::Map(Box::new([(Key::from("k"), list())].into()));
        for weight in [
            weigh(&|record| record.set_body(big().into())),
            weigh(&|record| record.set_body(AnyValue::Bytes(Box::new(vec![0; BIG])))),
            weigh(&|record| record.set_target(big())),
            weigh(&|record| record.add_attribute("k", map())),
        ] {
            assert!((BIG..BIG + 2000).contains(&weight), "{weight}");
        }
    }
}
