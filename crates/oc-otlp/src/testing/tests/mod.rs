//! Round trips with plain clients and requests made by hand.

use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, header};
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{KeyValue, any_value::Value},
    metrics::v1::metric::Data,
    trace::v1::Span,
};
use prost::Message;

use super::{
    AttrValue, OtlpReceiver, Outcome, PointKind, PointValue, Protocol, Script, Temporality,
};
use crate::Signal;

mod plain;
mod samples;

use plain::{Plain, frame, gzip};
use samples::{attribute, logs, metrics, trace};

const PATIENCE: Duration = Duration::from_secs(20);

/// Everything that a span can carry is there after a trip over OTLP/HTTP.
#[test]
fn a_span_over_http() {
    let receiver = OtlpReceiver::start().unwrap();
    let answer = Plain::new().post(&receiver, "/v1/traces", &[], trace().encode_to_vec());
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, Bytes::new(), "full success has no fields set");

    let spans = receiver.wait_for_spans(1, PATIENCE);
    assert_eq!(spans.len(), 1);
    let span = &spans[0];
    assert_eq!(span.service(), Some("gateway"));
    assert_eq!(span.scope.name, "scope");
    assert_eq!(span.trace_id, "000102030405060708090a0b0c0d0e0f");
    assert_eq!(span.span_id, "1011121314151617");
    assert_eq!(span.parent_span_id.as_deref(), Some("2021222324252627"));
    assert_eq!(span.kind, SpanKind::Client);
    assert_eq!(span.duration(), Duration::from_millis(3));
    assert_eq!(span.attributes["model"], "m");
    assert_eq!(span.attributes["tokens"], 7);
    assert_eq!(
        span.attr("list"),
        Some(&AttrValue::Array(vec![AttrValue::Bool(true)]))
    );
    assert_eq!(span.status, Status::error("late"));
    assert_eq!(span.events[0].name, "first");
    assert_eq!(span.links[0].span_id, "3030303030303030");
    assert_eq!(span.flags, 0x101);

    let request = &receiver.requests()[0];
    assert_eq!(request.protocol, Protocol::Http);
    assert_eq!(request.outcome, Outcome::Accepted);
    assert_eq!(request.traces(), Some(&trace()));
    assert_eq!(request.wire_size, request.body.len());
    assert_eq!(
        request.header("content-type"),
        Some("application/x-protobuf")
    );
}

/// A key that a sender repeats is named wherever there are attributes; the last value stands for it.
#[test]
fn repeated_keys() {
    let receiver = OtlpReceiver::start().unwrap();
    let client = Plain::new();
    let (mut traces, mut points, mut records) = (trace(), metrics(), logs());
    repeat(&mut first_span(&mut traces).attributes);
    repeat(&mut first_span(&mut traces).events[0].attributes);
    repeat(&mut first_span(&mut traces).links[0].attributes);
    repeat(&mut records.resource_logs[0].scope_logs[0].log_records[0].attributes);
    let metric = &mut points.resource_metrics[0].scope_metrics[0].metrics[0];
    if let Some(Data::Sum(sum)) = &mut metric.data {
        repeat(&mut sum.data_points[0].attributes);
    }
    client.post(&receiver, "/v1/traces", &[], traces.encode_to_vec());
    client.post(&receiver, "/v1/metrics", &[], points.encode_to_vec());
    client.post(&receiver, "/v1/logs", &[], records.encode_to_vec());

    let span = receiver.wait_for_spans(1, PATIENCE).remove(0);
    assert_eq!(span.duplicate_keys, ["b", "a"]);
    assert_eq!(span.attributes["a"], 5);
    assert_eq!(span.events[0].duplicate_keys, ["b", "a"]);
    assert_eq!(span.links[0].duplicate_keys, ["b", "a"]);
    let point = receiver.wait_for_metrics(1, PATIENCE).remove(0);
    assert_eq!(point.duplicate_keys, ["b", "a"]);
    let log = receiver.wait_for_logs(1, PATIENCE).remove(0);
    assert_eq!(log.duplicate_keys, ["b", "a"]);
}

