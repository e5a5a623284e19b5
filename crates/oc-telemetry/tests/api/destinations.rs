//! Several destinations, and what a request carries beside its items.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use oc_telemetry::{
    Compression, Destination, DropReason, Signal, Telemetry,
    config::{JaegerRemoteSampler, Lookup, Protocol, RootSampler, SamplerConfig},
    testing::{OtlpReceiver, ReceivedSpan, Script},
    with_span,
};

use crate::support::{
    Authority, PATIENCE, PROTOCOLS, alone, counts, dead_endpoint, dropped, endpoint, expect_all,
    expect_settled, flush_until, has_all, record, to,
};

/// HTTP, gRPC and the console at once: the same items at each, and each has counts of its own.
#[test]
fn the_same_items_everywhere() {
    let (http, grpc) = (
        OtlpReceiver::start().unwrap(),
        OtlpReceiver::start().unwrap(),
    );
    let telemetry = to(&http, Protocol::HttpProtobuf)
        .with_destination(otlp("second", &grpc, Protocol::Grpc))
        .with_destination(Destination::console())
        .build()
        .unwrap();
    assert_eq!(telemetry.warnings(), []);
    record(&telemetry);
    let report = telemetry.shutdown();
    assert!(report.is_complete(), "{report}");

    expect_all(&http);
    expect_all(&grpc);
    let ids = |span: &ReceivedSpan| (span.trace_id.clone(), span.span_id.clone());
    assert_eq!(ids(&http.spans()[0]), ids(&grpc.spans()[0]));
    let counted: BTreeSet<_> = report
        .destinations
        .iter()
        .map(|counts| (counts.signal.to_string(), counts.destination.as_str()))
        .collect();
    assert_eq!(counted.len(), report.destinations.len());
    let traces: Vec<_> = counted
        .iter()
        .filter(|(signal, _)| signal == "traces")
        .map(|(_, name)| *name)
        .collect();
    assert_eq!(traces, ["console", "otlp", "second"]);
}

/// A dead destination takes nothing from the others: they get everything while it is retried.
#[test]
fn a_dead_one_holds_up_nobody() {
    for protocol in PROTOCOLS {
        let alive = OtlpReceiver::start().unwrap();
        let dead = Destination::otlp("dead", dead_endpoint()).with_protocol(protocol);
        let telemetry = alone()
            .with_destination(dead)
            .with_destination(otlp("alive", &alive, protocol))
            .build()
            .unwrap();
        record(&telemetry);
        flush_until(&telemetry, |counts| has_all(counts, "alive"));
        expect_all(&alive);
        let report = telemetry.shutdown_within(Duration::from_millis(200));

        assert!(!report.in_time);
        expect_settled(&report.destinations);
        assert!(has_all(&report.destinations, "alive"), "{report}");
        for counts in report.destinations {
            if counts.destination == "dead" {
                assert!(counts.created > 0, "{counts:?}");
                assert_eq!(counts.dropped_total(), counts.created, "{counts:?}");
                assert!(
                    dropped(&counts, DropReason::ShutdownDeadline) > 0,
                    "{counts:?}"
                );
            }
        }
    }
}

/// A destination that answers slowly, or not at all, delays the flush and not the others.
#[test]
fn a_hanging_one_holds_up_nobody() {
    let (alive, stuck) = (
        OtlpReceiver::start().unwrap(),
        OtlpReceiver::start().unwrap(),
    );
    stuck.respond_always(Script::hang());
    let telemetry = alone()
        .with_destination(otlp("stuck", &stuck, Protocol::HttpProtobuf))
        .with_destination(otlp("alive", &alive, Protocol::HttpProtobuf))
        .build()
        .unwrap();
    for round in 1..=3 {
        telemetry.scope(|| with_span!("work", {}));
        let _ = telemetry.flush(Duration::from_millis(50));
        let spans = alive.wait_for_spans(round, PATIENCE);
        assert_eq!(spans.len() as u64, round);
    }
    stuck.respond_always(Script::accept());
    stuck.release();
    assert!(telemetry.shutdown().is_complete());
    assert_eq!(stuck.spans().len(), 3, "nothing was lost on the way");
}

