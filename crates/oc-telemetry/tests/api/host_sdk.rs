//! Beside a host that owns its SDK: each part of ours in the host's providers, alone.

use std::{
    fs,
    time::{Duration, Instant},
};

use oc_telemetry::{
    Recorder, Signal, Telemetry, TelemetryBuilder,
    config::{Lookup, Protocol},
    opentelemetry::{
        metrics::MeterProvider,
        trace::{Tracer, TracerProvider},
    },
    opentelemetry_sdk::{
        Resource, logs::SdkLoggerProvider, metrics::SdkMeterProvider, trace::SdkTracerProvider,
    },
    testing::{OtlpReceiver, Script},
    tracing_subscriber::{self, layer::SubscriberExt},
    with_span,
};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use serde_json::Value;
use tracing::subscriber::with_default;

use crate::support::{PROTOCOLS, alone, counts, expect_all, record, sample, to};

/// The span processor in the host's tracer provider; nothing else of ours is used. What arrives
/// is the host's: its resource, its scope.
#[test]
fn the_span_processor() {
    for protocol in PROTOCOLS {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = beside_a_host(&receiver, protocol).build().unwrap();
        assert!(telemetry.tracer_provider().is_none());
        let provider = SdkTracerProvider::builder()
            .with_resource(host_resource())
            .with_span_processor(telemetry.span_processor().unwrap())
            .build();
        provider.tracer("host").in_span("work", |_| {});
        provider.shutdown().unwrap();
        let report = telemetry.shutdown();
        assert!(report.is_complete(), "{report}");
        let spans = receiver.spans();
        assert_eq!(spans.len(), 1);
        assert_eq!(spans[0].service(), Some("host"));
        assert_eq!(spans[0].scope.name, "host");
    }
}

/// `with_span!` recorded by a tracer of the host's.
#[test]
fn a_recorder_of_the_hosts() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = beside_a_host(&receiver, Protocol::HttpProtobuf)
        .build()
        .unwrap();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(telemetry.span_processor().unwrap())
        .build();
    let recorder = Recorder::new(provider.tracer("host"));
    recorder.scope(|| with_span!("outer", { with_span!("inner", {}) }));
    assert!(telemetry.shutdown().is_complete());
    let names: Vec<_> = receiver.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["inner", "outer"]);
}

/// Both readers in the host's meter provider: one increment, equal through both.
#[test]
fn the_metric_readers() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = beside_a_host(&receiver, Protocol::Grpc)
        .without_prometheus_listener()
        .build()
        .unwrap();
    assert!(telemetry.meter_provider().is_none());
    let provider = SdkMeterProvider::builder()
        .with_resource(host_resource())
        .with_reader(telemetry.metric_reader().unwrap())
        .with_reader(telemetry.take_prometheus_reader().unwrap())
        .build();
    assert!(telemetry.take_prometheus_reader().is_none(), "given away");
    let things = provider.meter("host").u64_counter("things").build();
    things.add(5, &[]);
    let page = telemetry.metrics_page().unwrap().render().unwrap();
    assert_eq!(sample(&page, "things_total"), Some(5.0));
    assert!(telemetry.shutdown().is_complete());
    let points = receiver.metrics();
    assert_eq!(points.len(), 1);
    assert_eq!(points[0].number(), Some(5.0));
    assert_eq!(points[0].resource["service.name"], "host");
}

/// The log processor in the host's logger provider, under the host's own bridge.
#[test]
fn the_log_processor() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = beside_a_host(&receiver, Protocol::HttpProtobuf)
        .build()
        .unwrap();
    assert!(telemetry.logger_provider().is_none());
    let provider = SdkLoggerProvider::builder()
        .with_resource(host_resource())
        .with_log_processor(telemetry.log_processor().unwrap())
        .build();
    let bridge = OpenTelemetryTracingBridge::new(&provider);
    let subscriber = tracing_subscriber::registry().with(bridge);
    with_default(subscriber, || tracing::info!("done"));
    assert!(telemetry.shutdown().is_complete());
    let logs = receiver.logs();
    assert_eq!(logs.len(), 1);
    assert_eq!(logs[0].body, "done");
    assert_eq!(logs[0].resource["service.name"], "host");
}

