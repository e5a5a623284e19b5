use std::{
    collections::{BTreeMap, HashMap},
    error::Error,
    process::Command,
    time::SystemTime,
};

use opentelemetry::{
    Key, KeyValue, SpanId, TraceFlags, TraceId,
    logs::{AnyValue, Logger, LoggerProvider, Severity},
};
use opentelemetry_proto::{
    tonic::{
        collector::logs::v1::ExportLogsServiceRequest,
        logs::v1::{LogRecord as ProtoRecord, ResourceLogs},
    },
    transform::logs::tonic::group_logs_by_resource_and_scope,
};
use opentelemetry_sdk::logs::SdkLoggerProvider;
use prost::Message;

use super::*;
use crate::encode::EstimateSize;

type Record = (SdkLogRecord, InstrumentationScope);

/// The decoded request holds what the ecosystem's conversion makes of the same records.
#[test]
fn records_equal_the_oracle() {
    let records = sample();
    let encoder = LogEncoder::new(&resource()).unwrap();

    let payload = encoder.encode(&records).unwrap().unwrap();

    assert_eq!(payload.signal(), Signal::Logs);
    assert_eq!(payload.items(), records.len() as u64);
    assert_eq!(decode(&payload), oracle(&records));
}

/// A record's size is never estimated below what it takes without its scope, nor far above.
#[test]
fn estimates_are_close_upper_bounds() {
    let encoder = LogEncoder::new(&resource()).unwrap();
    let size = |records: &[Record]| encoder.encode(records).unwrap().unwrap().body().len();
    let large = record(|record| {
        record.set_body("x".repeat(100_000).into());
        let list = (0..1000).map(|n| AnyValue::Map(Box::new([(Key::from("k"), n.into())].into())));
        record.add_attribute("list", AnyValue::ListAny(Box::new(list.collect())));
    });
    for record in sample().into_iter().chain([large]) {
        // The second one adds nothing but itself.
        let one = size(std::slice::from_ref(&record));
        let added = size(&[record.clone(), record.clone()]) - one;
        let estimate = record.estimated_size();
        assert!(added <= estimate + 8, "{added} estimated at {estimate}");
        assert!(
            estimate < 6 * added + 200,
            "{added} estimated at {estimate}"
        );
    }
}

/// Whatever the environment says, valid or not, the result is the same plain protobuf.
#[test]
fn the_environment_changes_nothing() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "encode::logs::tests::records_equal_the_oracle"])
        .env("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
        .env(
            "OTEL_EXPORTER_OTLP_HEADERS",
            "content-encoding=br,authorization=secret",
        )
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "not a uri")
        .env("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "::")
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        .env("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json")
        .env("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "soon")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{output}");
    assert!(output.contains("1 passed"), "{output}");
}

/// With the exporter compressing, as the environment can make it, the result is plain all the same.
#[test]
fn gzip_is_undone() {
    let records = sample();
    let encoder = LogEncoder::build(&resource(), Some(Compression::Gzip)).unwrap();

    let borrowed: Vec<_> = records
        .iter()
        .map(|(record, scope)| (record, scope))
        .collect();
    let exporter = encoder.exporter.lock().unwrap();
    let outcome = exporter.export(LogBatch::new(&borrowed)).now_or_never();
    outcome.unwrap().unwrap();
    drop(exporter);
    let captured = encoder.client.take().unwrap();
    assert_eq!(captured.first(), Some(&0x1f), "the exporter compresses");

    let payload = encoder.encode(&records).unwrap().unwrap();
    assert_eq!(decode(&payload), oracle(&records));
}

/// A record without an observed time, on which the exporter alone would panic, is encoded beside
/// others.
#[test]
fn an_undated_record_is_encoded() {
    let at = |secs| UNIX_EPOCH + Duration::from_secs(secs);
    let mut observed = record(|_| {});
    observed.0.set_observed_timestamp(at(1));
    let mut timed = record(|_| {});
    timed.0.set_timestamp(at(2));
    let undated = record(|_| {});
    let records = [undated, observed, timed];
    let encoder = LogEncoder::new(&resource()).unwrap();

    let payload = encoder.encode(&records).unwrap().unwrap();

    let request = ExportLogsServiceRequest::decode(payload.body().clone()).unwrap();
    let sent = &request.resource_logs[0].scope_logs[0].log_records;
    let observed: Vec<u64> = sent.iter().map(|r| r.observed_time_unix_nano).collect();
    assert_eq!(observed, [0, 1_000_000_000, 2_000_000_000]);
}

/// No records, no payload; and each batch gets its own bytes, not those of the batch before.
#[test]
fn batches_do_not_mix() {
    let encoder = LogEncoder::new(&resource()).unwrap();
    let records = sample();
    let (first, second) = records.split_at(1);

    assert_eq!(
        decode(&encoder.encode(first).unwrap().unwrap()),
        oracle(first)
    );
    assert!(encoder.encode(&[]).unwrap().is_none());
    assert_eq!(
        decode(&encoder.encode(second).unwrap().unwrap()),
        oracle(second)
    );
}

