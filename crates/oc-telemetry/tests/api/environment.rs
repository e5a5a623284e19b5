//! The process's environment has no effect of its own: it counts only through the lookup.

use std::{
    io::{BufRead, Write, stdin},
    process::{Command, Stdio},
    time::Duration,
};

use oc_telemetry::{
    Telemetry,
    config::{Lookup, Protocol},
    opentelemetry::{Context, KeyValue, trace::TraceContextExt},
    testing::{OtlpReceiver, ReceivedRequest, SequentialIds},
    tracing_subscriber::{self, layer::SubscriberExt},
    with_span,
};
use serde_json::json;

use crate::support::{Authority, PATIENCE, PROTOCOLS, endpoint};

/// A child with a hostile environment and `Lookup::empty()` sends, to the letter, what a child
/// without any environment sends.
#[test]
fn variables_of_the_process_have_no_effect() {
    for protocol in PROTOCOLS {
        let clean = sent_by_a_child(protocol, &[]);
        let hostile = sent_by_a_child(protocol, HOSTILE);
        assert!(
            clean.contains("done") && clean.contains("things"),
            "{clean}"
        );
        assert_eq!(hostile, clean, "{protocol:?}");
    }
}

/// One at a time, so that no variable hides what another one does.
#[test]
fn no_variable_has_an_effect_alone() {
    let clean = sent_by_a_child(Protocol::HttpProtobuf, &[]);
    for variable in HOSTILE {
        let sent = sent_by_a_child(Protocol::HttpProtobuf, &[*variable]);
        assert_eq!(sent, clean, "{variable:?}");
    }
}

/// Whom TLS trusts is no business of the process's variables either: a certificate authority that
/// they name is trusted where the lookup passes them on, and nowhere else.
#[test]
fn trusted_roots_come_through_the_lookup() {
    let authority = Authority::new();
    let server = authority.issue("127.0.0.1");
    let ca = authority.file("ca.pem", &authority.pem());
    let ca = ca.to_str().unwrap();
    for protocol in PROTOCOLS {
        for variable in [("SSL_CERT_FILE", ca), ("SSL_CERT_DIR", authority.folder())] {
            for (lookup, expected) in [("process", 1), ("empty", 0)] {
                let receiver = OtlpReceiver::start_tls(&server.cert, &server.key, None).unwrap();
                let input = [protocol.as_str(), &endpoint(&receiver, protocol), lookup];
                run_child("tls_child", &input, &[variable]);
                let spans = receiver.spans().len();
                assert_eq!(spans, expected, "{protocol:?} {variable:?} {lookup}");
            }
        }
    }
}

/// The other child: sends a span to an `https` endpoint.
#[test]
#[ignore = "run by the test above, in a process of its own"]
fn tls_child() {
    let mut lines = stdin().lock().lines().map_while(Result::ok);
    let (Some(protocol), Some(endpoint), Some(lookup)) = (lines.next(), lines.next(), lines.next())
    else {
        return;
    };
    let is_empty = lookup == "empty";
    let lookup = if is_empty {
        Lookup::empty()
    } else {
        Lookup::process()
    };
    let telemetry = Telemetry::builder("gateway")
        .with_environment(lookup)
        .without_prometheus()
        .without_log_files()
        .with_otlp_endpoint(endpoint)
        .with_otlp_protocol(protocol_named(&protocol))
        .build()
        .unwrap();
    telemetry.scope(|| with_span!("work", {}));
    // Where nothing is trusted, an attempt is all there is to wait for.
    let time = if is_empty {
        Duration::from_millis(500)
    } else {
        PATIENCE
    };
    assert_eq!(telemetry.shutdown_within(time).is_complete(), !is_empty);
}

/// The child: reads from its standard input where to send what it records.
#[test]
#[ignore = "run by the tests above, in a process of its own"]
fn child() {
    let mut lines = stdin().lock().lines().map_while(Result::ok);
    let (Some(protocol), Some(endpoint)) = (lines.next(), lines.next()) else {
        return;
    };
    let protocol = protocol_named(&protocol);
    let telemetry = Telemetry::builder("gateway")
        .with_environment(Lookup::empty())
        .without_prometheus()
        .without_log_files()
        .with_id_generator(SequentialIds::new())
        .with_otlp_endpoint(endpoint)
        .with_otlp_protocol(protocol)
        .with_shutdown_timeout(PATIENCE)
        .build()
        .unwrap();
    assert_eq!(telemetry.warnings(), []);
    assert!(
        !telemetry
            .inherited_context()
            .span()
            .span_context()
            .is_valid()
    );
    let subscriber = tracing_subscriber::registry().with(telemetry.tracing_layer());
    tracing::subscriber::with_default(subscriber, || {
        telemetry.scope(|| {
            with_span!("work", "one" => 1, "two" => "second", "three" => 3, {
                let event = |name| {
                    let attributes = vec![KeyValue::new("a", 1), KeyValue::new("b", 2)];
                    Context::current().span().add_event(name, attributes);
                };
                event("first");
                event("second");
                tracing::info!(one = 1, two = "second", "done");
            });
        });
    });
    let things = telemetry.meter("test").u64_counter("things").build();
    things.add(1, &[]);
    assert!(telemetry.flush(PATIENCE).is_complete());
    things.add(1, &[]);
    let report = telemetry.shutdown();
    assert!(report.is_complete(), "{report}");
}

