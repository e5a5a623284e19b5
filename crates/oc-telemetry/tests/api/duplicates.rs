//! Attributes that are set twice: on the wire a key stands once, with the value that came last.
//!
//! OpenTelemetry specification, "Attribute Collections": exported keys are unique.

use std::time::SystemTime;

use oc_telemetry::{
    opentelemetry::{
        KeyValue, Value,
        logs::{LogRecord, Logger, LoggerProvider},
        trace::{
            Link, Span, SpanContext, SpanId, TraceFlags, TraceId, TraceState, Tracer,
            TracerProvider,
        },
    },
    testing::OtlpReceiver,
};

use crate::support::{PATIENCE, PROTOCOLS, to};

/// Spans, their events and their links, with few attributes and with many.
#[test]
fn of_spans_events_and_links() {
    for protocol in PROTOCOLS {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = to(&receiver, protocol).build().unwrap();
        let tracer = telemetry.tracer_provider().unwrap().tracer("test");
        let linked = SpanContext::new(
            TraceId::from(1),
            SpanId::from(2),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        );
        for count in [3, 40] {
            let twice = twice(count);
            let builder = tracer.span_builder("work");
            let builder = builder.with_links(vec![Link::new(linked.clone(), twice.clone(), 0)]);
            let mut span = builder.with_attributes(twice.clone()).start(&tracer);
            span.add_event_with_timestamp("event", SystemTime::now(), twice.clone());
            span.set_attribute(KeyValue::new("0", -1));
            span.end();
        }
        assert!(telemetry.flush(PATIENCE).is_complete());

        let requests = receiver.requests();
        let spans: Vec<_> = requests
            .iter()
            .filter_map(|request| request.traces())
            .flat_map(|request| &request.resource_spans)
            .flat_map(|resource| &resource.scope_spans)
            .flat_map(|scope| &scope.spans)
            .collect();
        assert_eq!(spans.len(), 2);
        for (span, count) in spans.iter().zip([3, 40]) {
            let mut first_changed = once(count);
            first_changed[0].1 = "Some(IntValue(-1))".to_owned();
            assert_eq!(pairs!(&span.attributes), first_changed);
            assert_eq!(pairs!(&span.events[0].attributes), once(count));
            assert_eq!(pairs!(&span.links[0].attributes), once(count));
        }
    }
}

/// Log records.
#[test]
fn of_log_records() {
    for protocol in PROTOCOLS {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = to(&receiver, protocol).build().unwrap();
        let logger = telemetry.logger_provider().unwrap().logger("test");
        for count in [3, 40] {
            let mut record = logger.create_log_record();
            record.set_body("done".into());
            record.set_target("target");
            record.set_severity_text("INFO");
            for attribute in twice(count) {
                let Value::I64(number) = attribute.value else {
                    panic!("a number");
                };
                record.add_attribute(attribute.key, number);
            }
            logger.emit(record);
        }
        assert!(telemetry.flush(PATIENCE).is_complete());

        let requests = receiver.requests();
        let mut records: Vec<_> = requests
            .iter()
            .filter_map(|request| request.logs())
            .flat_map(|request| &request.resource_logs)
            .flat_map(|resource| &resource.scope_logs)
            .flat_map(|scope| &scope.log_records)
            .collect();
        records.sort_by_key(|record| record.attributes.len());
        assert_eq!(records.len(), 2);
        for (record, count) in records.iter().zip([3, 40]) {
            assert_eq!(pairs!(&record.attributes), once(count));
            assert_eq!(record.severity_text, "INFO");
            assert!(record.observed_time_unix_nano > 0);
        }
        assert!(receiver.logs().iter().all(|log| log.body == "done"));
    }
}

/// Attributes of the wire, as they stand there.
macro_rules! pairs {
    ($attributes:expr) => {
        $attributes
            .iter()
            .map(|attribute| {
                let value = attribute.value.as_ref().map(|value| &value.value);
                let value = value.unwrap_or(&None);
                (attribute.key.clone(), format!("{value:?}"))
            })
            .collect::<Vec<_>>()
    };
}
use pairs;

/// Each key with a wrong value, and then with the right one.
fn twice(count: i64) -> Vec<KeyValue> {
    (0..count)
        .map(|n| KeyValue::new(n.to_string(), 1000 + n))
        .chain((0..count).map(|n| KeyValue::new(n.to_string(), n)))
        .collect()
}

fn once(count: i64) -> Vec<(String, String)> {
    (0..count)
        .map(|n| (n.to_string(), format!("Some(IntValue({n}))")))
        .collect()
}
