//! `install()`: what it makes global, and that dropping the guard sends what waits.

use oc_telemetry::{
    Severity, Telemetry,
    config::Lookup,
    opentelemetry::{
        global,
        trace::{TraceContextExt, Tracer},
    },
    testing::OtlpReceiver,
    with_span,
};

/// The tracer, the meter, the propagator and the subscriber of the process lead to the receiver,
/// and `with_span!` needs no scope. After the guard is gone nothing is recorded.
#[test]
fn everything_global_leads_to_the_receiver() {
    let receiver = OtlpReceiver::start().unwrap();
    let guard = Telemetry::builder("gateway")
        .with_environment(Lookup::empty())
        .without_prometheus()
        .without_log_files()
        .with_otlp_endpoint(receiver.http_endpoint())
        .install()
        .unwrap();
    let warnings = guard.warnings();
    assert!(
        warnings
            .iter()
            .all(|warning| warning.severity() == Severity::Info)
    );

    let mut headers = std::collections::HashMap::new();
    let trace = with_span!("macro", {
        global::tracer("api").in_span("api", |cx| {
            global::get_text_map_propagator(|propagator| {
                propagator.inject_context(&cx, &mut headers);
            });
            tracing::info_span!("tracing").in_scope(|| tracing::info!("done"));
            cx.span().span_context().trace_id().to_string()
        })
    });
    global::meter("api")
        .u64_counter("things")
        .build()
        .add(5, &[]);
    // A callback that panics costs its own observations only, of a global meter too.
    let _broken = global::meter("api")
        .u64_observable_gauge("broken")
        .with_callback(|_| panic!("scripted"))
        .build();
    let late = global::meter("api").u64_counter("late").build();
    assert!(headers["traceparent"].contains(&trace));

    drop(guard);
    let mut spans = receiver.spans();
    spans.retain(|span| span.trace_id == trace);
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["tracing", "api", "macro"]);
    let logs = receiver.logs();
    let logs: Vec<_> = logs.iter().filter_map(|log| log.body.as_str()).collect();
    assert_eq!(logs, ["done"]);
    let points = receiver.metrics();
    assert!(points.iter().any(|point| point.name == "things"));

    let requests = receiver.requests().len();
    with_span!("late", { tracing::info!("late") });
    global::tracer("api").in_span("late", |cx| {
        assert!(!cx.span().is_recording());
    });
    late.add(1, &[]);
    assert_eq!(receiver.requests().len(), requests);
}