/// A private CA and a client certificate, by each protocol, for the general OTLP settings and for
/// a destination alike.
#[test]
fn tls_with_a_client_certificate() {
    let authority = Authority::new();
    let server = authority.issue("127.0.0.1");
    let client = authority.issue("gateway");
    let ca = authority.file("ca.pem", &authority.pem());
    let cert = authority.file("client.pem", &client.cert);
    let key = authority.file("client.key", &client.key);
    for protocol in PROTOCOLS {
        let start =
            || OtlpReceiver::start_tls(&server.cert, &server.key, Some(&authority.pem())).unwrap();
        let (one, two) = (start(), start());
        let second = otlp("second", &two, protocol)
            .with_ca_file(&ca)
            .with_client_identity(&cert, &key);
        let telemetry = to(&one, protocol)
            .with_otlp_ca_file(&ca)
            .with_otlp_client_identity(&cert, &key)
            .with_destination(second)
            .build()
            .unwrap();
        assert_eq!(telemetry.warnings(), []);
        record(&telemetry);
        let report = telemetry.shutdown();
        assert!(report.is_complete(), "{protocol:?}: {report}");
        expect_all(&one);
        expect_all(&two);
    }
}

/// Without the CA the server is not trusted: nothing is sent. It is tried again, for a certificate may be on its way, and
/// given up at the end.
#[test]
fn a_server_that_is_not_trusted() {
    let authority = Authority::new();
    let server = authority.issue("127.0.0.1");
    let other = Authority::new();
    let ca = other.file("ca.pem", &other.pem());
    for protocol in PROTOCOLS {
        let receiver = OtlpReceiver::start_tls(&server.cert, &server.key, None).unwrap();
        let telemetry = to(&receiver, protocol)
            .with_otlp_ca_file(&ca)
            .build()
            .unwrap();
        record(&telemetry);
        let report = telemetry.shutdown_within(Duration::from_millis(500));
        assert!(!report.in_time, "{report}");
        expect_settled(&report.destinations);
        let counts = counts(&report.destinations, Signal::Traces);
        assert_eq!(
            dropped(counts, DropReason::ShutdownDeadline),
            1,
            "{counts:?}"
        );
        assert!(receiver.requests().is_empty());
    }
}

/// Headers and compression of the general settings and of a destination reach every request.
#[test]
fn headers_and_gzip() {
    for protocol in PROTOCOLS {
        let (one, two) = (
            OtlpReceiver::start().unwrap(),
            OtlpReceiver::start().unwrap(),
        );
        let second = otlp("second", &two, protocol)
            .with_header("x-team", "two")
            .with_compression(Compression::Gzip);
        let telemetry = to(&one, protocol)
            .with_otlp_header("authorization", "Bearer one")
            .with_otlp_compression(Compression::Gzip)
            .with_destination(second)
            .build()
            .unwrap();
        record(&telemetry);
        assert!(telemetry.shutdown().is_complete());
        for (receiver, header, value, not) in [
            (&one, "authorization", "Bearer one", "x-team"),
            (&two, "x-team", "two", "authorization"),
        ] {
            let requests = receiver.requests();
            assert_eq!(requests.len(), 3, "one a signal");
            for request in requests {
                assert_eq!(request.header(header), Some(value));
                assert_eq!(request.header(not), None, "a header of the other one");
                assert!(request.compressed, "{}", request.path);
            }
            expect_all(receiver);
        }
        let debug = format!("{telemetry:?}");
        assert!(!debug.contains("Bearer"), "{debug}");
    }
}

/// What a receiver refuses of an accepted request is counted as rejected, and is not sent again.
#[test]
fn partial_success() {
    for protocol in PROTOCOLS {
        let receiver = OtlpReceiver::start().unwrap();
        let script = Script::partial_success(2, "two spans are too old");
        receiver.respond_with(script.only_for(Signal::Traces));
        let telemetry = to(&receiver, protocol).build().unwrap();
        for _ in 0..5 {
            telemetry.scope(|| with_span!("work", {}));
        }
        let report = telemetry.shutdown();
        let counts = counts(&report.destinations, Signal::Traces);
        assert_eq!(
            (counts.created, counts.exported, counts.rejected),
            (5, 3, 2)
        );
        assert!(report.in_time && !report.is_complete());
        assert!(report.to_string().contains("2 rejected"), "{report}");
        let traces = receiver.requests();
        let traces = traces.iter().filter(|request| request.traces().is_some());
        assert_eq!(traces.count(), 1);
    }
}

