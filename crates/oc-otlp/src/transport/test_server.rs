//! Servers for the transports' tests: a proper one that keeps what it gets, and raw sockets for
//! what no proper server does.

use std::{
    convert::Infallible,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, Uri, Version};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::{Payload, Signal};

pub(super) type Answer = Response<UnsyncBoxBody<Bytes, std::io::Error>>;

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) uri: Uri,
    pub(super) version: Version,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// A server that answers every request by a function, on the test's own runtime.
pub(super) struct Server {
    pub(super) addr: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub(super) async fn start(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Self {
        Self::start_tls(None, answer).await
    }

    pub(super) async fn start_tls(
        tls: Option<ServerConfig>,
        answer: impl Fn() -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, tls, answer)
    }

    pub(super) fn on(
        listener: TcpListener,
        tls: Option<ServerConfig>,
        answer: impl Fn() -> Answer + Send + Sync + 'static,
    ) -> Self {
        let addr = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        let answer = Arc::new(answer);
        let tls = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, answer, tls) = (Arc::clone(&kept), Arc::clone(&answer), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => connection(stream, kept, answer).await,
                        Some(tls) => match tls.accept(stream).into_fallible().await {
                            Ok(stream) => connection(stream, kept, answer).await,
                            Err((_, stream)) => drain(stream).await,
                        },
                    }
                });
            }
        });
        Self { addr, received }
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/v1/traces", self.addr)
    }
}

async fn connection<S>(
    stream: S,
    kept: Arc<Mutex<Vec<Received>>>,
    answer: Arc<impl Fn() -> Answer + Send + Sync + 'static>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
        async move {
            let (head, body) = request.into_parts();
            if let Ok(body) = body.collect().await {
                kept.lock().unwrap().push(Received {
                    uri: head.uri,
                    version: head.version,
                    headers: head.headers,
                    body: body.to_bytes(),
                });
            }
            Ok::<_, Infallible>(answer())
        }
    });
    // How a connection ends is what the client is tested for.
    let _ = auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Reads on after a refused handshake: closing at once would cut off the alert that says why.
async fn drain(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
}

/// Hands the first connection to `act`; the listener stays open.
pub(super) async fn raw<F>(act: impl FnOnce(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        act(stream).await;
        drop(listener);
    });
    addr
}

/// Reads until what came ends with `end`.
pub(super) async fn read_until(stream: &mut TcpStream, end: &[u8]) {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end) {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "early end");
    }
}

/// An HTTP answer.
pub(super) fn http(
    status: u16,
    headers: &[(&'static str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let mut answer = Response::new(
        Full::new(body.into())
            .map_err(|e| match e {})
            .boxed_unsync(),
    );
    *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).unwrap();
        answer.headers_mut().append(*name, value);
    }
    answer
}

/// A payload whose bytes are no OTLP at all: a transport must not care.
pub(super) fn payload(signal: Signal, items: u64) -> Payload {
    let body: Vec<u8> = (0..100_000_u32).map(|i| (i % 251) as u8).collect();
    Payload::new(signal, body.into(), items)
}

/// A certificate authority with a server's and a client's certificate, in files.
pub(super) struct Pki {
    folder: tempfile::TempDir,
    ca: Issuer<'static, KeyPair>,
    ca_pem: String,
}

impl Pki {
    pub(super) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_pem = params.self_signed(&key).unwrap().pem();
        let pki = Self {
            folder: tempfile::tempdir().unwrap(),
            ca: Issuer::new(params, key),
            ca_pem,
        };
        pki.write("ca.pem", &pki.ca_pem);
        let (cert, key) = pki.leaf("client");
        pki.write("client.pem", &cert);
        pki.write("client.key", &key);
        pki
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A certificate for `name` and its key, as PEM.
    pub(super) fn leaf(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.ca).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// The settings of a server on 127.0.0.1, which may insist on a client certificate.
    pub(super) fn server(&self, client_required: bool) -> ServerConfig {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if client_required {
            let mut roots = RootCertStore::empty();
            let ca = CertificateDer::from_pem_slice(self.ca_pem.as_bytes()).unwrap();
            roots.add(ca).unwrap();
            builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                    .build()
                    .unwrap(),
            )
        } else {
            builder.with_no_client_auth()
        };
        let (cert, key) = self.leaf("127.0.0.1");
        let cert = CertificateDer::from_pem_slice(cert.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let mut config = builder.with_single_cert(vec![cert], key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }
}
