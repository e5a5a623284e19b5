//! Bad settings: the gateway runs on, a warning names the setting and its source, and only the
//! signal concerned is off.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    time::Duration,
};

use oc_telemetry::{
    Destination, DropReason, InitErrorKind, Origin, Severity, Signal, Telemetry, TelemetryBuilder,
    config::{Lookup, Protocol},
    testing::OtlpReceiver,
    with_span,
};

use crate::support::{
    PROTOCOLS, alone, counts, dead_endpoint, dropped, eventually, expect_all, expect_settled,
    expect_signals, flush_until, in_time, record, scrape, to, warning,
};

const HTTP: Protocol = Protocol::HttpProtobuf;

/// The one mistake that is the program's own.
#[test]
fn an_empty_service_name() {
    for name in ["", "  "] {
        let built = Telemetry::builder(name)
            .with_environment(Lookup::empty())
            .without_prometheus()
            .build();
        let error = built.err().unwrap();
        assert_eq!(error.kind(), InitErrorKind::EmptyServiceName);
        assert!(error.to_string().contains("service name"), "{error}");
    }
}

/// Each malformed variable is a warning and counts as unset; everything arrives all the same.
#[test]
fn malformed_variables() {
    let malformed = [
        ("OTEL_SDK_DISABLED", "perhaps"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_PROPAGATORS", "pigeon"),
        ("OTEL_TRACES_EXPORTER", "pigeon"),
        ("OTEL_RESOURCE_ATTRIBUTES", "no pairs at all"),
        ("OTEL_BSP_SCHEDULE_DELAY", "soon"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "-1"),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "many"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1s"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1e3"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "long"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "0x10"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "brotli"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "99999"),
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "every.where"),
        ("OPENCLAW_OTEL_PRELOADED", "2"),
    ];
    for (name, value) in malformed {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = to(&receiver, HTTP)
            .with_environment(Lookup::from_map([(name, value)]))
            .build()
            .unwrap();
        let warning = warning(&telemetry, name);
        assert_eq!(warning.origin(), &Origin::Environment, "{name}");
        assert_eq!(warning.severity(), Severity::Warning, "{name}");
        record(&telemetry);
        let report = telemetry.shutdown();
        assert!(report.is_complete(), "{name}: {report}");
        expect_all(&receiver);
    }
}

/// A protocol that is not supported: that signal is off, because its receiver could not read the
/// default one.
#[test]
fn an_unsupported_protocol() {
    const NAME: &str = "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL";
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = from_environment(&receiver, &[(NAME, "http/json")]);
    let warning = warning(&telemetry, NAME);
    assert_eq!(warning.origin(), &Origin::Environment);
    expect_the_others(&telemetry, &receiver, Signal::Logs);
}

/// An endpoint that nobody listens on: counted as undelivered at the end, the others arrive.
#[test]
fn an_unreachable_endpoint() {
    for protocol in PROTOCOLS {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = to(&receiver, protocol)
            .with_signal_endpoint(Signal::Traces, dead_endpoint())
            .build()
            .unwrap();
        record(&telemetry);
        let exported = |destinations: &[_], signal| counts(destinations, signal).exported;
        flush_until(&telemetry, |destinations| {
            exported(destinations, Signal::Logs) == 1 && exported(destinations, Signal::Metrics) > 0
        });
        let report = telemetry.shutdown_within(Duration::from_millis(200));
        expect_settled(&report.destinations);
        assert!(!report.is_complete(), "{report}");
        assert!(counts(&report.destinations, Signal::Logs).is_complete());
        let traces = counts(&report.destinations, Signal::Traces);
        assert_eq!(
            dropped(traces, DropReason::ShutdownDeadline),
            1,
            "{traces:?}"
        );
        expect_signals(&receiver, &[Signal::Metrics, Signal::Logs]);
    }
}

