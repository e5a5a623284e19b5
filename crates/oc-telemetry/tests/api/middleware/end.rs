//! When a request has ended, and how.

use std::{
    convert::Infallible,
    future::{self, Future},
    pin::pin,
    task::{Context as TaskContext, Waker},
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Empty, Full};
use oc_telemetry::span::Failure;
use opentelemetry::trace::Status;
use tower::{Layer, Service, ServiceExt, service_fn};

use super::{Fixture, Frames, error_type, now, request, streams};
use crate::ended::attribute;

/// A streamed response is open until its last frame.
#[tokio::test]
async fn the_span_ends_with_the_body() {
    let fixture = Fixture::new();
    let service = fixture.layer().layer(streams(["one", "two"]));
    let mut body = service.oneshot(request()).await.unwrap().into_body();

    assert_eq!(
        body.frame().await.unwrap().unwrap().into_data().unwrap(),
        "one"
    );
    assert!(fixture.spans.ended().is_empty());
    assert!(fixture.durations().is_empty());
    assert!(body.frame().await.is_some());
    assert!(body.frame().await.is_none());

    assert_eq!(error_type(&fixture), None);
    assert_eq!(fixture.durations().len(), 1);
    drop(body);
    assert_eq!(fixture.spans.ended().len(), 1);
}

/// Bodies that a server drops without asking for their end: all announced bytes sent, a body that
/// says it is done, an empty one, and responses without a body. None of them is cancelled.
#[test]
fn bodies_that_are_done_without_saying_so() {
    type Respond = fn() -> Response<Frames>;
    let announced = || {
        let mut response = Response::new(Frames::new(["four"]));
        response.headers_mut().insert("content-length", 4.into());
        response
    };
    let cases: [(&str, Method, usize, Respond); 4] = [
        ("announced", Method::GET, 1, announced),
        ("HEAD", Method::HEAD, 0, || {
            Response::new(Frames::new(["x"]))
        }),
        ("304", Method::GET, 0, || {
            let mut response = Response::new(Frames::new(["x"]));
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        }),
        ("length 0", Method::GET, 0, || {
            let mut response = Response::new(Frames::new([]));
            response.headers_mut().insert("content-length", 0.into());
            response
        }),
    ];
    for (case, method, polls, respond) in cases {
        let fixture = Fixture::new();
        let inner = service_fn(move |_: Request<()>| future::ready(Ok::<_, Infallible>(respond())));
        let request = Request::builder().method(method).body(()).unwrap();
        let response = now(fixture.layer().layer(inner).oneshot(request)).unwrap();
        let mut body = response.into_body();
        for _ in 0..polls {
            now(body.frame()).unwrap().unwrap();
        }
        drop(body);
        assert_eq!(error_type(&fixture), None, "{case}");
    }

    let fixture = Fixture::new();
    let full = service_fn(|_: Request<()>| {
        future::ready(Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(
            "x",
        )))))
    });
    let response = now(fixture.layer().layer(full).oneshot(request())).unwrap();
    let mut body = response.into_body();
    now(body.frame()).unwrap().unwrap();
    assert!(body.is_end_stream());
    drop(body);
    assert_eq!(error_type(&fixture), None);
}

/// A body that is dropped half-way: the client went away.
#[test]
fn a_dropped_body_is_cancelled() {
    let fixture = Fixture::new();
    let service = fixture.layer().layer(streams(["one", "two"]));
    let mut body = now(service.oneshot(request())).unwrap().into_body();
    now(body.frame()).unwrap().unwrap();

    drop(body);

    let span = fixture.spans.one();
    assert_eq!(error_type(&fixture).as_deref(), Some("cancelled"));
    assert_eq!(span.status, Status::error(""));
    assert_eq!(
        attribute(&span.attributes, "http.response.status_code").as_deref(),
        Some("200")
    );
    assert_eq!(fixture.durations()[0]["error.type"], "cancelled");
}

