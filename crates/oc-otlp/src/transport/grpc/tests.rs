use std::{convert::Infallible, error::Error as _, io::Read, time::Duration};

use flate2::read::GzDecoder;
use http::{HeaderValue, Response, Version};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::{message::FRAME_HEADER, *};
use crate::{
    Signal,
    transport::test_server::{self as server, Answer, Pki, Server, payload, raw},
};

async fn send(endpoint: &Endpoint) -> Result<Accepted, SendError> {
    let transport = GrpcTransport::new(endpoint).unwrap();
    transport.send(&payload(Signal::Traces, 10)).await
}

/// A message with its frame and status OK in the trailers.
fn ok(message: &[u8]) -> Answer {
    let trailers = [("grpc-status", HeaderValue::from_static("0"))];
    let trailers = trailers
        .into_iter()
        .map(|(name, value)| (name.parse().unwrap(), value))
        .collect();
    let body = Full::new(framed(message)).with_trailers(std::future::ready(Some(Ok(trailers))));
    let mut answer = Response::new(body.map_err(|e: Infallible| match e {}).boxed_unsync());
    let content_type = HeaderValue::from_static("application/grpc");
    answer.headers_mut().insert("content-type", content_type);
    answer
}

fn framed(message: &[u8]) -> Bytes {
    let mut frame = vec![0];
    frame.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(message);
    frame.into()
}

/// An answer that consists of a status alone.
fn failed(code: i32, details: Option<&str>) -> Answer {
    let code = code.to_string();
    let mut headers = vec![
        ("content-type", "application/grpc"),
        ("grpc-status", code.as_str()),
        ("grpc-message", "no%0Away"),
    ];
    headers.extend(details.map(|details| ("grpc-status-details-bin", details)));
    server::http(200, &headers, "")
}

/// A plain call of each signal: path, metadata and bytes arrive as they were given.
#[tokio::test]
async fn plain() {
    let server = Server::start(|| ok(&[])).await;
    // Scheme-less, and with a path that means nothing.
    for url in [server.addr.to_string(), format!("{}/x?key=1", server.url())] {
        let endpoint = Endpoint::new(url)
            .with_header("authorization", "Bearer secret")
            .with_header("content-type", "text/plain")
            .with_header("host", "elsewhere");
        let transport = GrpcTransport::new(&endpoint).unwrap();
        for signal in Signal::ALL {
            let accepted = transport.send(&payload(signal, 10)).await.unwrap();
            assert_eq!(accepted, Accepted::default());
            let request = server.received().pop().unwrap();
            assert_eq!(request.uri.path(), signal.grpc_path());
            assert_eq!(
                request.uri.authority().unwrap().as_str(),
                server.addr.to_string()
            );
            assert_eq!(request.version, Version::HTTP_2);
            assert_eq!(request.body, framed(payload(signal, 10).body()));
            let header = |name: &str| request.headers.get(name).unwrap().to_str().unwrap();
            assert_eq!(header("content-type"), "application/grpc");
            assert_eq!(header("te"), "trailers");
            assert_eq!(header("grpc-timeout"), "10000000u");
            assert_eq!(header("authorization"), "Bearer secret");
            let agent = concat!("oc-otlp/", env!("CARGO_PKG_VERSION"), " (Rust)");
            assert_eq!(header("user-agent"), agent);
            assert!(!request.headers.contains_key("grpc-encoding"));
        }
    }
    assert_eq!(server.received().len(), 6);
}

/// gzip: the frame says so, and its message unpacks to the same bytes; it is kept for others.
#[tokio::test]
async fn gzipped() {
    let server = Server::start(|| ok(&[])).await;
    let endpoint = Endpoint::new(server.url()).with_compression(Compression::Gzip);
    let sent = payload(Signal::Traces, 10);
    let transport = GrpcTransport::new(&endpoint).unwrap();
    transport.send(&sent).await.unwrap();
    assert!(sent.is_gzipped(), "kept for others");
    let request = server.received().pop().unwrap();
    assert_eq!(request.headers.get("grpc-encoding").unwrap(), "gzip");
    assert_eq!(request.body.first(), Some(&1));
    assert!(request.body.len() < sent.body().len() / 10);
    let mut body = Vec::new();
    GzDecoder::new(&request.body[FRAME_HEADER..])
        .read_to_end(&mut body)
        .unwrap();
    assert_eq!(body, *sent.body());
}

/// Every code of the specification's table: which are worth a retry, without and with `RetryInfo`.
#[tokio::test]
async fn codes() {
    // google.rpc.Status with one detail, a RetryInfo of 2.5 s.
    let details = "CA4SBGJ1c3kaNgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJl\
                   dHJ5SW5mbxIKCggIAhCAyrXuAQ";
    for code in 1..=16 {
        let always = [1, 4, 10, 11, 14, 15].contains(&code);
        for with_info in [false, true] {
            let details = with_info.then_some(details);
            let server = Server::start(move || failed(code, details)).await;
            let error = send(&Endpoint::new(server.url())).await.unwrap_err();
            assert_eq!(error.kind(), SendErrorKind::Grpc(code));
            let expected = always || (code == 8 && with_info);
            assert_eq!(error.is_retryable(), expected, "{code}");
            let wait = with_info.then_some(Duration::from_millis(2500));
            assert_eq!(error.retry_after(), wait);
            assert!(error.to_string().ends_with(": no way"), "{error}");
        }
    }
}