/// A malformed endpoint, in the environment and in code: the signal is off, the others arrive, and
/// the message does not quote what may hold a password.
#[test]
fn a_malformed_endpoint() {
    const NAME: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    for endpoint in [
        "not a url",
        "://",
        "ftp://host",
        "http://",
        "http://host:port",
        "http://host:0",
        "http://me:hunter2@host",
    ] {
        for in_code in [false, true] {
            let receiver = OtlpReceiver::start().unwrap();
            let telemetry = if in_code {
                let builder = to(&receiver, HTTP);
                let builder = builder.with_signal_endpoint(Signal::Traces, endpoint);
                builder.build().unwrap()
            } else {
                from_environment(&receiver, &[(NAME, endpoint)])
            };
            let origin = if in_code {
                Origin::Code
            } else {
                Origin::Environment
            };
            let warning = warning(&telemetry, NAME);
            assert_eq!(warning.origin(), &origin, "{endpoint}");
            assert!(!warning.to_string().contains("hunter2"), "{warning}");
            expect_the_others(&telemetry, &receiver, Signal::Traces);
        }
    }
}

/// What is wrong with a destination of the program's own names that destination, whatever the
/// environment says about others.
#[test]
fn a_malformed_destination() {
    let broken = [
        Destination::otlp("broken", "not a url"),
        Destination::otlp("broken", "http://me:hunter2@host"),
        Destination::otlp("broken", dead_endpoint()).with_header("x-key", "hunter2\nx: y"),
        Destination::otlp("broken", dead_endpoint()).with_header("x key", "hunter2"),
        Destination::otlp("broken", dead_endpoint()).with_ca_file("/nonexistent/ca.pem"),
    ];
    for destination in broken {
        let receiver = OtlpReceiver::start().unwrap();
        let endpoint = receiver.http_endpoint();
        let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
        let telemetry = alone()
            .with_environment(Lookup::from_map(environment))
            .with_destination(destination.with_signals([Signal::Traces]))
            .build()
            .unwrap();
        let warnings = telemetry.warnings();
        assert_eq!(warnings.len(), 1, "{warnings:#?}");
        assert_eq!(warnings[0].origin(), &Origin::Code, "{warnings:?}");
        assert!(
            warnings[0].to_string().contains("\"broken\""),
            "{warnings:?}"
        );
        assert!(!warnings[0].to_string().contains("hunter2"), "{warnings:?}");
        record(&telemetry);
        assert!(telemetry.shutdown().is_complete());
        expect_all(&receiver);
    }
}

/// A file that is no JSON5 is ignored as a whole, and the environment still counts.
#[test]
fn broken_json5() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openclaw.json");
    for text in ["{ diagnostics: ", "{]", "\u{0}", "[1, 2]", "nonsense"] {
        fs::write(&file, text).unwrap();
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = from_file(&receiver, &file).build().unwrap();
        let warnings = telemetry.warnings();
        assert_eq!(warnings.len(), 1, "{text:?}: {warnings:#?}");
        assert_eq!(
            warnings[0].origin(),
            &Origin::File(file.clone()),
            "{text:?}"
        );
        assert_eq!(warnings[0].setting(), "openclaw.json");
        expect_no_harm(&telemetry, &receiver);
    }
}

/// An unknown key names the nearest known one; the known ones beside it hold.
#[test]
fn an_unknown_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openclaw.json");
    let text = "{ diagnostics: { otel: { endpont: 'http://x', serviceName: 'named' } } }";
    fs::write(&file, text).unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = from_file(&receiver, &file).build().unwrap();
    let warnings = telemetry.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert_eq!(warnings[0].origin(), &Origin::File(file));
    let text = warnings[0].to_string();
    assert!(
        text.contains("endpont") && text.contains("endpoint"),
        "{text}"
    );
    expect_no_harm(&telemetry, &receiver);
    assert_eq!(receiver.spans()[0].service(), Some("named"));
}

