//! `OPENCLAW_OTEL_PRELOADED=1`: the host has set its globals, and keeps them.

use oc_telemetry::{
    Telemetry,
    config::Lookup,
    opentelemetry::{
        global,
        trace::{TraceContextExt, Tracer},
    },
    opentelemetry_sdk::{Resource, trace::SdkTracerProvider},
    testing::OtlpReceiver,
    with_span,
};

/// Nothing global is set: no meter provider, no propagator, no subscriber, and the tracer provider
/// is the host's. `with_span!` records to it.
#[test]
fn the_host_keeps_its_globals() {
    let receiver = OtlpReceiver::start().unwrap();
    let host = SdkTracerProvider::builder()
        .with_resource(Resource::builder_empty().with_service_name("host").build());
    let environment = [
        ("OPENCLAW_OTEL_PRELOADED", "1".to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.http_endpoint()),
    ];
    let telemetry = |environment| {
        Telemetry::builder("gateway")
            .with_environment(environment)
            .without_prometheus()
            .without_log_files()
            .build()
            .unwrap()
    };
    // The part that the host adds to its provider, which it registers before the rest is built.
    let lender = telemetry(Lookup::from_map(environment.clone()));
    let host = host
        .with_span_processor(lender.span_processor().unwrap())
        .build();
    set_global(&host);

    let guard = telemetry(Lookup::from_map(environment)).install().unwrap();
    assert_eq!(guard.warnings(), []);
    assert!(guard.tracer_provider().is_none());
    assert!(guard.meter_provider().is_none());
    assert!(guard.logger_provider().is_none());
    assert!(!tracing::dispatcher::has_been_set());
    global::get_text_map_propagator(|propagator| {
        assert_eq!(
            propagator.fields().count(),
            0,
            "still the one that does nothing"
        );
    });
    with_span!("ours", {
        global::tracer("host").in_span("theirs", |cx| {
            assert!(cx.span().is_recording());
        });
    });
    host.shutdown().unwrap();
    assert!(lender.shutdown().is_complete());
    assert!(guard.shutdown().is_complete());

    let spans = receiver.spans();
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["theirs", "ours"]);
    assert_eq!(spans[0].parent_span_id.as_ref(), Some(&spans[1].span_id));
    assert_eq!(spans[1].service(), Some("host"));
}

#[expect(clippy::disallowed_methods, reason = "here the test is the host")]
fn set_global(provider: &SdkTracerProvider) {
    global::set_tracer_provider(provider.clone());
}
