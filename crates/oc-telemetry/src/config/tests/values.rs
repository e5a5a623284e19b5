//! What single settings mean.

use std::{path::PathBuf, time::Duration};

use oc_otlp::transport::Compression;

use super::*;

#[test]
fn headers_are_decoded_and_merged_signal_over_general() {
    let config = env([
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Api-Key=a%20b, x=1,"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x=2,y=a=b"),
    ]);
    assert_eq!(
        headers(otlp(&config, Signal::Traces)),
        [("api-key", "a b"), ("x", "2"), ("y", "a=b")]
    );
    assert_eq!(
        headers(otlp(&config, Signal::Logs)),
        [("api-key", "a b"), ("x", "1")]
    );
}

#[test]
fn the_files_headers_go_to_the_files_endpoint_only() {
    let text = "{diagnostics: {otel: {endpoint: 'http://f', headers: {authorization: 's3cret'}}}}";
    let secret = [("authorization", "s3cret")];
    assert_eq!(headers(otlp(&file(text), Signal::Traces)), secret);

    let config = both([("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://e/t")], text);
    assert!(headers(otlp(&config, Signal::Traces)).is_empty());
    assert_eq!(headers(otlp(&config, Signal::Metrics)), secret);
    assert_eq!(warnings(&config).len(), 1);

    let text = "{diagnostics: {otel: {headers: {authorization: 's3cret'}}}}";
    let config = both([("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://e/t")], text);
    assert_eq!(headers(otlp(&config, Signal::Traces)), secret);
}

#[test]
fn resource_attributes_are_decoded_and_code_wins() {
    let code = CodeSettings {
        resource_attributes: vec![("a".to_owned(), "code".to_owned())],
        ..CodeSettings::default()
    };
    let value = "a=env, b=x%2Cy%3D%C3%A4 ,service.name=s,b=again";
    let lookup = Lookup::from_map([("OTEL_RESOURCE_ATTRIBUTES", value)]);
    let resource = resolve(code, &lookup).resource;
    assert_eq!(resource.service_name, "s");
    let pairs = [("a", "code"), ("b", "again")];
    assert_eq!(
        resource.attributes,
        pairs.map(|(k, v)| (k.to_owned(), v.to_owned()))
    );
    let config = env([("OTEL_RESOURCE_ATTRIBUTES", "b=x%2Cy%3D%C3%A4")]);
    assert_eq!(
        config.resource.attributes,
        [("b".to_owned(), "x,y=ä".to_owned())]
    );
}