/// A CA file that is not there, is a folder, or holds no certificate: TLS to that receiver is
/// impossible, so its signal is off.
#[test]
fn an_unusable_ca_file() {
    const NAME: &str = "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE";
    let folder = tempfile::tempdir().unwrap();
    let no_pem = folder.path().join("no.pem");
    fs::write(&no_pem, "this is not PEM").unwrap();
    for protocol in PROTOCOLS {
        for file in [
            folder.path().join("missing.pem"),
            folder.path().into(),
            no_pem.clone(),
        ] {
            let receiver = OtlpReceiver::start().unwrap();
            let endpoint = receiver.http_endpoint();
            let telemetry = alone()
                .with_environment(Lookup::from_map([
                    ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
                    ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.as_str()),
                    (
                        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                        "https://127.0.0.1:1/v1/traces",
                    ),
                    (NAME, file.to_str().unwrap()),
                ]))
                .build()
                .unwrap();
            let warning = warning(&telemetry, NAME);
            assert_eq!(warning.origin(), &Origin::Environment);
            let path = file.display().to_string();
            assert!(warning.message().contains(&path), "{warning}");
            expect_the_others(&telemetry, &receiver, Signal::Traces);
        }
    }
}

/// A header with a line break is left out, with a warning that does not show its value; requests
/// go on with the others.
#[test]
fn a_header_with_a_newline() {
    const NAME: &str = "OTEL_EXPORTER_OTLP_HEADERS";
    for in_code in [false, true] {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = if in_code {
            to(&receiver, HTTP)
                .with_otlp_header("x-bad", "hunter2\r\nx-forged: 1")
                .with_otlp_header("x-good", "1")
                .build()
                .unwrap()
        } else {
            let headers = "x-bad=hunter2%0D%0Ax-forged: 1,x-good=1";
            from_environment(&receiver, &[(NAME, headers)])
        };
        let warning = warning(&telemetry, NAME);
        assert!(warning.message().contains("x-bad"), "{warning}");
        assert!(!warning.to_string().contains("hunter2"), "{warning}");
        expect_no_harm(&telemetry, &receiver);
        for request in receiver.requests() {
            assert_eq!(request.header("x-good"), Some("1"));
            assert_eq!(request.header("x-bad"), None);
            assert_eq!(request.header("x-forged"), None);
        }
    }
}