/// Names are told apart, whoever gave them, so that a report is readable. One console is enough.
#[test]
fn names_are_unique() {
    let receiver = OtlpReceiver::start().unwrap();
    let http = Protocol::HttpProtobuf;
    let telemetry = to(&receiver, http)
        .with_destination(otlp("otlp", &receiver, http))
        .with_destination(otlp("console", &receiver, http))
        .with_destination(Destination::console())
        .with_destination(Destination::console())
        .with_destination(otlp("otlp", &receiver, http))
        .build()
        .unwrap();
    telemetry.scope(|| with_span!("work", {}));
    let report = telemetry.shutdown();
    assert!(report.is_complete(), "{report}");
    let mut names = names(&telemetry, Signal::Traces);
    names.sort_unstable();
    assert_eq!(names, ["console", "console-2", "otlp", "otlp-2", "otlp-3"]);
    assert_eq!(receiver.spans().len(), 4);
}

/// A destination gets the signals that it is for, and the console takes traces only.
#[test]
fn signals_of_a_destination() {
    let (traces, others) = (
        OtlpReceiver::start().unwrap(),
        OtlpReceiver::start().unwrap(),
    );
    let http = Protocol::HttpProtobuf;
    let telemetry = alone()
        .with_destination(otlp("traces", &traces, http).with_signals([Signal::Traces]))
        .with_destination(
            otlp("others", &others, http).with_signals([Signal::Metrics, Signal::Logs]),
        )
        .with_destination(Destination::console().with_signals(Signal::ALL))
        .build()
        .unwrap();
    record(&telemetry);
    assert!(telemetry.shutdown().is_complete());
    crate::support::expect_signals(&traces, &[Signal::Traces]);
    crate::support::expect_signals(&others, &[Signal::Metrics, Signal::Logs]);
    assert_eq!(names(&telemetry, Signal::Logs), ["others"]);
}

/// What a destination cannot do is not left out in silence.
#[test]
fn what_has_no_effect_is_a_warning() {
    let receiver = OtlpReceiver::start().unwrap();
    let console = Destination::console()
        .with_signals([Signal::Traces, Signal::Logs])
        .with_header("x-team", "s3cret")
        .with_timeout(Duration::from_secs(1));
    let other = otlp("other", &receiver, Protocol::HttpProtobuf).with_header("Host", "s3cret");
    let telemetry = alone()
        .with_destination(console)
        .with_destination(other)
        .build()
        .unwrap();
    let warnings: Vec<_> = telemetry
        .warnings()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        warnings,
        [
            "with_destination (code): the console takes traces only; logs are not printed",
            "with_destination (code): the console is no OTLP receiver; its header has no effect",
            "with_destination (code): the console is no OTLP receiver; its timeout has no effect",
            "with_destination (code): header \"host\" is set by the exporter itself; it is not sent \
             to the destination \"other\"",
        ]
    );
    record(&telemetry);
    assert!(telemetry.shutdown().is_complete());
    expect_all(&receiver);
}

/// A URL may hold a password, which is refused in the end; until then it is in no output.
#[test]
fn no_password_in_debug_output() {
    let url = "https://user:s3cret@h:4318/v1?key=s3cret";
    let sampler = RootSampler::JaegerRemote({
        let mut remote = JaegerRemoteSampler::default();
        url.clone_into(&mut remote.endpoint);
        remote
    });
    let builder = alone()
        .with_destination(Destination::otlp("one", url).with_header("authorization", "s3cret"))
        .with_otlp_endpoint(url)
        .with_sampler(SamplerConfig::new(sampler));
    let text = format!("{builder:?}");
    assert!(!text.contains("s3cret"), "{text}");
    assert!(text.contains("https://h:4318/v1"), "{text}");
}

