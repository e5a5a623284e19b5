use std::{error::Error as _, io::Read, time::Duration};

use flate2::read::GzDecoder;
use http::{Version, header::AUTHORIZATION};
use opentelemetry_proto::tonic::collector::{
    logs::v1::{ExportLogsPartialSuccess, ExportLogsServiceResponse},
    metrics::v1::{ExportMetricsPartialSuccess, ExportMetricsServiceResponse},
    trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse},
};
use prost::Message;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::*;
use crate::{
    Signal,
    transport::test_server::{self as server, Pki, Server, payload, raw, read_until},
};

const PROTO: &[(&str, &str)] = &[("content-type", PROTOBUF)];

async fn send(endpoint: &Endpoint) -> Result<Accepted, SendError> {
    let transport = HttpTransport::new(endpoint).unwrap();
    transport.send(&payload(Signal::Traces, 10)).await
}

/// A plain request: path, headers and bytes arrive as they were given.
#[tokio::test]
async fn plain() {
    let server = Server::start(|| server::http(200, PROTO, "")).await;
    let endpoint = Endpoint::new(format!("http://{}/base/x?key=1", server.addr))
        .with_header("Authorization", "Bearer secret")
        .with_header("x-tenant", "a")
        .with_header("X-Tenant", "b")
        .with_header("content-length", "3")
        .with_header("user-agent", "gateway/2");
    assert_eq!(send(&endpoint).await.unwrap(), Accepted::default());
    let received = server.received();
    let request = received.first().unwrap();
    assert_eq!(request.uri, "/base/x?key=1");
    assert_eq!(request.version, Version::HTTP_11);
    assert_eq!(request.body, payload(Signal::Traces, 10).body());
    let header = |name: &str| request.headers.get(name).unwrap().to_str().unwrap();
    assert_eq!(header("content-type"), "application/x-protobuf");
    assert_eq!(header("content-length"), "100000");
    assert_eq!(header("authorization"), "Bearer secret");
    assert_eq!(header("x-tenant"), "b");
    let agent = concat!("gateway/2 oc-otlp/", env!("CARGO_PKG_VERSION"), " (Rust)");
    assert_eq!(header("user-agent"), agent);
    assert!(!request.headers.contains_key("content-encoding"));
}

/// gzip: the body is smaller, says so, and unpacks to the same bytes; it is kept for others.
#[tokio::test]
async fn gzipped() {
    let server = Server::start(|| server::http(200, PROTO, "")).await;
    let endpoint = Endpoint::new(server.url()).with_compression(Compression::Gzip);
    let sent = payload(Signal::Traces, 10);
    let transport = HttpTransport::new(&endpoint).unwrap();
    transport.send(&sent).await.unwrap();
    assert!(sent.is_gzipped(), "kept for others");
    let received = server.received();
    let request = received.first().unwrap();
    assert_eq!(request.headers.get(CONTENT_ENCODING).unwrap(), "gzip");
    assert!(request.body.len() < sent.body().len() / 10);
    let mut body = Vec::new();
    GzDecoder::new(&*request.body)
        .read_to_end(&mut body)
        .unwrap();
    assert_eq!(body, *sent.body());
}

/// Every status of the specification's table, and its neighbours: which are worth a retry.
#[tokio::test]
async fn statuses() {
    let table = [
        (300, false),
        (301, false),
        (307, false),
        (308, false),
        (400, false),
        (401, false),
        (403, false),
        (404, false),
        (405, false),
        (408, false),
        (413, false),
        (415, false),
        (429, true),
        (500, false),
        (501, false),
        (502, true),
        (503, true),
        (504, true),
    ];
    for (status, retryable) in table {
        let server = Server::start(move || {
            server::http(
                status,
                &[("location", "/other"), ("retry-after", "7")],
                "no\nway",
            )
        })
        .await;
        let error = send(&Endpoint::new(server.url())).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Http(status));
        assert_eq!(error.is_retryable(), retryable, "{status}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert!(error.to_string().ends_with(": no way"), "{error}");
        assert_eq!(server.received().len(), 1, "no redirect is followed");
    }
    let server = Server::start(|| server::http(202, &[], "")).await;
    assert!(send(&Endpoint::new(server.url())).await.is_ok());
}

