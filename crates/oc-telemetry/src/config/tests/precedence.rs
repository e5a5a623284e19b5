//! Code, signal variable, general variable, file, default: one setting of each kind through all.

use std::time::Duration;

use super::*;

/// Takes one source away after the other, from the highest down, and looks who counts then.
fn falls_through<T: PartialEq + std::fmt::Debug>(
    code: impl Fn() -> CodeSettings,
    variables: &[(&str, &str)],
    file: &str,
    read: impl Fn(&Config) -> T,
    expected: &[T],
) {
    let mut seen = Vec::new();
    for level in 0..variables.len() + 3 {
        let mut settings = if level == 0 {
            code()
        } else {
            CodeSettings::default()
        };
        if level <= variables.len() + 1 && !file.is_empty() {
            settings.config_text = Some(file.to_owned());
        }
        let left = variables.iter().skip(level.saturating_sub(1)).copied();
        let config = resolve(settings, &Lookup::from_map(left));
        assert_eq!(warnings(&config), Vec::<String>::new());
        seen.push(read(&config));
    }
    if file.is_empty() {
        seen.pop();
    }
    assert_eq!(seen, expected);
}

#[test]
fn an_endpoint() {
    falls_through(
        || {
            let mut code = CodeSettings::default();
            code.traces.otlp.endpoint = Some("http://code/own".to_owned());
            code.otlp.endpoint = Some("http://code".to_owned());
            code
        },
        &[
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://env/own"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://env"),
        ],
        "{diagnostics: {otel: {endpoint: 'http://file'}}}",
        |config| url(config, Signal::Traces).to_owned(),
        &[
            "http://code/own",
            "http://env/own",
            "http://env/v1/traces",
            "http://file/v1/traces",
            "",
        ]
        .map(str::to_owned),
    );
}

#[test]
fn a_duration() {
    falls_through(
        || {
            let mut code = CodeSettings::default();
            code.logs.otlp.timeout = Some(Duration::from_millis(1));
            code.otlp.timeout = Some(Duration::from_millis(2));
            code.otlp.endpoint = Some("http://code".to_owned());
            code
        },
        &[
            ("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "3"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "4"),
            ("OTEL_LOGS_EXPORTER", "otlp"),
        ],
        "",
        |config| otlp(config, Signal::Logs).map(|otlp| otlp.timeout.as_millis()),
        &[Some(1), Some(3), Some(4), Some(10_000), None],
    );
}

#[test]
fn an_enumeration() {
    falls_through(
        || {
            let mut code = CodeSettings::default();
            code.otlp.protocol = Some(Protocol::HttpProtobuf);
            code
        },
        &[
            ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ],
        "{diagnostics: {otel: {protocol: 'grpc', endpoint: 'http://h'}}}",
        |config| otlp(config, Signal::Metrics).map(|otlp| otlp.protocol),
        &[
            Some(Protocol::HttpProtobuf),
            Some(Protocol::Grpc),
            Some(Protocol::HttpProtobuf),
            Some(Protocol::Grpc),
            None,
        ],
    );
}

#[test]
fn a_number() {
    falls_through(
        || {
            let mut code = CodeSettings::default();
            code.span_limits.attributes = Some(1);
            code
        },
        &[
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "2"),
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "3"),
        ],
        "",
        |config| config.traces.limits.attributes,
        &[1, 2, 3, 128],
    );
}

#[test]
fn the_interval_of_metrics() {
    falls_through(
        || CodeSettings {
            metric_interval: Some(Duration::from_secs(1)),
            ..CodeSettings::default()
        },
        &[("OTEL_METRIC_EXPORT_INTERVAL", "2000")],
        "{diagnostics: {otel: {flushIntervalMs: 3e3}}}",
        |config| config.metrics.interval.as_secs(),
        &[1, 2, 3, 60],
    );
}

#[test]
fn the_service_name() {
    falls_through(
        || CodeSettings {
            service_name: Some("code".to_owned()),
            default_service_name: Some("builder".to_owned()),
            ..CodeSettings::default()
        },
        &[
            ("OTEL_SERVICE_NAME", "env"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=attribute"),
        ],
        "{diagnostics: {otel: {serviceName: 'file'}}}",
        |config| config.resource.service_name.clone(),
        &["code", "env", "attribute", "file", "openclaw"].map(str::to_owned),
    );
    let code = CodeSettings {
        default_service_name: Some("builder".to_owned()),
        ..CodeSettings::default()
    };
    let config = resolve(code, &Lookup::empty());
    assert_eq!(config.resource.service_name, "builder");
}

#[test]
fn the_sampler() {
    falls_through(
        || CodeSettings {
            sampler: Some(SamplerConfig::new(RootSampler::AlwaysOff)),
            ..CodeSettings::default()
        },
        &[("OTEL_TRACES_SAMPLER", "always_on")],
        "{diagnostics: {otel: {sampleRate: 0.5}}}",
        |config| config.traces.sampler.clone(),
        &[
            SamplerConfig::new(RootSampler::AlwaysOff),
            SamplerConfig::new(RootSampler::AlwaysOn),
            SamplerConfig::parent_based(RootSampler::TraceIdRatio(0.5)),
            SamplerConfig::parent_based(RootSampler::AlwaysOn),
        ],
    );
}

#[test]
fn content_capture() {
    falls_through(
        || CodeSettings {
            capture_content: Some(CaptureContent::default()),
            ..CodeSettings::default()
        },
        &[(
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
            "span_only",
        )],
        "{diagnostics: {otel: {captureContent: {enabled: true, systemPrompt: true}}}}",
        |config| {
            let capture = config.capture_content;
            (capture.input_messages, capture.system_prompt)
        },
        &[(false, false), (true, false), (false, true), (false, false)],
    );
}

#[test]
fn a_malformed_signal_variable_leaves_the_general_one() {
    let config = env([
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "5"),
    ]);
    let otlp = otlp(&config, Signal::Traces).unwrap();
    assert_eq!(otlp.timeout, Duration::from_millis(5));
    assert_eq!(warnings(&config).len(), 1);
}

#[test]
fn the_origin_of_a_value_is_known() {
    let config = env([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h")]);
    let source = config.source("traces.endpoint").unwrap();
    assert_eq!(source.setting, "OTEL_EXPORTER_OTLP_ENDPOINT");
    assert_eq!(source.origin, Origin::Environment);
    assert_eq!(config.source("traces.timeout"), None);

    let mut config = file("{diagnostics: {otel: {endpoint: 'http://h'}}}");
    config.warn("traces.endpoint", "cannot be reached");
    assert_eq!(
        warnings(&config),
        ["diagnostics.otel.endpoint (openclaw.json): cannot be reached"]
    );
}
