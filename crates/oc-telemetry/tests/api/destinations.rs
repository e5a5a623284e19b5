//! Several destinations, and what a request carries beside its items.

use std::{collections::BTreeSet, time::Duration};

use oc_telemetry::{
    Compression, Destination, DropReason, Signal, Telemetry,
    config::Protocol,
    testing::{OtlpReceiver, ReceivedSpan, Script},
    with_span,
};

use crate::support::{
    Authority, PATIENCE, PROTOCOLS, alone, counts, dead_endpoint, dropped, endpoint, expect_all,
    expect_settled, record, to,
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
        let report = telemetry.shutdown_within(Duration::from_millis(1500));

        expect_all(&alive);
        assert!(!report.in_time);
        expect_settled(&report.destinations);
        for counts in report.destinations {
            match counts.destination.as_str() {
                "alive" => assert!(counts.is_complete(), "{counts:?}"),
                _ => assert_eq!(
                    dropped(&counts, DropReason::ShutdownDeadline),
                    counts.created,
                    "{counts:?}"
                ),
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

/// Without the CA the server is not trusted: nothing is sent, and it is not retried for ever.
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
        let report = telemetry.shutdown();
        assert!(report.in_time, "{report}");
        expect_settled(&report.destinations);
        let counts = counts(&report.destinations, Signal::Traces);
        assert_eq!(dropped(counts, DropReason::Rejected), 1, "{counts:?}");
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