/// `Retry-After` as a date is measured against the server's own clock.
#[tokio::test]
async fn retry_after_date() {
    let headers = [
        ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"),
    ];
    let server = Server::start(move || server::http(503, &headers, "")).await;
    let error = send(&Endpoint::new(server.url())).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
}

/// The body of an error is a `google.rpc.Status`; of a text without end only 1 KiB is kept.
#[tokio::test]
async fn error_bodies() {
    let server =
        Server::start(|| server::http(400, PROTO, &b"\x08\x03\x12\x08no \x1b way"[..])).await;
    let error = send(&Endpoint::new(server.url())).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the server answered 400 Bad Request: no   way"
    );

    let server = Server::start(|| server::http(400, &[], vec![b'x'; 1 << 20])).await;
    let error = send(&Endpoint::new(server.url())).await.unwrap_err();
    assert_eq!(error.to_string().matches('x').count(), 1024);
}

/// Partial success of each signal, and numbers that make no sense.
#[tokio::test]
async fn partial_success() {
    let trace = |rejected_spans, error_message: &str| {
        ExportTraceServiceResponse {
            partial_success: Some(ExportTracePartialSuccess {
                rejected_spans,
                error_message: error_message.to_owned(),
            }),
        }
        .encode_to_vec()
    };
    let metrics = ExportMetricsServiceResponse {
        partial_success: Some(ExportMetricsPartialSuccess {
            rejected_data_points: 4,
            error_message: String::new(),
        }),
    };
    let logs = ExportLogsServiceResponse {
        partial_success: Some(ExportLogsPartialSuccess {
            rejected_log_records: 5,
            error_message: String::new(),
        }),
    };
    let table = [
        (Signal::Traces, trace(3, "too old"), 3, Some("too old")),
        (Signal::Traces, trace(0, "mind"), 0, Some("mind")),
        (Signal::Traces, trace(-1, ""), 0, None),
        (Signal::Traces, trace(11, ""), 10, None),
        (Signal::Metrics, metrics.encode_to_vec(), 4, None),
        (Signal::Logs, logs.encode_to_vec(), 5, None),
    ];
    for (signal, body, rejected, message) in table {
        let server = Server::start(move || server::http(200, PROTO, body.clone())).await;
        let transport = HttpTransport::new(&Endpoint::new(server.url())).unwrap();
        let accepted = transport.send(&payload(signal, 10)).await.unwrap();
        assert_eq!(accepted.rejected, rejected);
        assert_eq!(accepted.message.as_deref(), message);
    }
    let body = trace(1, &"ü".repeat(1000));
    let server = Server::start(move || server::http(200, PROTO, body.clone())).await;
    let accepted = send(&Endpoint::new(server.url())).await.unwrap();
    assert_eq!(accepted.message.unwrap().len(), MAX_MESSAGE);
}

/// A 2xx that is not an OTLP response counts as accepted, with a warning unless it is harmless.
#[tokio::test]
async fn not_understood() {
    let html: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
    let json: &[(&str, &str)] = &[("content-type", "application/json")];
    let table = [
        (html, "<html>", Some("\"text/html; charset=utf-8\"")),
        (json, r#"{"ok":true}"#, Some("application/json")),
        (PROTO, "<html>", Some("not a valid OTLP response")),
        (json, "{}\n", None),
        (html, "", None),
        (&[], "", None),
    ];
    for (headers, body, warning) in table {
        let server = Server::start(move || server::http(200, headers, body)).await;
        let accepted = send(&Endpoint::new(server.url())).await.unwrap();
        assert_eq!(accepted.rejected, 0);
        match warning {
            None => assert_eq!(accepted.message, None, "{body}"),
            Some(text) => assert!(accepted.message.unwrap().contains(text)),
        }
    }
}

/// An answer of 5 MiB is not read to its end.
#[tokio::test]
async fn too_large() {
    let server = Server::start(|| server::http(200, PROTO, vec![0; 5 << 20])).await;
    let error = send(&Endpoint::new(server.url())).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Response);
    assert!(!error.is_retryable());
}

/// The connection is reset in the middle of the answer's body, and of an error's body.
#[tokio::test]
async fn reset() {
    for (status, expected) in [
        ("200 OK", SendErrorKind::Interrupted),
        ("503 Busy", SendErrorKind::Http(503)),
    ] {
        let addr = raw(async move |mut stream| {
            let sent = payload(Signal::Traces, 10);
            read_until(&mut stream, &sent.body()[99_000..]).await;
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: 100\r\n\r\nstart");
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.set_zero_linger().unwrap();
        })
        .await;
        let error = send(&Endpoint::new(format!("http://{addr}")))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), expected, "{error:?}");
        assert!(error.is_retryable());
    }
}