/// One attribute of a megabyte arrives whole, or cut where a limit says so.
#[test]
fn a_huge_attribute() {
    const MEGABYTE: usize = 1024 * 1024;
    for protocol in PROTOCOLS {
        for limit in [None, Some("100")] {
            let receiver = OtlpReceiver::start().unwrap();
            let endpoint = receiver.http_endpoint();
            let mut variables = vec![
                ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.as_str()),
            ];
            variables.extend(limit.map(|limit| ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", limit)));
            let telemetry = alone()
                .with_environment(Lookup::from_map(variables))
                .build()
                .unwrap();
            assert_eq!(telemetry.warnings(), []);
            telemetry.scope(|| with_span!("work", "huge" => "ä".repeat(MEGABYTE / 2), {}));
            let report = telemetry.shutdown();
            assert!(report.is_complete(), "{report}");
            let spans = receiver.spans();
            let arrived = spans[0].attr("huge").unwrap().as_str().unwrap();
            let expected = limit.map_or(MEGABYTE / 2, |limit| limit.parse().unwrap());
            assert_eq!(arrived.chars().count(), expected);
        }
    }
}

/// A port that is taken is a warning; as soon as it is free, the page is there.
#[test]
fn a_taken_port() {
    const NAME: &str = "OTEL_EXPORTER_PROMETHEUS_PORT";
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let addr = taken.local_addr().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let endpoint = receiver.http_endpoint();
    let telemetry = Telemetry::builder("gateway")
        .with_environment(Lookup::from_map([
            (NAME.to_owned(), addr.port().to_string()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint),
        ]))
        .without_log_files()
        .build()
        .unwrap();
    let warning = warning(&telemetry, NAME);
    assert_eq!(warning.origin(), &Origin::Environment);
    assert!(warning.message().contains(&addr.to_string()), "{warning}");
    assert!(warning.message().contains("in use"), "the cause: {warning}");
    assert_eq!(telemetry.metrics_addr(), None);
    record(&telemetry);

    drop(taken);
    eventually(|| telemetry.metrics_addr() == Some(addr));
    assert!(scrape(addr).unwrap().contains("things_total 5"));
    assert_eq!(telemetry.warnings().len(), 1, "warned once");
    assert!(telemetry.shutdown().is_complete());
    expect_all(&receiver);
}

/// A log folder that cannot be made: no log file, and everything else works.
#[test]
fn an_unusable_log_folder() {
    const NAME: &str = "OPENCLAW_LOG_DIR";
    let folder = tempfile::tempdir().unwrap();
    let occupied = folder.path().join("occupied");
    fs::write(&occupied, "").unwrap();
    let logs = occupied.join("logs");
    let receiver = OtlpReceiver::start().unwrap();
    let endpoint = receiver.http_endpoint();
    let telemetry = Telemetry::builder("gateway")
        .with_environment(Lookup::from_map([
            (NAME, logs.to_str().unwrap()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ]))
        .without_prometheus()
        .build()
        .unwrap();
    let warning = warning(&telemetry, NAME);
    assert_eq!(warning.origin(), &Origin::Environment);
    assert!(
        warning.message().contains(logs.to_str().unwrap()),
        "{warning}"
    );
    assert_eq!(telemetry.log_file(), None);
    expect_no_harm(&telemetry, &receiver);
}

/// A pipe where the log file should be would hold up the start until somebody reads it.
#[cfg(unix)]
#[test]
fn a_pipe_for_a_log_file() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("gateway.jsonl");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let folder_path = folder.path().to_owned();
    let telemetry = in_time(move || {
        Telemetry::builder("gateway")
            .with_environment(Lookup::empty())
            .without_prometheus()
            .with_log_dir(folder_path)
            .build()
            .unwrap()
    });
    let warning = warning(&telemetry, "OPENCLAW_LOG_DIR");
    assert_eq!(warning.origin(), &Origin::Code);
    assert!(warning.message().contains("pipe"), "{warning}");
    assert_eq!(telemetry.log_file(), None);
}

/// A filter that is none: the default holds.
#[test]
fn a_garbled_log_filter() {
    const NAME: &str = "OPENCLAW_LOG";
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = from_environment(&receiver, &[(NAME, "my_crate=loudly,,=[")]);
    let warning = warning(&telemetry, NAME);
    assert_eq!(warning.origin(), &Origin::Environment);
    expect_no_harm(&telemetry, &receiver);
}

/// Everything at once is a list of warnings and a telemetry that runs.
#[test]
fn everything_at_once() {
    let hostile = "%ff=\u{0}\n💥,".repeat(1000);
    let variables = oc_telemetry::config::SETTINGS
        .iter()
        .filter_map(|setting| Some((setting.variable?, hostile.as_str())));
    let telemetry = Telemetry::builder("gateway")
        .with_environment(Lookup::from_map(variables))
        .without_prometheus()
        .build()
        .unwrap();
    let warnings = telemetry.warnings();
    assert!(warnings.len() > 10);
    for warning in warnings {
        assert!(warning.to_string().len() < 1000, "{}", warning.setting());
    }
    record(&telemetry);
    let _ = telemetry.shutdown();
}

/// OTLP/HTTP to `receiver`, all of it said by the environment.
fn from_environment(receiver: &OtlpReceiver, more: &[(&str, &str)]) -> Telemetry {
    let endpoint = receiver.http_endpoint();
    let mut variables = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
    variables.extend(more);
    alone()
        .with_environment(Lookup::from_map(variables))
        .build()
        .unwrap()
}

fn from_file(receiver: &OtlpReceiver, file: &Path) -> TelemetryBuilder {
    let endpoint = receiver.http_endpoint();
    alone()
        .with_environment(Lookup::from_map([(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            endpoint.as_str(),
        )]))
        .with_config_file(file)
}

/// All signals but one arrive.
#[track_caller]
fn expect_the_others(telemetry: &Telemetry, receiver: &OtlpReceiver, off: Signal) {
    record(telemetry);
    let report = telemetry.shutdown();
    assert!(report.is_complete(), "{report}");
    let on: Vec<_> = Signal::ALL
        .into_iter()
        .filter(|signal| *signal != off)
        .collect();
    expect_signals(receiver, &on);
}

#[track_caller]
fn expect_no_harm(telemetry: &Telemetry, receiver: &OtlpReceiver) {
    record(telemetry);
    let report = telemetry.shutdown();
    assert!(report.is_complete(), "{report}");
    expect_all(receiver);
}
