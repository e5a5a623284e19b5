//! What the head of a request and of its response say about it.

use http::{Method, Request, StatusCode, Version};
use http_body_util::BodyExt;
use oc_telemetry::middleware::AxumMatchedPath;
use opentelemetry::trace::{SpanId, SpanKind, Status};
use tower::{Layer, ServiceExt};

use super::{Fixture, answer, finish, request, texts};
use crate::ended::attribute;

/// A routed request: name, kind, and exactly the attributes of the conventions; the query string
/// appears nowhere.
#[test]
fn span_and_attributes_of_a_request() {
    let fixture = Fixture::new();
    let layer = fixture
        .layer()
        .with_route_hook(|_: &http::request::Parts| Some("/v1/messages/{id}"));
    let request = Request::builder()
        .method(Method::POST)
        .uri("/v1/messages/7?token=hidden")
        .header("host", "gateway.example:8443")
        .header("user-agent", "curl/8")
        .header("authorization", "hidden")
        .body(())
        .unwrap();

    finish(layer.layer(answer(StatusCode::CREATED)).oneshot(request)).unwrap();

    let span = fixture.spans.one();
    assert_eq!(span.name, "POST /v1/messages/{id}");
    assert_eq!(span.span_kind, SpanKind::Server);
    assert_eq!(span.status, Status::Unset);
    assert_eq!(span.parent_span_id, SpanId::INVALID);
    assert_eq!(
        texts(&span.attributes),
        [
            "http.request.method=POST",
            "http.response.status_code=201",
            "http.route=/v1/messages/{id}",
            "network.protocol.version=1.1",
            "server.address=gateway.example",
            "server.port=8443",
            "url.path=/v1/messages/7",
            "url.scheme=http",
            "user_agent.original=curl/8",
        ]
    );
    assert!(!format!("{span:?}").contains("hidden"));
}

/// Methods that are not known share one name and one label value; the original is an attribute.
#[test]
fn unknown_methods() {
    for (method, name, label) in [
        ("GET", "GET", "GET"),
        ("PATCH", "PATCH", "PATCH"),
        ("PROPFIND", "HTTP", "_OTHER"),
        ("get", "HTTP", "_OTHER"),
    ] {
        let fixture = Fixture::new();
        let request = Request::builder().method(method).body(()).unwrap();
        finish(
            fixture
                .layer()
                .layer(answer(StatusCode::OK))
                .oneshot(request),
        )
        .unwrap();

        let span = fixture.spans.one();
        assert_eq!(span.name, name);
        assert_eq!(
            attribute(&span.attributes, "http.request.method").as_deref(),
            Some(label)
        );
        assert_eq!(
            attribute(&span.attributes, "http.request.method_original").as_deref(),
            (label == "_OTHER").then_some(method)
        );
        assert_eq!(fixture.durations()[0]["http.request.method"], label);
    }
}

/// The host from every form of a request target, and none where it is no host; the scheme only
/// where it is one of two.
#[test]
fn hosts_and_schemes() {
    let cases = [
        ("/", "a.example", Some("a.example"), None, "http"),
        ("/", "[::1]:80", Some("::1"), Some("80"), "http"),
        ("/", "not a host", None, None, "http"),
        (
            "https://b.example/x",
            "a.example",
            Some("b.example"),
            None,
            "https",
        ),
        (
            "ftp://user:pw@b.example:21/x",
            "",
            Some("b.example"),
            Some("21"),
            "http",
        ),
    ];
    for (uri, host, address, port, scheme) in cases {
        let fixture = Fixture::new();
        let request = Request::builder()
            .uri(uri)
            .header("host", host)
            .body(())
            .unwrap();
        finish(
            fixture
                .layer()
                .layer(answer(StatusCode::OK))
                .oneshot(request),
        )
        .unwrap();

        let span = fixture.spans.one();
        let text = |key| attribute(&span.attributes, key);
        assert_eq!(text("server.address").as_deref(), address, "{uri}");
        assert_eq!(text("server.port").as_deref(), port, "{uri}");
        assert_eq!(text("url.scheme").as_deref(), Some(scheme), "{uri}");
    }
    let fixture = Fixture::new();
    let service = fixture.layer().with_https().layer(answer(StatusCode::OK));
    finish(service.oneshot(request())).unwrap();
    assert_eq!(fixture.durations()[0]["url.scheme"], "https");
}

/// 5xx is an error of the server's, 4xx is not.
#[test]
fn status_codes() {
    for (status, error) in [(200, None), (304, None), (404, None), (503, Some("503"))] {
        let fixture = Fixture::new();
        let status = StatusCode::from_u16(status).unwrap();
        finish(fixture.layer().layer(answer(status)).oneshot(request())).unwrap();

        let span = fixture.spans.one();
        assert_eq!(attribute(&span.attributes, "error.type").as_deref(), error);
        assert_eq!(
            span.status,
            error.map_or(Status::Unset, |_| Status::error(""))
        );
        assert_eq!(
            fixture.durations()[0].get("error.type").map(String::as_str),
            error
        );
    }
}

/// The duration has exactly the labels of the conventions, and counts every request once.
#[test]
fn labels_of_the_duration() {
    let fixture = Fixture::new();
    let service = fixture
        .layer()
        .with_route_hook(|_: &http::request::Parts| Some("/r"))
        .layer(answer(StatusCode::BAD_GATEWAY));
    for _ in 0..3 {
        let mut request = request();
        *request.version_mut() = Version::HTTP_2;
        finish(service.clone().oneshot(request)).unwrap();
    }

    let expected = [
        ("error.type", "502"),
        ("http.request.method", "GET"),
        ("http.response.status_code", "502"),
        ("http.route", "/r"),
        ("network.protocol.version", "2"),
        ("url.scheme", "http"),
        ("value.count", "3"),
    ];
    assert_eq!(
        fixture.durations(),
        [expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into()]
    );
}

/// On an axum router the route is the path as it was declared.
#[tokio::test]
async fn routes_of_axum() {
    let fixture = Fixture::new();
    let router: axum::Router = axum::Router::new()
        .route(
            "/v1/messages/{id}",
            axum::routing::get(|| async { "hello" }),
        )
        .layer(fixture.layer().with_route_hook(AxumMatchedPath::new()));
    let request = Request::get("/v1/messages/7")
        .body(axum::body::Body::empty())
        .unwrap();

    let response = router.oneshot(request).await.unwrap();
    response.into_body().collect().await.unwrap();

    let span = fixture.spans.one();
    assert_eq!(span.name, "GET /v1/messages/{id}");
    assert_eq!(attribute(&span.attributes, "error.type"), None);
}