/// No answer, an answer whose body never ends, and an error whose body never ends.
#[tokio::test]
async fn timeouts() {
    for (answer, expected) in [
        ("", SendErrorKind::Timeout),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n",
            SendErrorKind::Timeout,
        ),
        (
            "HTTP/1.1 404 No\r\ncontent-length: 9\r\n\r\n",
            SendErrorKind::Http(404),
        ),
    ] {
        let addr = raw(async move |mut stream| {
            let sent = payload(Signal::Traces, 10);
            read_until(&mut stream, &sent.body()[99_000..]).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        })
        .await;
        let endpoint =
            Endpoint::new(format!("http://{addr}")).with_timeout(Duration::from_millis(100));
        let error = send(&endpoint).await.unwrap_err();
        assert_eq!(error.kind(), expected, "{answer}");
    }
}

/// Nobody listens, and a name that does not exist (RFC 6761 reserves `.invalid`).
#[tokio::test]
async fn no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    drop(listener);
    for url in [
        format!("http://{addr}/?key=secret"),
        "http://no.invalid:1/".into(),
    ] {
        let error = send(&Endpoint::new(url)).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Connect, "{error:?}");
        assert!(error.is_retryable());
        assert!(error.source().is_some());
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}

/// The server's certificate is judged by the CA file; a server may want a client certificate.
#[tokio::test]
async fn tls() {
    let pki = Pki::new();
    for client_required in [false, true] {
        let server = Server::start_tls(Some(pki.server(client_required)), || {
            server::http(200, PROTO, "")
        })
        .await;
        let url = format!("https://{}/v1/traces", server.addr);
        let trusting = Endpoint::new(&url).with_ca_file(pki.path("ca.pem"));
        let with_client = trusting
            .clone()
            .with_client_identity(pki.path("client.pem"), pki.path("client.key"));
        send(&with_client).await.unwrap();
        assert_eq!(server.received().len(), 1);

        let without_client = send(&trusting).await;
        if client_required {
            let error = without_client.unwrap_err();
            assert_eq!(error.kind(), SendErrorKind::Tls, "{error:?}");
            assert!(error.is_retryable());
        } else {
            without_client.unwrap();
        }
        let other = Pki::new();
        let other_ca = Endpoint::new(&url).with_ca_file(other.path("ca.pem"));
        let error = send(&other_ca).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Tls, "{error:?}");
        assert!(error.is_retryable());
    }
}

/// Requests in a row share a connection until the server ends it; then there is a new one.
#[tokio::test]
async fn connections_are_kept() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let sent = payload(Signal::Traces, 10);
        let kept = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        let last = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        for answers in [&[kept, last][..], &[last]] {
            let (mut stream, _) = listener.accept().await.unwrap();
            for answer in answers {
                read_until(&mut stream, &sent.body()[99_000..]).await;
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    let transport = HttpTransport::new(&Endpoint::new(format!("http://{addr}"))).unwrap();
    for _ in 0..3 {
        transport.send(&payload(Signal::Traces, 10)).await.unwrap();
    }
    server.await.unwrap();
}

/// A transport is made outside of any runtime, and a timeout without end does no harm.
#[test]
fn made_outside_a_runtime() {
    let pki = Pki::new();
    for url in ["http://localhost:1", "https://localhost:1"] {
        let endpoint = Endpoint::new(url)
            .with_ca_file(pki.path("ca.pem"))
            .with_timeout(Duration::MAX);
        let transport = HttpTransport::new(&endpoint).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let sent = payload(Signal::Traces, 10);
        let error = runtime.block_on(transport.send(&sent)).unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Connect);
    }
}

/// Neither a transport nor its errors show a header's value.
#[tokio::test]
async fn no_secrets() {
    let server = Server::start(|| server::http(401, &[], "")).await;
    let endpoint = Endpoint::new(server.url()).with_header(AUTHORIZATION.as_str(), "Bearer secret");
    let transport = HttpTransport::new(&endpoint).unwrap();
    assert!(!format!("{transport:?}").contains("secret"));
    let error = transport
        .send(&payload(Signal::Traces, 1))
        .await
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"));
}