fn first_span(request: &mut ExportTraceServiceRequest) -> &mut Span {
    &mut request.resource_spans[0].scope_spans[0].spans[0]
}

fn repeat(attributes: &mut Vec<KeyValue>) {
    for (number, key) in (0..).zip(["a", "b", "c", "b", "b", "a"]) {
        attributes.push(attribute(key, Value::IntValue(number)));
    }
}

/// Metrics and logs are flattened with what their metric and their resource say.
#[test]
fn metrics_and_logs_over_http() {
    let receiver = OtlpReceiver::start().unwrap();
    let client = Plain::new();
    client.post(&receiver, "/v1/metrics", &[], metrics().encode_to_vec());
    client.post(&receiver, "/v1/logs", &[], logs().encode_to_vec());

    let points = receiver.wait_for_metrics(2, PATIENCE);
    assert_eq!(points[0].name, "calls");
    assert_eq!(points[0].kind, PointKind::Sum);
    assert!(points[0].monotonic);
    assert_eq!(points[0].temporality, Temporality::Cumulative);
    assert_eq!(points[0].value, PointValue::Int(3));
    assert_eq!(points[0].attributes["tool"], "t");
    let histogram = points[1].histogram().unwrap();
    assert_eq!((histogram.count, histogram.sum), (2, Some(1.5)));
    assert_eq!(histogram.counts, [1, 1]);

    let logs = receiver.wait_for_logs(1, PATIENCE);
    assert_eq!(logs[0].body, "hello");
    assert_eq!(logs[0].severity_number, 9);
    assert_eq!(logs[0].trace_id, None);
}

/// A compressed body is decompressed, and both sizes are known.
#[test]
fn gzip_over_http() {
    let receiver = OtlpReceiver::start().unwrap();
    let body = gzip(&trace().encode_to_vec());
    let size = body.len();
    let headers = [("content-encoding", "gzip")];
    let answer = Plain::new().post(&receiver, "/v1/traces", &headers, body);
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(receiver.spans().len(), 1);
    let request = &receiver.requests()[0];
    assert!(request.compressed);
    assert_eq!(request.wire_size, size);
    assert_eq!(request.body, trace().encode_to_vec());
}

/// The same port takes gRPC, plain and compressed.
#[test]
fn grpc_on_the_same_port() {
    let receiver = OtlpReceiver::start().unwrap();
    let client = Plain::new();
    let path = Signal::Traces.grpc_path();
    let message = trace().encode_to_vec();
    let answer = client.call(&receiver, path, &[], &frame(0, &message));
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.grpc_status(), 0);
    assert_eq!(answer.body, frame(0, &[]));

    let headers = [("grpc-encoding", "gzip")];
    let answer = client.call(&receiver, path, &headers, &frame(1, &gzip(&message)));
    assert_eq!(answer.grpc_status(), 0);

    assert_eq!(receiver.spans().len(), 2);
    assert_eq!(receiver.spans()[0], receiver.spans()[1]);
    let requests = receiver.requests();
    assert_eq!(requests[0].protocol, Protocol::Grpc);
    assert_eq!(requests[0].wire_size, message.len() + 5);
    assert_eq!(
        requests.iter().map(|it| it.compressed).collect::<Vec<_>>(),
        [false, true]
    );
}

