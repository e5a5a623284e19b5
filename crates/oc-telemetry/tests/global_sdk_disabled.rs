//! `OTEL_SDK_DISABLED=true`: nothing is recorded, and context still travels.

use std::{collections::HashMap, fs};

use oc_telemetry::{
    Telemetry,
    config::Lookup,
    opentelemetry::{
        Context, global,
        trace::{TraceContextExt, Tracer},
    },
    testing::OtlpReceiver,
    with_span,
};

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// No span, metric or record leaves; log files and the propagator work on.
#[test]
fn only_context_travels() {
    let receiver = OtlpReceiver::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let guard = Telemetry::builder("gateway")
        .with_environment(Lookup::from_map([
            ("OTEL_SDK_DISABLED", "true"),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                receiver.http_endpoint().as_str(),
            ),
            ("TRACEPARENT", TRACEPARENT),
        ]))
        .with_prometheus_addr(([127, 0, 0, 1], 0).into())
        .with_log_dir(folder.path())
        .install()
        .unwrap();
    assert_eq!(guard.warnings(), []);
    assert!(guard.recorder().is_none());
    assert!(guard.http_server_layer().is_none());
    assert!(guard.metrics_page().is_none());
    assert_eq!(guard.metrics_addr(), None);

    let answer = with_span!("work", {
        tracing::info!("done");
        42
    });
    assert_eq!(answer, 42);
    global::tracer("api").in_span("api", |cx| assert!(!cx.span().is_recording()));
    guard
        .meter("test")
        .u64_counter("things")
        .build()
        .add(1, &[]);
    guard.agent_metrics().model_error("m", "e", "a");

    // Through the global propagator, and through the handle.
    let headers = HashMap::from([("traceparent".to_owned(), TRACEPARENT.to_owned())]);
    let cx = global::get_text_map_propagator(|propagator| propagator.extract(&headers));
    let mut onward = HashMap::new();
    global::get_text_map_propagator(|propagator| propagator.inject_context(&cx, &mut onward));
    assert_eq!(onward["traceparent"], TRACEPARENT);
    let mut onward = http::HeaderMap::new();
    let inherited: Context = guard.inherited_context().clone();
    let attached = inherited.attach();
    with_span!("work", { guard.inject_headers(&mut onward) });
    drop(attached);
    assert_eq!(onward["traceparent"], TRACEPARENT);

    let file = guard.log_file().unwrap().to_owned();
    let report = guard.shutdown();
    assert!(report.is_complete(), "{report}");
    assert_eq!(report.destinations, []);
    assert!(receiver.requests().is_empty());
    assert!(
        fs::read_to_string(file)
            .unwrap()
            .contains("\"msg\":\"done\"")
    );
}
