//! Bad input: the warning names setting and source, and only what is concerned is off.

use super::*;

const SECRET: &str = "s3cret";

/// Exactly one warning, which begins as given.
#[track_caller]
fn one_warning(config: &Config, start: &str) {
    let warnings = warnings(config);
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert!(warnings[0].starts_with(start), "{}", warnings[0]);
}

#[test]
fn malformed_variables_are_one_warning_each_and_count_as_unset() {
    let plain = format!("{:?}", without_warnings(env([])));
    for (name, value) in [
        ("OTEL_SDK_DISABLED", "1"),
        ("OPENCLAW_OTEL_PRELOADED", "yes"),
        ("OTEL_PROPAGATORS", "b3"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_METRICS_EXPORTER", "statsd"),
        ("OTEL_LOGS_EXPORTER", "prometheus"),
        ("OTEL_TRACES_SAMPLER", "xray"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.5"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=1,b"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=%zz"),
        ("OTEL_RESOURCE_ATTRIBUTES", "=1"),
        ("OTEL_BSP_SCHEDULE_DELAY", "0"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "-1"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "99999999999999999999"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "30s"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "1.5"),
        ("OTEL_BLRP_MAX_QUEUE_SIZE", "many"),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "0"),
        ("OTEL_BLRP_EXPORT_TIMEOUT", "0x10"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0"),
        ("OTEL_METRIC_EXPORT_TIMEOUT", "-30000"),
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "-1"),
        ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "4294967296"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "sums"),
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "example.com"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "65536"),
        (
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
            "maybe",
        ),
    ] {
        let config = env([(name, value)]);
        one_warning(&config, &format!("{name} (environment): "));
        assert_eq!(
            format!("{:?}", without_warnings(config)),
            plain,
            "{name}={value}"
        );
    }
}

fn without_warnings(mut config: Config) -> Config {
    config.warnings.clear();
    config
}

#[test]
fn malformed_variables_of_a_receiver_leave_it_on() {
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "zstd"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "1"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Bearer s3cret"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=%zz"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=s3cret%0Aevil: 1"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "s3cret key=1"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "content-length=5"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/does/not/exist.pem"),
    ] {
        let config = env([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"), (name, value)]);
        one_warning(&config, &format!("{name} (environment): "));
        assert!(urls(&config).iter().all(|url| !url.is_empty()), "{name}");
        assert!(headers(otlp(&config, Signal::Traces)).is_empty(), "{name}");
        assert!(!format!("{config:?}").contains(SECRET), "{name}");
    }
}

/// What the transports keep to themselves is a warning here, all of it.
#[test]
fn reserved_headers_are_left_out_with_a_warning() {
    for name in oc_otlp::transport::RESERVED_HEADERS {
        let config = env([
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"),
            ("OTEL_EXPORTER_OTLP_HEADERS", &format!("{name}=1")),
        ]);
        one_warning(
            &config,
            &format!("OTEL_EXPORTER_OTLP_HEADERS (environment): header \"{name}\""),
        );
        assert!(headers(otlp(&config, Signal::Traces)).is_empty(), "{name}");
    }
}

#[test]
fn what_makes_a_receiver_unusable_switches_off_its_signal_only() {
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "localhost:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://user:s3cret@h"),
        (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "http://h:99999/?k=s3cret",
        ),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        (
            "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
            "/does/not/exist.pem",
        ),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "/"),
    ] {
        let config = env([("OTEL_EXPORTER_OTLP_ENDPOINT", "https://h"), (name, value)]);
        let want = ["", "https://h/v1/metrics", "https://h/v1/logs"];
        assert_eq!(urls(&config), want, "{name}={value}");
        let start = format!("{name} (environment): ");
        assert!(
            warnings(&config)[0].starts_with(&start),
            "{:?}",
            config.warnings
        );
        assert!(!format!("{config:?}").contains(SECRET), "{name}");
    }
}