/// The layer in the host's subscriber: lines of our log file with the ids of the host's spans.
#[test]
fn the_log_layer() {
    let folder = tempfile::tempdir().unwrap();
    let telemetry = Telemetry::builder("gateway")
        .with_environment(Lookup::empty())
        .with_host_sdk()
        .without_prometheus()
        .with_log_dir(folder.path())
        .build()
        .unwrap();
    let provider = SdkTracerProvider::builder().build();
    let tracer = provider.tracer("host");
    let subscriber = tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(tracer.clone()))
        .with(telemetry.tracing_layer());
    let id = with_default(subscriber, || {
        tracer.in_span("work", |cx| {
            use oc_telemetry::opentelemetry::trace::TraceContextExt;

            tracing::info!("done");
            cx.span().span_context().span_id().to_string()
        })
    });
    assert_eq!(telemetry.shutdown().lost_log_lines, 0);
    let text = fs::read_to_string(telemetry.log_file().unwrap()).unwrap();
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&line["msg"], &line["span_id"]),
        (&"done".into(), &id.into())
    );
}

/// The host's flush and shutdown do not wait for our destinations, whatever those do.
#[test]
fn the_host_never_waits() {
    let receiver = OtlpReceiver::start().unwrap();
    receiver.respond_always(Script::hang());
    let telemetry = beside_a_host(&receiver, Protocol::HttpProtobuf)
        .build()
        .unwrap();
    let spans = SdkTracerProvider::builder()
        .with_span_processor(telemetry.span_processor().unwrap())
        .build();
    let metrics = SdkMeterProvider::builder()
        .with_reader(telemetry.metric_reader().unwrap())
        .build();
    spans.tracer("host").in_span("work", |_| {});
    let started = Instant::now();
    spans.force_flush().unwrap();
    metrics.force_flush().unwrap();
    spans.shutdown().unwrap();
    metrics.shutdown().unwrap();
    assert!(started.elapsed() < Duration::from_secs(3));
    let report = telemetry.shutdown_within(Duration::from_millis(200));
    assert_eq!(counts(&report.destinations, Signal::Traces).created, 1);
}

/// The host ends last: what it still records is counted, not sent, and nothing panics.
#[test]
fn the_host_ends_last() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = beside_a_host(&receiver, Protocol::HttpProtobuf)
        .build()
        .unwrap();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(telemetry.span_processor().unwrap())
        .build();
    let _ = telemetry.shutdown();
    provider.tracer("host").in_span("late", |_| {});
    provider.shutdown().unwrap();
    let ledger = telemetry.ledger();
    let counts = counts(&ledger, Signal::Traces);
    assert_eq!((counts.created, counts.dropped_total()), (1, 1));
    assert!(receiver.spans().is_empty());
}

/// A part that the host has no use for costs nothing and is no loss.
#[test]
fn nothing_used_at_all() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = beside_a_host(&receiver, Protocol::HttpProtobuf)
        .build()
        .unwrap();
    let report = telemetry.shutdown();
    assert!(report.is_complete(), "{report}");
    assert!(receiver.requests().is_empty());
}

/// Without a destination there is nothing to add.
#[test]
fn nothing_to_add() {
    let telemetry = alone().with_host_sdk().build().unwrap();
    assert!(telemetry.span_processor().is_none());
    assert!(telemetry.log_processor().is_none());
    assert!(telemetry.metric_reader().is_none());
}

/// An instance with providers of its own lends its processor to a host's provider as well.
#[test]
fn beside_providers_of_our_own() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, Protocol::HttpProtobuf).build().unwrap();
    record(&telemetry);
    assert!(telemetry.flush(crate::support::PATIENCE).is_complete());
    expect_all(&receiver);
    receiver.clear();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(telemetry.span_processor().unwrap())
        .build();
    provider.tracer("host").in_span("theirs", |_| {});
    assert!(telemetry.shutdown().is_complete());
    assert_eq!(receiver.spans()[0].name, "theirs");
}

fn beside_a_host(receiver: &OtlpReceiver, protocol: Protocol) -> TelemetryBuilder {
    to(receiver, protocol).with_host_sdk()
}

fn host_resource() -> Resource {
    Resource::builder_empty().with_service_name("host").build()
}