/// A future that is dropped, before its first poll or after it, ends its span once.
#[test]
fn a_dropped_future_is_cancelled() {
    for polls in [0, 1] {
        let fixture = Fixture::new();
        let mut service = fixture.layer().layer(service_fn(|_: Request<()>| {
            future::pending::<Result<Response<Empty<Bytes>>, Infallible>>()
        }));
        {
            let mut response = pin!(service.call(request()));
            for _ in 0..polls {
                let mut cx = TaskContext::from_waker(Waker::noop());
                assert!(response.as_mut().poll(&mut cx).is_pending());
            }
            assert!(fixture.spans.ended().is_empty());
        }
        let span = fixture.spans.one();
        assert_eq!(error_type(&fixture).as_deref(), Some("cancelled"));
        assert_eq!(
            attribute(&span.attributes, "http.response.status_code"),
            None
        );
    }
}

/// A panic of the service goes through, and its request ends as such.
#[test]
fn a_panic_ends_the_span() {
    let fixture = Fixture::new();
    let service = fixture.layer().layer(service_fn(|_: Request<()>| async {
        let fine = std::hint::black_box(false);
        assert!(fine, "hidden");
        Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
    }));
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = now(service.oneshot(request()));
    }));
    assert!(outcome.is_err());
    assert_eq!(error_type(&fixture).as_deref(), Some("panic"));
    assert!(!format!("{:?}", fixture.spans.one()).contains("hidden"));
}

/// The type of an error is recorded, its text is not; a boxed error has no type to speak of.
#[test]
fn errors_of_the_service_and_of_the_body() {
    type BoxError = Box<dyn std::error::Error + Send + Sync>;

    let fixture = Fixture::new();
    let fails = service_fn(|_: Request<()>| async {
        Err::<Response<Empty<Bytes>>, _>(std::io::Error::other("hidden"))
    });
    let error = now(fixture.layer().layer(fails).oneshot(request())).unwrap_err();
    assert_eq!(error.to_string(), "hidden");
    assert_eq!(
        error_type(&fixture).as_deref(),
        Some("std::io::error::Error")
    );
    assert!(!format!("{:?}", fixture.spans.one()).contains("hidden"));

    let fixture = Fixture::new();
    let fails = service_fn(|_: Request<()>| async {
        Err::<Response<Empty<Bytes>>, BoxError>("hidden".into())
    });
    assert!(now(fixture.layer().layer(fails).oneshot(request())).is_err());
    assert_eq!(error_type(&fixture).as_deref(), Some("_OTHER"));

    let fixture = Fixture::new();
    let breaks = service_fn(|_: Request<()>| async {
        Ok::<_, Infallible>(Response::new(Frames::new(["one"]).then_fail()))
    });
    let body = now(fixture.layer().layer(breaks).oneshot(request())).unwrap();
    assert!(now(body.into_body().collect()).is_err());
    assert_eq!(
        error_type(&fixture).as_deref(),
        Some("std::io::error::Error")
    );
    assert_eq!(fixture.spans.one().status, Status::error(""));
}

/// An error has the same type here as on a span of its own: no generic arguments, and none at all where the Rust type
/// says nothing.
#[test]
fn errors_are_named_as_on_spans() {
    #[track_caller]
    fn check<E: 'static>(error: E, expected: &str) {
        let fixture = Fixture::new();
        let mut error = Some(error);
        let fails = service_fn(move |_: Request<()>| {
            future::ready(Err::<Response<Empty<Bytes>>, _>(error.take().unwrap()))
        });
        assert!(now(fixture.layer().layer(fails).oneshot(request())).is_err());
        assert_eq!(error_type(&fixture).as_deref(), Some(expected));
        assert_eq!(Failure::from_type::<E>().error_type(), expected);
    }

    check(String::from("hidden"), "_OTHER");
    check(("hidden", std::fmt::Error), "_OTHER");
    check(Box::new(std::fmt::Error), "core::fmt::Error");
    let error = std::sync::mpsc::SendError(String::from("hidden"));
    check(error, "std::sync::mpsc::SendError");
}
