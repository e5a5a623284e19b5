//! Which signals go where.

use super::*;

const OFF: [&str; 3] = [""; 3];
const FILE: &str = "{diagnostics: {otel: {endpoint: 'http://f'}}}";

#[test]
fn with_nothing_configured_otlp_is_off_and_one_notice_says_how_to_switch_it_on() {
    let config = env([("HOME", "/home/u")]);
    assert_eq!(urls(&config), OFF);
    assert!(matches!(
        config.metrics.prometheus,
        PrometheusConfig::Listen(address) if address.to_string() == "127.0.0.1:9464"
    ));
    assert_eq!(
        config.logs.dir.as_deref(),
        Some("/home/u/.openclaw/logs".as_ref())
    );
    assert_eq!(config.warnings.len(), 1);
    let notice = &config.warnings[0];
    assert_eq!(notice.severity(), Severity::Info);
    assert!(notice.message().contains("to switch it on"), "{notice}");
}

#[test]
fn a_general_endpoint_switches_all_signals_on() {
    let config = env([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:4318/x/")]);
    assert_eq!(
        urls(&config),
        [
            "http://h:4318/x/v1/traces",
            "http://h:4318/x/v1/metrics",
            "http://h:4318/x/v1/logs"
        ]
    );
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

#[test]
fn a_signals_endpoint_switches_that_signal_on_and_is_not_changed() {
    let config = env([("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://h/m")]);
    assert_eq!(urls(&config), ["", "http://h/m", ""]);
}

#[test]
fn a_base_that_is_a_signals_path_is_rewritten_with_one_warning() {
    let config = env([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h/x/v1/traces")]);
    assert_eq!(
        urls(&config),
        [
            "http://h/x/v1/traces",
            "http://h/x/v1/metrics",
            "http://h/x/v1/logs"
        ]
    );
    assert_eq!(warnings(&config).len(), 1, "{:?}", config.warnings);
    assert!(warnings(&config)[0].starts_with("OTEL_EXPORTER_OTLP_ENDPOINT (environment): ends in"));
}

#[test]
fn exporter_lists_decide() {
    let console = DestinationConfig::Console;
    for (list, otlp_url, has_console) in [
        ("otlp", "http://localhost:4318/v1/traces", false),
        ("none", "", false),
        ("console", "", true),
        ("OTLP, Console", "http://localhost:4318/v1/traces", true),
    ] {
        let config = env([("OTEL_TRACES_EXPORTER", list)]);
        assert_eq!(urls(&config), [otlp_url, "", ""], "{list}");
        assert_eq!(
            config.traces.destinations.contains(&console),
            has_console,
            "{list}"
        );
        assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    }
    let config = env([
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ]);
    assert_eq!(url(&config, Signal::Traces), "http://localhost:4317");
    let config = env([
        ("OTEL_LOGS_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"),
    ]);
    assert_eq!(
        urls(&config),
        ["http://h/v1/traces", "http://h/v1/metrics", ""]
    );
}

#[test]
fn a_metrics_list_without_prometheus_switches_the_page_off() {
    for (list, on) in [
        ("otlp", false),
        ("none", false),
        ("prometheus", true),
        ("otlp,prometheus", true),
    ] {
        let config = env([("OTEL_METRICS_EXPORTER", list)]);
        assert_eq!(
            config.metrics.prometheus != PrometheusConfig::Off,
            on,
            "{list}"
        );
        assert_eq!(config.warnings.is_empty(), on, "{list}");
    }
    let code = CodeSettings {
        prometheus: Some(PrometheusConfig::Mounted),
        ..CodeSettings::default()
    };
    let config = resolve(code, &Lookup::from_map([("OTEL_METRICS_EXPORTER", "none")]));
    assert_eq!(config.metrics.prometheus, PrometheusConfig::Mounted);
}

#[test]
fn the_file_sends_traces_and_metrics_and_logs_on_request() {
    let traces = "http://f/v1/traces";
    let metrics = "http://f/v1/metrics";
    let logs = "http://f/v1/logs";
    for (more, want) in [
        ("", [traces, metrics, ""]),
        ("logs: true", [traces, metrics, logs]),
        ("traces: false", ["", metrics, ""]),
        ("metrics: false", [traces, "", ""]),
        ("enabled: false", OFF),
        ("logs: true, logsExporter: 'stdout'", [traces, metrics, ""]),
        ("tracesEndpoint: 'http://t/x'", ["http://t/x", metrics, ""]),
    ] {
        let text = format!("{{diagnostics: {{otel: {{endpoint: 'http://f', {more}}}}}}}");
        let config = file(&text);
        assert_eq!(urls(&config), want, "{more}");
        assert!(config.warnings.is_empty(), "{more}: {:?}", config.warnings);
    }
    let text = "{diagnostics: {enabled: false, otel: {enabled: true, endpoint: 'http://f'}}}";
    assert_eq!(urls(&file(text)), OFF);
}

#[test]
fn logs_to_stdout_are_the_console_destination() {
    for (exporter, otlp, console) in [
        ("otlp", true, false),
        ("stdout", false, true),
        ("both", true, true),
    ] {
        let config = file(&format!(
            "{{diagnostics: {{otel: {{endpoint: 'http://f', logs: true, logsExporter: '{exporter}'}}}}}}"
        ));
        assert_eq!(!url(&config, Signal::Logs).is_empty(), otlp, "{exporter}");
        let destinations = &config.logs.destinations;
        assert_eq!(
            destinations.contains(&DestinationConfig::Console),
            console,
            "{exporter}"
        );
    }
}

#[test]
fn the_files_switches_leave_the_environment_alone() {
    let off = "{diagnostics: {enabled: false, otel: {endpoint: 'http://f', headers: {a: 'b'}, protocol: 'grpc', captureContent: true}}}";
    let config = both([("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://e/t")], off);
    assert_eq!(urls(&config), ["http://e/t", "", ""]);
    assert!(headers(otlp(&config, Signal::Traces)).is_empty());
    assert_eq!(config.capture_content, CaptureContent::default());
    // A list names the exporter but not the receiver: the file's is good enough, unless off.
    let config = both([("OTEL_LOGS_EXPORTER", "otlp")], FILE);
    assert_eq!(url(&config, Signal::Logs), "http://f/v1/logs");
    let config = both([("OTEL_LOGS_EXPORTER", "otlp")], off);
    assert_eq!(url(&config, Signal::Logs), "http://localhost:4318/v1/logs");
}

#[test]
fn a_file_that_says_enabled_without_an_endpoint_is_told_so() {
    let config = file("{diagnostics: {otel: {enabled: true}}}");
    assert_eq!(urls(&config), OFF);
    let warnings = warnings(&config);
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].starts_with("diagnostics.otel.enabled (openclaw.json): OTLP is off"));
}

#[test]
fn destinations_in_code_replace_all_others() {
    let mut code = CodeSettings::default();
    code.traces.destinations = Some(vec![DestinationConfig::Console]);
    code.logs.destinations = Some(Vec::new());
    code.metrics.more_destinations = vec![DestinationConfig::Console];
    let lookup = Lookup::from_map([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h")]);
    let config = resolve(code, &lookup);
    assert_eq!(config.traces.destinations, [DestinationConfig::Console]);
    assert_eq!(config.logs.destinations, []);
    assert_eq!(config.metrics.destinations.len(), 2);
}

#[test]
fn whoever_set_the_address_of_the_page_is_known() {
    let source = |config: &Config| {
        let source = config.source("metrics.prometheus");
        source.map(|source| format!("{} ({})", source.setting, source.origin))
    };
    assert_eq!(source(&env([])), None);
    let config = env([
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "1"),
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.2"),
    ]);
    let port = "OTEL_EXPORTER_PROMETHEUS_PORT";
    assert_eq!(source(&config), Some(format!("{port} (environment)")));
    let code = CodeSettings {
        prometheus: Some(PrometheusConfig::Listen(([127, 0, 0, 1], 2).into())),
        ..CodeSettings::default()
    };
    let config = resolve(code, &Lookup::from_map([(port, "1")]));
    assert_eq!(source(&config), Some(format!("{port} (code)")));
    assert_eq!(
        config.metrics.prometheus,
        PrometheusConfig::Listen(([127, 0, 0, 1], 2).into())
    );
}