#[test]
fn samplers() {
    let jaeger = JaegerRemoteSampler {
        endpoint: "http://j/s".to_owned(),
        polling_interval: Duration::from_secs(5),
        initial_sampling_rate: 0.25,
    };
    let argument = "endpoint=http://j/s,pollingIntervalMs=5000,initialSamplingRate=0.25";
    for (name, argument, want) in [
        ("always_on", "", SamplerConfig::new(RootSampler::AlwaysOn)),
        ("ALWAYS_OFF", "", SamplerConfig::new(RootSampler::AlwaysOff)),
        (
            "traceidratio",
            "0.5",
            SamplerConfig::new(RootSampler::TraceIdRatio(0.5)),
        ),
        (
            "traceidratio",
            "",
            SamplerConfig::new(RootSampler::TraceIdRatio(1.0)),
        ),
        (
            "parentbased_always_off",
            "",
            SamplerConfig::parent_based(RootSampler::AlwaysOff),
        ),
        (
            "parentbased_traceidratio",
            "0",
            SamplerConfig::parent_based(RootSampler::TraceIdRatio(0.0)),
        ),
        (
            "jaeger_remote",
            argument,
            SamplerConfig::new(RootSampler::JaegerRemote(jaeger)),
        ),
        (
            "parentbased_jaeger_remote",
            "",
            SamplerConfig::parent_based(RootSampler::JaegerRemote(JaegerRemoteSampler::default())),
        ),
    ] {
        let config = env([
            ("OTEL_TRACES_SAMPLER", name),
            ("OTEL_TRACES_SAMPLER_ARG", argument),
        ]);
        assert_eq!(config.traces.sampler, want, "{name}");
        assert_eq!(warnings(&config), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn propagators() {
    use Propagator::{Baggage, TraceContext};
    for (list, want) in [
        ("", &[TraceContext, Baggage][..]),
        ("baggage", &[Baggage]),
        ("Baggage,TraceContext,baggage", &[Baggage, TraceContext]),
        ("none", &[]),
    ] {
        let config = env([("OTEL_PROPAGATORS", list)]);
        assert_eq!(config.propagators, want, "{list}");
        assert!(warnings(&config).is_empty());
    }
}

#[test]
fn limits_fall_back_to_the_general_ones_and_zero_is_a_limit() {
    let config = env([
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "10"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "100"),
        ("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "5"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "0"),
        ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "7"),
    ]);
    let spans = config.traces.limits;
    assert_eq!((spans.attributes, spans.value_length), (10, Some(100)));
    assert_eq!((spans.events, spans.links), (0, 128));
    assert_eq!(
        (spans.attributes_per_event, spans.attributes_per_link),
        (128, 7)
    );
    let logs = config.logs.limits;
    assert_eq!((logs.attributes, logs.value_length), (5, Some(100)));
}

#[test]
fn a_batch_is_never_larger_than_the_queue() {
    let config = env([("OTEL_BSP_MAX_QUEUE_SIZE", "100")]);
    assert_eq!(config.traces.batch.max_export_batch_size, 100);
    assert!(warnings(&config).is_empty());
    let config = env([
        ("OTEL_BLRP_MAX_QUEUE_SIZE", "100"),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "101"),
    ]);
    assert_eq!(config.logs.batch.max_export_batch_size, 100);
    assert_eq!(warnings(&config).len(), 1);
}

#[test]
fn other_values() {
    let config = env([
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://h"),
        ("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "GZip"),
        ("OTEL_SDK_DISABLED", "True"),
        ("OPENCLAW_OTEL_PRELOADED", "1"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            "LowMemory",
        ),
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "[::1]"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
        ("HOME", "/h"),
        ("OPENCLAW_LOG_DIR", "~/l"),
        ("RUST_LOG", "debug"),
    ]);
    assert_eq!(warnings(&config), Vec::<String>::new());
    assert!(config.sdk_disabled && config.host_owns_sdk);
    let compressions = [Signal::Traces, Signal::Logs]
        .map(|signal| otlp(&config, signal).map(|otlp| otlp.compression));
    assert_eq!(
        compressions,
        [Some(Compression::None), Some(Compression::Gzip)]
    );
    assert_eq!(config.metrics.temporality, Temporality::LowMemory);
    assert!(matches!(
        config.metrics.prometheus,
        PrometheusConfig::Listen(address) if address.to_string() == "[::1]:0"
    ));
    assert_eq!(config.logs.dir, Some(PathBuf::from("/h/l")));
    assert_eq!(config.logs.filter.as_deref(), Some("debug"));
    let config = env([("OPENCLAW_LOG", "info"), ("RUST_LOG", "debug")]);
    assert_eq!(config.logs.filter.as_deref(), Some("info"));
}

#[test]
fn content_classes() {
    let all = CaptureContent::all_but_system_prompt();
    assert_eq!(
        file("{diagnostics: {otel: {captureContent: true}}}").capture_content,
        all
    );
    let text = "{diagnostics: {otel: {captureContent: {enabled: false, inputMessages: true}}}}";
    assert_eq!(file(text).capture_content, CaptureContent::default());
    let text = "{diagnostics: {otel: {captureContent: {enabled: true, toolInputs: true}}}}";
    let want = CaptureContent {
        on_spans: true,
        tool_inputs: true,
        ..CaptureContent::default()
    };
    assert_eq!(file(text).capture_content, want);
    let name = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    let capture = env([(name, "event_only")]).capture_content;
    assert_eq!((capture.on_spans, capture.in_events), (false, true));
    assert!(!env([(name, "true")]).capture_content.system_prompt);
}