/// What is not OTLP is answered as the specification says, kept with the reason, and counts for
/// nothing.
#[test]
fn requests_that_are_not_otlp() {
    let receiver = OtlpReceiver::start().unwrap();
    let client = Plain::new();
    let body = trace().encode_to_vec();
    let json = [("content-type", "application/json")];
    let brotli = [("content-encoding", "br")];
    let zip = [("content-encoding", "gzip")];
    let statuses = [
        client.post(&receiver, "/v1/spans", &[], body.clone()),
        client.post(&receiver, "/v1/traces", &json, body.clone()),
        client.post(&receiver, "/v1/traces", &brotli, body.clone()),
        client.post(&receiver, "/v1/traces", &zip, body.clone()),
        client.post(&receiver, "/v1/traces", &[], b"\xff\xff".to_vec()),
    ]
    .map(|answer| answer.status.as_u16());
    assert_eq!(statuses, [404, 415, 415, 400, 400]);
    let codes = [
        client.call(&receiver, "/x/Export", &[], &frame(0, &body)),
        client.call(&receiver, Signal::Logs.grpc_path(), &[], b"\x00\x00"),
        client.call(&receiver, Signal::Logs.grpc_path(), &[], &frame(0, &[0xff])),
    ]
    .map(|answer| answer.grpc_status());
    assert_eq!([codes[0], codes[2]], [12, 3]);
    assert_ne!(codes[1], 0);

    assert!(receiver.spans().is_empty());
    let requests = receiver.requests();
    assert_eq!(requests.len(), 8);
    for request in requests {
        assert_eq!(request.outcome, Outcome::Refused, "{request:?}");
        assert!(request.problem.is_some(), "{request:?}");
    }
}

/// Queued scripts are used once and in order; those for another signal wait for it.
#[test]
fn scripts_are_used_in_order() {
    let receiver = OtlpReceiver::start().unwrap();
    let client = Plain::new();
    receiver.respond_with(Script::status(503).with_header("retry-after", "7"));
    receiver.respond_with(Script::status(400).only_for(Signal::Logs));
    receiver.respond_with(Script::partial_success(1, "too old"));
    let send = || client.post(&receiver, "/v1/traces", &[], trace().encode_to_vec());

    let first = send();
    assert_eq!(first.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(first.headers[header::RETRY_AFTER], "7");
    assert!(receiver.spans().is_empty());

    let second = send();
    let partial = ExportTraceServiceResponse::decode(second.body).unwrap();
    let partial = partial.partial_success.unwrap();
    assert_eq!(
        (partial.rejected_spans, &*partial.error_message),
        (1, "too old")
    );

    assert_eq!(send().body, Bytes::new());
    assert_eq!(receiver.spans().len(), 2);
    let log = client.post(&receiver, "/v1/logs", &[], logs().encode_to_vec());
    assert_eq!(log.status, StatusCode::BAD_REQUEST);
}

/// Over gRPC a script answers with a status, its details, or an HTTP status as a proxy would.
#[test]
fn scripts_over_grpc() {
    let receiver = OtlpReceiver::start().unwrap();
    let client = Plain::new();
    let message = frame(0, &trace().encode_to_vec());
    let send = || client.call(&receiver, Signal::Traces.grpc_path(), &[], &message);

    receiver.respond_with(Script::grpc_status(8, "full").with_retry_info(PATIENCE));
    let answer = send();
    assert_eq!(answer.grpc_status(), 8);
    assert!(answer.headers.contains_key("grpc-status-details-bin"));

    receiver.respond_with(Script::status(502));
    assert_eq!(send().status, StatusCode::BAD_GATEWAY);

    receiver.respond_with(Script::partial_success(1, "too old"));
    let answer = send();
    assert_eq!(answer.grpc_status(), 0);
    let partial = ExportTraceServiceResponse::decode(answer.body.slice(5..)).unwrap();
    assert_eq!(partial.partial_success.unwrap().rejected_spans, 1);
}

/// `unavailable` says the same in both protocols.
#[test]
fn unavailable_in_both_protocols() {
    let receiver = OtlpReceiver::start().unwrap();
    let client = Plain::new();
    receiver.respond_always(Script::unavailable(Some(Duration::from_millis(1_500))));
    let answer = client.post(&receiver, "/v1/traces", &[], trace().encode_to_vec());
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers[header::RETRY_AFTER], "2");
    let message = frame(0, &trace().encode_to_vec());
    let answer = client.call(&receiver, Signal::Traces.grpc_path(), &[], &message);
    assert_eq!(answer.grpc_status(), 14);

    receiver.respond_always(Script::accept());
    let answer = client.call(&receiver, Signal::Traces.grpc_path(), &[], &message);
    assert_eq!(answer.grpc_status(), 0);
}