/// A batch that the exporter refuses for its size is an error with its cause, and the next one is
/// encoded.
#[test]
fn a_refused_batch_is_an_error() {
    let body = "x".repeat(body::MAX_BYTES);
    let huge = [record(|r| r.set_body(AnyValue::String(body.into())))];
    let encoder = LogEncoder::new(&resource()).unwrap();

    let error = encoder.encode(&huge).unwrap_err();

    assert_eq!(error.kind(), EncodeLogsErrorKind::Exporter);
    assert!(error.source().is_some());
    let records = sample();
    assert_eq!(
        decode(&encoder.encode(&records).unwrap().unwrap()),
        oracle(&records)
    );
}

/// Threads that encode at the same time each get their own records back.
#[test]
fn threads_do_not_mix() {
    let encoder = LogEncoder::new(&resource()).unwrap();
    std::thread::scope(|threads| {
        for n in 0..4 {
            let encoder = &encoder;
            threads.spawn(move || {
                let records = vec![dated(|r| r.set_body(AnyValue::Int(n))); 3];
                for _ in 0..50 {
                    let payload = encoder.encode(&records).unwrap().unwrap();
                    assert_eq!(decode(&payload), oracle(&records));
                }
            });
        }
    });
}

/// The encoder's debug output shows nothing of what the exporter took from the environment.
#[test]
fn debug_shows_no_headers() {
    let encoder = LogEncoder::new(&resource()).unwrap();
    assert_eq!(format!("{encoder:?}"), "LogEncoder { .. }");
}

fn resource() -> Resource {
    Resource::builder_empty()
        .with_schema_url(
            [
                KeyValue::new("service.name", "gateway"),
                KeyValue::new("n", 1),
            ],
            "https://example.com/schema",
        )
        .build()
}

/// Records of three scopes, with and without target, with every kind of value.
fn sample() -> Vec<Record> {
    let versioned = InstrumentationScope::builder("lib")
        .with_version("1.0")
        .with_schema_url("https://example.com/scope")
        .with_attributes([KeyValue::new("part", "tools")])
        .build();
    let map = HashMap::from([(Key::new("inner"), AnyValue::Boolean(true))]);
    let list = vec![AnyValue::Int(1), AnyValue::String("two".into())];
    let mut records = vec![
        dated(|r| {
            r.set_timestamp(UNIX_EPOCH + Duration::new(1_700_000_000, 5));
            r.set_severity_number(Severity::Warn2);
            r.set_severity_text("WARN");
            r.set_body(AnyValue::String("something happened".into()));
            r.set_event_name("tool.call");
            r.set_target("gateway::tools");
            let flags = Some(TraceFlags::SAMPLED);
            r.set_trace_context(TraceId::from(7), SpanId::from(9), flags);
            r.add_attribute("int", -1);
            r.add_attribute("double", 0.5);
            r.add_attribute("bytes", AnyValue::Bytes(Box::new(vec![0, 255])));
            r.add_attribute("map", AnyValue::Map(Box::new(map)));
            r.add_attribute("list", AnyValue::ListAny(Box::new(list)));
            r.add_attribute("empty", "");
        }),
        dated(|_| {}),
        dated(|r| r.set_body(AnyValue::String("x".repeat(20_000).into()))),
        dated(|r| {
            r.set_timestamp(UNIX_EPOCH - Duration::from_secs(1));
            r.set_target("gateway::tools");
        }),
    ];
    records[2].1 = versioned;
    records
}

fn dated(fill: impl FnOnce(&mut SdkLogRecord)) -> Record {
    let observed: SystemTime = UNIX_EPOCH + Duration::from_secs(1_700_000_001);
    record(|r| {
        r.set_observed_timestamp(observed);
        fill(r);
    })
}

fn record(fill: impl FnOnce(&mut SdkLogRecord)) -> Record {
    let provider = SdkLoggerProvider::builder().build();
    let mut record = provider.logger("").create_log_record();
    fill(&mut record);
    (record, InstrumentationScope::builder("lib").build())
}

/// A request without its order: resource and records by scope, both sorted.
type Comparable = (String, BTreeMap<String, Vec<ProtoRecord>>);

fn decode(payload: &Payload) -> Comparable {
    let request = ExportLogsServiceRequest::decode(payload.body().clone()).unwrap();
    comparable(request.resource_logs)
}

fn oracle(records: &[Record]) -> Comparable {
    let borrowed: Vec<_> = records
        .iter()
        .map(|(record, scope)| (record, scope))
        .collect();
    let batch = LogBatch::new(&borrowed);
    comparable(group_logs_by_resource_and_scope(
        &batch,
        &(&resource()).into(),
    ))
}

fn comparable(resource_logs: Vec<ResourceLogs>) -> Comparable {
    let [mut logs] = <[ResourceLogs; 1]>::try_from(resource_logs).unwrap();
    let mut resource = logs.resource.take().unwrap();
    resource.attributes.sort_by(|a, b| a.key.cmp(&b.key));
    let scopes = logs.scope_logs.into_iter().map(|group| {
        let scope = format!("{:?} {}", group.scope, group.schema_url);
        (scope, group.log_records)
    });
    (
        format!("{resource:?} {}", logs.schema_url),
        scopes.collect(),
    )
}