/// Everything that a child with these variables sent, but for times.
fn sent_by_a_child(protocol: Protocol, variables: &[(&str, &str)]) -> String {
    let receiver = OtlpReceiver::start().unwrap();
    let input = [protocol.as_str(), &endpoint(&receiver, protocol)];
    run_child("child", &input, variables);
    description(&receiver)
}

fn protocol_named(name: &str) -> Protocol {
    match name {
        "grpc" => Protocol::Grpc,
        _ => Protocol::HttpProtobuf,
    }
}

/// Runs an ignored test of this module in a process with these variables alone.
#[track_caller]
fn run_child(test: &str, lines: &[&str], variables: &[(&str, &str)]) {
    let test = format!("environment::{test}");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([&test, "--exact", "--ignored", "--nocapture"])
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", lines.join("\n")).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{variables:?}: {said}");
}

/// Sorted, because the signals are sent side by side.
fn description(receiver: &OtlpReceiver) -> String {
    let mut items: Vec<String> = receiver.requests().iter().map(head).collect();
    for span in receiver.spans() {
        let events: Vec<_> = span
            .events
            .iter()
            .map(|event| format!("{} {:?}", event.name, event.attributes))
            .collect();
        items.push(format!(
            "span {} {} {} {:?} {:?} {events:?} {:?} {:?} dropped {} {}",
            span.name,
            span.trace_id,
            span.span_id,
            span.parent_span_id,
            span.attributes,
            span.resource,
            span.scope,
            span.dropped_attributes,
            span.dropped_events,
        ));
    }
    for log in receiver.logs() {
        items.push(format!(
            "log {} {:?} {:?} {:?} {:?} {}",
            log.body, log.attributes, log.trace_id, log.resource, log.scope, log.severity_text,
        ));
    }
    for point in receiver.metrics() {
        items.push(format!(
            "point {} {:?} {:?} {:?} {:?} {:?}",
            point.name,
            point.attributes,
            point.temporality,
            point.value,
            point.resource,
            point.scope,
        ));
    }
    items.sort_unstable();
    items.join("\n")
}

fn head(request: &ReceivedRequest) -> String {
    let mut headers: Vec<_> = request
        .headers
        .iter()
        // They differ with the port and with the digits of a time.
        .filter(|(name, _)| !["host", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]))
        .map(|header| header.to_string())
        .collect();
    headers.sort_unstable();
    let compressed = request.compressed;
    format!(
        "request {} {headers:?} compressed {compressed}",
        request.path
    )
}

const HOSTILE: &[(&str, &str)] = &[
    ("OTEL_SDK_DISABLED", "true"),
    ("OTEL_SERVICE_NAME", "evil"),
    ("OTEL_RESOURCE_ATTRIBUTES", "evil=1,service.name=evil"),
    ("OTEL_TRACES_SAMPLER", "always_off"),
    ("OTEL_TRACES_SAMPLER_ARG", "0"),
    ("OTEL_TRACES_EXPORTER", "none"),
    ("OTEL_METRICS_EXPORTER", "none"),
    ("OTEL_LOGS_EXPORTER", "none"),
    ("OTEL_PROPAGATORS", "none"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
    ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "not a url"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
    ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "x-evil=1,authorization=evil"),
    ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "x-evil=%zz,=,\u{1}"),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
    ("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "gzip"),
    ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "zstd"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
    ("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "never"),
    ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nonexistent"),
    ("OTEL_EXPORTER_OTLP_INSECURE", "false"),
    ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
    ("OTEL_METRIC_EXPORT_INTERVAL", "1"),
    ("OTEL_METRIC_EXPORT_TIMEOUT", "1"),
    ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "0"),
    ("OTEL_BSP_SCHEDULE_DELAY", "1"),
    ("OTEL_BLRP_MAX_QUEUE_SIZE", "0"),
    ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "0"),
    ("OTEL_BLRP_SCHEDULE_DELAY", "1"),
    ("OTEL_ATTRIBUTE_COUNT_LIMIT", "1"),
    ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "1"),
    ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1"),
    ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "1"),
    ("OTEL_SPAN_EVENT_COUNT_LIMIT", "1"),
    ("OTEL_SPAN_LINK_COUNT_LIMIT", "0"),
    ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "1"),
    ("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "1"),
    ("OTEL_LOG_LEVEL", "none"),
    ("OTEL_CONFIG_FILE", "/nonexistent.yaml"),
    ("RUST_LOG", "off"),
    ("OPENCLAW_LOG", "off"),
    ("OPENCLAW_LOG_DIR", "/nonexistent"),
    ("OPENCLAW_CONFIG", "/nonexistent"),
    ("OPENCLAW_OTEL_PRELOADED", "1"),
    ("HOME", "/nonexistent"),
    ("HTTP_PROXY", "http://127.0.0.1:1"),
    ("http_proxy", "http://127.0.0.1:1"),
    ("ALL_PROXY", "http://127.0.0.1:1"),
    ("SSL_CERT_FILE", "/nonexistent"),
    ("SSL_CERT_DIR", "/nonexistent"),
    (
        "TRACEPARENT",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
    ("BAGGAGE", "evil=1"),
];
