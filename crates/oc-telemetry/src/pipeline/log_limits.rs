use opentelemetry::logs::{AnyValue, LogRecord as _, Logger, LoggerProvider};
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLogger, SdkLoggerProvider};

use super::limits::cut;
use crate::config::LogLimits;

/// Applies the limits of log records: how many attributes, and how long their strings may be.
///
/// Specification, "`LogRecord` Limits". The SDK has none, and its records can only grow; one that
/// exceeds a limit is therefore rebuilt.
///
/// How many attributes were left out is not said: the SDK's record has no place for
/// `dropped_attributes_count`, and the encoder always writes zero.
#[derive(Debug, Clone)]
pub(crate) struct RecordLimits {
    attributes: usize,
    value_length: Option<usize>,
    blank: Blank,
}

impl RecordLimits {
    pub(crate) fn new(limits: LogLimits) -> Self {
        let to_usize = |limit| usize::try_from(limit).unwrap_or(usize::MAX);
        Self {
            attributes: to_usize(limits.attributes),
            value_length: limits.value_length.map(to_usize),
            blank: Blank::new(),
        }
    }

    /// The record with no more attributes than allowed. Their strings are still as long as they were.
    pub(crate) fn take(&self, record: &SdkLogRecord) -> SdkLogRecord {
        if record.attributes_iter().nth(self.attributes).is_none() {
            return record.clone();
        }
        let mut limited = self.blank.like(record);
        for (key, value) in record.attributes_iter().take(self.attributes) {
            limited.add_attribute(key.clone(), value.clone());
        }
        limited
    }

    /// Cuts the strings. Secrets must be gone by then: half a secret is not recognised.
    pub(crate) fn cut(&self, record: &mut SdkLogRecord) {
        if record.attributes_iter().all(|(_, value)| self.fits(value)) {
            return;
        }
        let mut limited = self.blank.like(record);
        for (key, value) in record.attributes_iter() {
            limited.add_attribute(key.clone(), self.short(value));
        }
        *record = limited;
    }

    /// Makes records for those that have to be rebuilt.
    pub(crate) fn blank(&self) -> &Blank {
        &self.blank
    }

    fn fits(&self, value: &AnyValue) -> bool {
        match (self.value_length, value) {
            (Some(limit), AnyValue::String(text)) => cut(text.as_str(), limit).is_none(),
            (Some(_), AnyValue::ListAny(values)) => values.iter().all(|value| self.fits(value)),
            (Some(_), AnyValue::Map(map)) => map.values().all(|value| self.fits(value)),
            _ => true,
        }
    }

    fn short(&self, value: &AnyValue) -> AnyValue {
        match (self.value_length, value) {
            (Some(limit), AnyValue::String(text)) => match cut(text.as_str(), limit) {
                Some(short) => AnyValue::String(short.to_owned().into()),
                None => value.clone(),
            },
            (Some(_), AnyValue::ListAny(values)) => {
                let values = values.iter().map(|value| self.short(value)).collect();
                AnyValue::ListAny(Box::new(values))
            }
            (Some(_), AnyValue::Map(map)) => {
                let map = map
                    .iter()
                    .map(|(key, value)| (key.clone(), self.short(value)))
                    .collect();
                AnyValue::Map(Box::new(map))
            }
            _ => value.clone(),
        }
    }
}

/// Makes records to be filled; nothing is emitted through it.
#[derive(Debug, Clone)]
pub(crate) struct Blank(SdkLogger);

impl Blank {
    pub(crate) fn new() -> Self {
        let provider = SdkLoggerProvider::builder()
            .with_resource(opentelemetry_sdk::Resource::builder_empty().build())
            .build();
        Self(provider.logger(""))
    }

    /// A record like this one, but for its attributes.
    pub(crate) fn like(&self, record: &SdkLogRecord) -> SdkLogRecord {
        let mut copy = self.0.create_log_record();
        if let Some(name) = record.event_name() {
            copy.set_event_name(name);
        }
        if let Some(target) = record.target() {
            copy.set_target(target.clone());
        }
        if let Some(timestamp) = record.timestamp() {
            copy.set_timestamp(timestamp);
        }
        if let Some(timestamp) = record.observed_timestamp() {
            copy.set_observed_timestamp(timestamp);
        }
        if let Some(text) = record.severity_text() {
            copy.set_severity_text(text);
        }
        if let Some(number) = record.severity_number() {
            copy.set_severity_number(number);
        }
        if let Some(body) = record.body() {
            copy.set_body(body.clone());
        }
        if let Some(context) = record.trace_context() {
            copy.set_trace_context(context.trace_id, context.span_id, context.trace_flags);
        }
        copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(attributes: u32, value_length: Option<u32>) -> RecordLimits {
        RecordLimits::new(LogLimits {
            attributes,
            value_length,
        })
    }

    fn record() -> SdkLogRecord {
        let mut record = limits(0, None).blank.0.create_log_record();
        record.set_body("a long body".into());
        record.set_event_name("event");
        record.add_attribute("a", "12345");
        record.add_attribute("b", AnyValue::ListAny(Box::new(vec!["12345".into()])));
        record.add_attribute("c", 12_345);
        record
    }

    fn apply(limits: &RecordLimits, record: &SdkLogRecord) -> SdkLogRecord {
        let mut limited = limits.take(record);
        limits.cut(&mut limited);
        limited
    }

    fn attributes(record: &SdkLogRecord) -> Vec<(&str, String)> {
        let attributes = record.attributes_iter();
        attributes
            .map(|(key, value)| (key.as_str(), format!("{value:?}")))
            .collect()
    }

    /// Strings are cut wherever they stand, numbers and the body are not.
    #[test]
    fn cuts_long_strings() {
        let limited = apply(&limits(10, Some(2)), &record());
        let text = format!("{:?}", attributes(&limited));
        assert!(text.contains("12"), "{text}");
        assert!(!text.contains("123\\"), "{text}");
        assert!(text.contains("12345"), "the number stays: {text}");
        assert_eq!(limited.body(), record().body());
        assert_eq!(limited.event_name(), Some("event"));
    }

    /// The first attributes are kept.
    #[test]
    fn limits_the_number() {
        let limited = apply(&limits(2, None), &record());
        let keys: Vec<_> = attributes(&limited).iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, ["a", "b"]);
    }

    /// Within the limits nothing changes.
    #[test]
    fn leaves_others_alone() {
        assert_eq!(apply(&limits(3, Some(5)), &record()), record());
    }
}