/// An HTTP status from something in between, by gRPC's table.
#[tokio::test]
async fn http_statuses() {
    for (status, code) in [
        (401, 16),
        (404, 12),
        (429, 14),
        (502, 14),
        (503, 14),
        (504, 14),
    ] {
        let server = Server::start(move || server::http(status, &[], "")).await;
        let error = send(&Endpoint::new(server.url())).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Grpc(code));
    }
}

/// Partial success is read; an answer that is no OTLP response is an error.
#[tokio::test]
async fn partial_success() {
    let response = ExportTraceServiceResponse {
        partial_success: Some(ExportTracePartialSuccess {
            rejected_spans: 3,
            error_message: "too old".to_owned(),
        }),
    };
    let server = Server::start(move || ok(&response.encode_to_vec())).await;
    let accepted = send(&Endpoint::new(server.url())).await.unwrap();
    assert_eq!(accepted.rejected, 3);
    assert_eq!(accepted.message.as_deref(), Some("too old"));

    let server = Server::start(|| ok(b"<html>")).await;
    let error = send(&Endpoint::new(server.url())).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Response);
}

/// An answer of 5 MiB is refused by its announced length.
#[tokio::test]
async fn too_large() {
    let server = Server::start(|| ok(&vec![0; 5 << 20])).await;
    let error = send(&Endpoint::new(server.url())).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Response, "{error:?}");
    assert!(!error.is_retryable());
}

/// The stream is reset in the middle of the answer, or the connection closed before one.
#[tokio::test]
async fn reset() {
    let server = Server::start(|| {
        let start = Ok(Frame::data(Bytes::from_static(&[0, 0, 0, 0, 100, 1])));
        let end = Err(std::io::Error::other("broken"));
        let body = StreamBody::new(futures_util::stream::iter([start, end]));
        Response::new(BodyExt::boxed_unsync(body))
    })
    .await;
    let error = send(&Endpoint::new(server.url())).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Interrupted, "{error:?}");
    assert!(error.is_retryable());
    assert!(error.source().is_some());

    let addr = raw(async |mut stream| {
        stream.write_all(b"HTTP/1.1 400 No\r\n\r\n").await.unwrap();
        stream.set_zero_linger().unwrap();
    })
    .await;
    let error = send(&Endpoint::new(addr.to_string())).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Interrupted, "{error:?}");
}

/// A server that accepts and never answers.
#[tokio::test]
async fn times_out() {
    let addr = raw(async |stream| {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let endpoint = Endpoint::new(addr.to_string()).with_timeout(Duration::from_millis(50));
    let error = send(&endpoint).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Timeout);
}

/// A peer that vanished without a word: its connection is given up, and a later attempt gets a new
/// one. The pings that find it out are at least a second apart.
#[tokio::test]
async fn dead_connection_is_replaced() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new(listener.local_addr().unwrap().to_string())
        .with_timeout(Duration::from_millis(500));
    let server = tokio::spawn(async move {
        let (silent, _) = listener.accept().await.unwrap();
        (silent, Server::on(listener, None, || ok(&[])))
    });
    let transport = GrpcTransport::new(&endpoint).unwrap();
    let mut failures = 0;
    while let Err(error) = transport.send(&payload(Signal::Traces, 10)).await {
        assert!(error.is_retryable(), "{error:?}");
        failures += 1;
        assert!(failures < 10);
    }
    assert!(failures > 0);
    assert_eq!(server.await.unwrap().1.received().len(), 1);
}

/// A transport is made outside of any runtime, and a timeout without end does no harm.
#[test]
fn made_outside_a_runtime() {
    let pki = Pki::new();
    for url in ["http://localhost:1", "https://localhost:1", "localhost:1"] {
        let endpoint = Endpoint::new(url)
            .with_ca_file(pki.path("ca.pem"))
            .with_timeout(Duration::MAX);
        let transport = GrpcTransport::new(&endpoint).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let sent = payload(Signal::Traces, 10);
        let error = runtime.block_on(transport.send(&sent)).unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Connect);
    }
}

/// Nobody listens.
#[tokio::test]
async fn no_connection() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    drop(listener);
    let error = send(&Endpoint::new(addr.to_string())).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Connect, "{error:?}");
    assert!(error.to_string().contains(&addr.to_string()));
}

/// The server's certificate is judged by the CA file; a server may want a client certificate.
#[tokio::test]
async fn tls() {
    let pki = Pki::new();
    for client_required in [false, true] {
        let server = Server::start_tls(Some(pki.server(client_required)), || ok(&[])).await;
        // Scheme-less, and told that it is TLS.
        let trusting = Endpoint::new(server.addr.to_string())
            .with_insecure(false)
            .with_ca_file(pki.path("ca.pem"));
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
        let other_ca = trusting.with_ca_file(other.path("ca.pem"));
        let error = send(&other_ca).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Tls, "{error:?}");
        assert!(error.is_retryable());
    }
}

/// Neither a transport nor its errors show metadata, not even what the server sends back.
#[tokio::test]
async fn no_secrets() {
    let endpoint = |url: String| Endpoint::new(url).with_header("authorization", "Bearer secret");
    let transport = GrpcTransport::new(&endpoint("localhost:1".to_owned())).unwrap();
    assert!(!format!("{transport:?}").contains("secret"));
    for answer in [
        || server::http(200, &[("grpc-status", "16"), ("x", "secret")], ""),
        || server::http(200, &[("x", "secret")], &b"\x02\0\0\0\0"[..]),
    ] {
        let server = Server::start(answer).await;
        let error = send(&endpoint(server.url())).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
