//! Whose child a request's span is, and where it is the current one.

use std::{
    convert::Infallible,
    future,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Full};
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt,
    trace::{SpanKind, TraceContextExt, Tracer, TracerProvider},
};
use tower::{Layer, ServiceExt, service_fn};

use super::{Fixture, Frames, answer, finish, request};
use crate::ended::EndedSpans;

/// The parent is the one in the headers; baggage from outside is dropped, the program's own is
/// kept, and both change when the layer is told to trust it.
#[test]
fn parents_and_baggage() {
    for trusted in [false, true] {
        let fixture = Fixture::new();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let seen_inside = Arc::clone(&seen);
        let inner = service_fn(move |_: Request<()>| {
            let keys = Context::map_current(|cx| {
                let keys: Vec<String> = cx.baggage().iter().map(|(k, _)| k.to_string()).collect();
                keys
            });
            seen_inside.lock().unwrap().extend(keys);
            future::ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
        });
        let request = Request::builder()
            .header("traceparent", TRACEPARENT)
            .header("baggage", "user.id=mallory")
            .body(())
            .unwrap();
        let own = Context::current_with_baggage([KeyValue::new("own", "yes")]);
        let _own = own.attach();

        let service = fixture.layer().with_trusted_baggage(trusted).layer(inner);
        finish(service.oneshot(request)).unwrap();

        let span = fixture.spans.one();
        assert_eq!(
            span.span_context.trace_id().to_string(),
            "4bf92f3577b34da6a3ce929d0e0e4736"
        );
        assert_eq!(span.parent_span_id.to_string(), "00f067aa0ba902b7");
        assert!(span.parent_span_is_remote);
        let seen = seen.lock().unwrap();
        assert_eq!(seen.contains(&"user.id".to_owned()), trusted, "{seen:?}");
        if !trusted {
            assert_eq!(*seen, ["own"]);
        }
    }
}

/// A malformed `traceparent` starts a new trace.
#[test]
fn a_malformed_parent_is_ignored() {
    let fixture = Fixture::new();
    let request = Request::builder()
        .header(
            "traceparent",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        )
        .body(())
        .unwrap();
    finish(
        fixture
            .layer()
            .layer(answer(StatusCode::OK))
            .oneshot(request),
    )
    .unwrap();
    assert!(!fixture.spans.one().parent_span_is_remote);
}

/// Spans made in the service's call, in its future after a wait, and in the body are children of
/// the request's span, and end before it.
#[tokio::test]
async fn the_span_is_current_in_call_future_and_body() {
    let fixture = Fixture::new();
    let tracer = fixture.spans.provider().tracer("inner");
    let inner = service_fn(move |_: Request<()>| {
        tracer.start("in call");
        let tracer = tracer.clone();
        async move {
            tokio::task::yield_now().await;
            tracer.start("in future");
            let body = Frames::new(["one"]).on_poll(move || drop(tracer.start("in body")));
            Ok::<_, Infallible>(Response::new(body))
        }
    });

    let response = fixture.layer().layer(inner).oneshot(request()).await;
    response.unwrap().into_body().collect().await.unwrap();

    let ended = fixture.spans.ended();
    let names: Vec<&str> = ended.iter().map(|span| span.name.as_ref()).collect();
    assert_eq!(names, ["in call", "in future", "in body", "in body", "GET"]);
    let server = &ended[4];
    for child in &ended[..4] {
        assert_eq!(child.parent_span_id, server.span_context.span_id());
    }
    assert!(!Context::current().span().span_context().is_valid());
}

/// Requests that overlap on one thread do not see each other's span.
#[tokio::test]
async fn concurrent_requests_do_not_mix() {
    let fixture = Fixture::new();
    let tracer = fixture.spans.provider().tracer("inner");
    let service = fixture
        .layer()
        .with_route_hook(|request: &http::request::Parts| Some(request.uri.path().to_owned()))
        .layer(service_fn(move |request: Request<()>| {
            let tracer = tracer.clone();
            async move {
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                    tracer.start(request.uri().path().to_owned());
                }
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("x"))))
            }
        }));

    let requests = (0..20).map(|n| {
        let request = Request::builder().uri(format!("/{n}")).body(()).unwrap();
        let response = service.clone().oneshot(request);
        async move { response.await.unwrap().into_body().collect().await.unwrap() }
    });
    futures_util::future::join_all(requests).await;

    let ended = fixture.spans.ended();
    assert_eq!(ended.len(), 20 * 4);
    for child in ended.iter().filter(|s| s.span_kind == SpanKind::Internal) {
        let parent = ended
            .iter()
            .find(|s| s.span_context.span_id() == child.parent_span_id)
            .unwrap();
        assert_eq!(parent.name, format!("GET {}", child.name));
    }
}

/// With telemetry suppressed, or a tracer that is shut down, requests are served as ever; in the
/// latter case the duration is still recorded and the ambient span is not ended by mistake.
#[test]
fn without_a_span_the_request_is_served() {
    let fixture = Fixture::new();
    let service = fixture.layer().layer(answer(StatusCode::OK));
    {
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        finish(service.clone().oneshot(request())).unwrap();
    }
    assert!(fixture.spans.ended().is_empty());
    assert!(fixture.durations().is_empty());

    let host = EndedSpans::new();
    let ambient = host.provider().tracer("host").start("ambient");
    let ambient = Context::current_with_span(ambient);
    fixture.spans.provider().shutdown().unwrap();
    {
        let _ambient = ambient.clone().attach();
        finish(service.oneshot(request())).unwrap();
    }
    assert!(host.ended().is_empty());
    assert_eq!(fixture.durations().len(), 1);
}

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