#[test]
fn a_client_certificate_without_its_key_switches_the_signal_off() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let config = env([
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "https://h/l"),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", path),
    ]);
    assert_eq!(url(&config, Signal::Logs), "");
    one_warning(
        &config,
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE (environment): ",
    );
    let config = env([
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "https://h/l"),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", path),
        ("OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY", path),
    ]);
    let otlp = otlp(&config, Signal::Logs).unwrap();
    assert_eq!(otlp.client_key.as_deref(), Some(file.path()));
    assert_eq!(warnings(&config), Vec::<String>::new());
}

#[test]
fn probable_slips_work_with_a_warning() {
    for (endpoint, protocol, part) in [
        ("http://h:4317", "http/protobuf", "port 4317"),
        ("http://h:4318", "grpc", "port 4318"),
        ("http://h:4317/v1/traces", "grpc", "has a path"),
    ] {
        let config = env([
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ]);
        assert!(urls(&config).iter().all(|url| !url.is_empty()));
        let warnings = warnings(&config);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains(part), "{warnings:?}");
    }
    let config = env([("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://h:4318")]);
    assert_eq!(url(&config, Signal::Traces), "http://h:4318/");
    one_warning(
        &config,
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT (environment): has no path",
    );
}

#[test]
fn a_page_open_to_other_machines_is_served_with_a_warning() {
    let config = env([("OTEL_EXPORTER_PROMETHEUS_HOST", "0.0.0.0")]);
    assert!(matches!(
        config.metrics.prometheus,
        PrometheusConfig::Listen(address) if address.to_string() == "0.0.0.0:9464"
    ));
    one_warning(
        &config,
        "OTEL_EXPORTER_PROMETHEUS_HOST (environment): /metrics can be reached",
    );
}

#[test]
fn a_bad_part_of_the_remote_samplers_argument_is_left_out() {
    let config = env([
        ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
        (
            "OTEL_TRACES_SAMPLER_ARG",
            "endpoint=j,pollingIntervalMs=0,initialSamplingRate=2,x=1",
        ),
    ]);
    let want = RootSampler::JaegerRemote(JaegerRemoteSampler::default());
    assert_eq!(config.traces.sampler.root, want);
    assert_eq!(warnings(&config).len(), 4, "{:?}", config.warnings);
}

#[test]
fn bad_values_in_code_are_warnings_too() {
    let mut code = CodeSettings::default();
    code.otlp.endpoint = Some("nowhere".to_owned());
    code.traces.otlp.endpoint = Some("http://h/t".to_owned());
    code.traces.otlp.timeout = Some(std::time::Duration::ZERO);
    code.traces.otlp.headers = vec![("a".to_owned(), "s3cret\r\nb: c".to_owned())];
    code.span_batch.max_queue_size = Some(0);
    let config = resolve(code, &Lookup::empty());
    assert_eq!(urls(&config), ["http://h/t", "", ""]);
    assert_eq!(config.traces.batch.max_queue_size, 2048);
    assert_eq!(warnings(&config).len(), 4, "{:?}", config.warnings);
    assert!(
        warnings(&config)
            .iter()
            .all(|text| text.contains(" (code): "))
    );
    assert!(!format!("{config:?}").contains(SECRET));
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_unicode_is_a_warning() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

    let lookup = Lookup::from_fn(|name| {
        (name == "OTEL_SERVICE_NAME").then(|| OsString::from_vec(vec![0xFF, 0xFE]))
    });
    let config = resolve(CodeSettings::default(), &lookup);
    one_warning(
        &config,
        "OTEL_SERVICE_NAME (environment): not valid Unicode",
    );
    assert_eq!(config.resource.service_name, "openclaw");
}

#[test]
fn a_warning_shows_no_more_than_a_piece_of_a_hostile_value() {
    let config = env([("OTEL_TRACES_SAMPLER", &"\u{1b}[2J".repeat(100_000))]);
    let text = &warnings(&config)[0];
    assert!(text.len() < 1024, "{}", text.len());
    assert!(!text.contains('\u{1b}'));
}