/// The export timeouts of the specification bound each attempt, where somebody sets them.
#[test]
fn export_timeouts_bound_an_attempt() {
    for (variable, signal) in [
        ("OTEL_BSP_EXPORT_TIMEOUT", Signal::Traces),
        ("OTEL_BLRP_EXPORT_TIMEOUT", Signal::Logs),
        ("OTEL_METRIC_EXPORT_TIMEOUT", Signal::Metrics),
    ] {
        let receiver = OtlpReceiver::start().unwrap();
        receiver.respond_always(Script::hang());
        let variables = [(variable, "300"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000")];
        let destination = otlp("second", &receiver, Protocol::HttpProtobuf)
            .with_signals([signal])
            .with_timeout(Duration::from_hours(1));
        let telemetry = alone()
            .with_environment(Lookup::from_map(variables))
            .with_destination(destination)
            .build()
            .unwrap();
        record(&telemetry);
        let _ = telemetry.flush(Duration::from_millis(50));
        // Without the bound nobody would give up the first attempt in time.
        let requests = receiver.wait_for_requests(2, PATIENCE);
        assert_eq!(requests.len(), 2, "{variable}");
        receiver.respond_always(Script::accept());
        receiver.release();
    }
}

/// Behind one ingress are two servers: what one of them asks for holds for itself alone.
#[test]
fn destinations_of_one_host_are_throttled_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ingress = format!("http://{}", listener.local_addr().unwrap());
    let (asked, paths) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let asked = asked.clone();
            thread::spawn(move || answer(stream, &asked));
        }
    });
    let telemetry = alone()
        .with_destination(Destination::otlp("jaeger", format!("{ingress}/jaeger")))
        .with_destination(Destination::otlp("mlflow", format!("{ingress}/mlflow")))
        .build()
        .unwrap();
    let mut seen = Vec::new();
    // The second round comes when Jaeger has asked to be left alone.
    for _ in 0..2 {
        telemetry.scope(|| with_span!("work", {}));
        let _ = telemetry.flush(Duration::from_millis(50));
        while seen.last().is_none_or(|path| path != "/mlflow/v1/traces") {
            seen.push(paths.recv_timeout(PATIENCE).unwrap());
        }
        if !seen.contains(&"/jaeger/v1/traces".to_owned()) {
            seen.push(paths.recv_timeout(PATIENCE).unwrap());
        }
        seen.retain(|path| path != "/mlflow/v1/traces");
    }
    assert_eq!(seen, ["/jaeger/v1/traces"], "asked once, as it wished");
    let _ = telemetry.shutdown_within(Duration::ZERO);
}

/// Takes what goes to MLflow, and asks for an hour without requests for Jaeger.
fn answer(stream: TcpStream, asked: &mpsc::Sender<String>) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut path, mut length) = (String::new(), 0);
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            if let Some(rest) = line.strip_prefix("POST ") {
                rest.split(' ').next().unwrap().clone_into(&mut path);
            }
            if let Some(rest) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = rest.trim().parse().unwrap();
            }
            line.clear();
        }
        if path.is_empty() || reader.read_exact(&mut vec![0; length]).is_err() {
            return;
        }
        let answer = if path.starts_with("/jaeger") {
            "HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n"
        } else {
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n"
        };
        let _ = reader.get_mut().write_all(answer.as_bytes());
        let _ = asked.send(path);
    }
}

/// The system's roots lie where the lookup says, and nowhere else.
#[test]
fn roots_from_the_lookup() {
    let authority = Authority::new();
    let server = authority.issue("127.0.0.1");
    let ca = authority.file("ca.pem", &authority.pem());
    let ca = ca.to_str().unwrap();
    let folder = authority.folder();
    let folders = format!("/nonexistent:{folder}");
    for protocol in PROTOCOLS {
        for variable in [("SSL_CERT_FILE", ca), ("SSL_CERT_DIR", folders.as_str())] {
            let receiver = OtlpReceiver::start_tls(&server.cert, &server.key, None).unwrap();
            let telemetry = alone()
                .with_environment(Lookup::from_map([variable]))
                .with_destination(otlp("second", &receiver, protocol))
                .with_otlp_endpoint(endpoint(&receiver, protocol))
                .with_otlp_protocol(protocol)
                .build()
                .unwrap();
            assert_eq!(telemetry.warnings(), []);
            telemetry.scope(|| with_span!("work", {}));
            let report = telemetry.shutdown_within(PATIENCE);
            assert!(report.is_complete(), "{variable:?}: {report}");
            assert_eq!(receiver.spans().len(), 2);
        }
    }
}

/// Roots that cannot be read: the destination is off, and the warning names the variable.
#[test]
fn roots_that_are_not_there() {
    let variables = Lookup::from_map([("SSL_CERT_FILE", "/nonexistent")]);
    let telemetry = alone()
        .with_environment(variables)
        .with_otlp_endpoint("https://127.0.0.1:1")
        .build()
        .unwrap();
    let warnings = telemetry.warnings();
    assert_eq!(warnings.len(), 3, "one a signal: {warnings:#?}");
    for warning in warnings {
        assert_eq!(warning.setting(), "SSL_CERT_FILE");
        assert!(warning.message().contains("/nonexistent"), "{warning}");
    }
    assert!(telemetry.ledger().is_empty());
}

fn names(telemetry: &Telemetry, signal: Signal) -> Vec<String> {
    let counts = telemetry.ledger().into_iter();
    counts
        .filter(|counts| counts.signal == signal)
        .map(|counts| counts.destination)
        .collect()
}

fn otlp(name: &str, receiver: &OtlpReceiver, protocol: Protocol) -> Destination {
    Destination::otlp(name, endpoint(receiver, protocol)).with_protocol(protocol)
}