/// A hanging request is visible, is not accepted, and is answered when released.
#[test]
fn hanging_and_released() {
    let receiver = OtlpReceiver::start().unwrap();
    receiver.respond_with(Script::hang());
    let client = Plain::new();
    let answer = client.begin(&receiver, "/v1/traces", trace().encode_to_vec());
    assert!(receiver.wait_until(PATIENCE, |requests| {
        requests.len() == 1 && requests[0].outcome == Outcome::Pending
    }));
    assert!(receiver.spans().is_empty());
    receiver.release();
    assert_eq!(receiver.wait_for_spans(1, PATIENCE).len(), 1);
    assert_eq!(answer.recv_timeout(PATIENCE).unwrap().unwrap().status, 200);
}

/// A client that gives up on a hanging request leaves it unanswered.
#[test]
fn hanging_until_the_client_gives_up() {
    let receiver = OtlpReceiver::start().unwrap();
    receiver.respond_with(Script::hang());
    let client = Plain::new();
    let _answer = client.begin(&receiver, "/v1/traces", trace().encode_to_vec());
    assert_eq!(receiver.wait_for_requests(1, PATIENCE).len(), 1);
    drop(client);
    assert!(receiver.wait_until(PATIENCE, |requests| {
        requests[0].outcome == Outcome::Unanswered
    }));
}

/// A closed connection is an error for the client; whether the items were kept is the script's
/// choice.
#[test]
fn connections_are_closed() {
    let receiver = OtlpReceiver::start().unwrap();
    let client = Plain::new();
    let send = || {
        client
            .begin(&receiver, "/v1/traces", trace().encode_to_vec())
            .recv_timeout(PATIENCE)
            .unwrap()
    };
    receiver.respond_with(Script::close());
    assert!(send().is_err());
    assert!(receiver.spans().is_empty());
    receiver.respond_with(Script::lose_answer());
    assert!(send().is_err());
    assert_eq!(receiver.spans().len(), 1);

    let message = frame(0, &trace().encode_to_vec());
    receiver.respond_with(Script::close());
    let call = client.begin_call(&receiver, Signal::Traces.grpc_path(), &[], &message);
    assert!(call.recv_timeout(PATIENCE).unwrap().is_err());
    assert_eq!(send().unwrap().status, 200, "the receiver goes on");
    let connections = receiver.requests().into_iter().map(|it| it.connection);
    assert_eq!(connections.collect::<Vec<_>>(), [1, 2, 3, 4]);
}

/// After the drop the port refuses, and a new receiver can take it: a destination that returns.
#[test]
fn the_port_is_free_after_the_drop() {
    let receiver = OtlpReceiver::start().unwrap();
    let address = receiver.address();
    Plain::new().post(&receiver, "/v1/traces", &[], trace().encode_to_vec());
    drop(receiver);
    assert!(std::net::TcpStream::connect(address).is_err());
    let receiver = OtlpReceiver::start_at(address).unwrap();
    // A client that knows the old connection may not have noticed its end yet.
    let answer = Plain::new().post(&receiver, "/v1/traces", &[], trace().encode_to_vec());
    assert_eq!(answer.status, StatusCode::OK);
}

/// Waiting ends when the time is up, with what there is; clearing forgets it.
#[tokio::test]
async fn waiting_ends_inside_a_runtime() {
    let receiver = OtlpReceiver::start().unwrap();
    let body = trace().encode_to_vec();
    Plain::new().post(&receiver, "/v1/traces", &[], body);
    assert_eq!(receiver.wait_for_spans(2, Duration::ZERO).len(), 1);
    receiver.clear();
    assert!(receiver.requests().is_empty());
}
