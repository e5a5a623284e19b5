//! The client below both transports: hyper with rustls.

use std::{error::Error, io, time::Duration};

use http::Uri;
use http_body::Body;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, Builder, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::ClientConfig;

use super::{SendError, SendErrorKind};

pub(super) type Client<B> = legacy::Client<HttpsConnector<HttpConnector>, B>;

/// A client that speaks HTTP/1.1.
#[cfg(feature = "http")]
pub(super) fn http1<B>(tls: ClientConfig, timeout: Duration) -> Client<B>
where
    B: Body + Send,
    B::Data: Send,
{
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp(timeout));
    builder().build(connector)
}

/// A client that speaks HTTP/2 only, without TLS by prior knowledge.
#[cfg(feature = "grpc")]
pub(super) fn http2<B>(tls: ClientConfig, timeout: Duration) -> Client<B>
where
    B: Body + Send,
    B::Data: Send,
{
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http2()
        .wrap_connector(tcp(timeout));
    builder()
        .http2_only(true)
        .timer(TokioTimer::new())
        // All calls share one connection, and a call that times out does not close it. If the peer
        // is gone without a word, only an unanswered ping makes room for a new connection: so one
        // ping in an attempt that lasts, none while idle, for servers count pings.
        .http2_keep_alive_interval(Some((timeout / 2).max(Duration::from_secs(1))))
        .http2_keep_alive_timeout(timeout / 4)
        .build(connector)
}

/// What `error`, met by a client made by [`http1`] while talking to `uri`, means.
///
/// hyper's errors hold neither headers nor bodies.
#[cfg(feature = "http")]
pub(super) fn send_error(uri: &Uri, error: impl Into<Box<dyn Error + Send + Sync>>) -> SendError {
    let error = error.into();
    let kind = kind_of(&*error, false);
    described(uri, kind, error)
}

/// What `error`, met by a client made by [`http2`] while talking to `uri`, means.
#[cfg(feature = "grpc")]
pub(super) fn http2_send_error(
    uri: &Uri,
    error: impl Into<Box<dyn Error + Send + Sync>>,
) -> SendError {
    let error = error.into();
    let kind = kind_of(&*error, super::address::is_https(uri));
    described(uri, kind, error)
}

/// No answer within the endpoint's timeout.
pub(super) fn timed_out(uri: &Uri, timeout: Duration) -> SendError {
    SendError::new(
        SendErrorKind::Timeout,
        format!("no complete answer from {} within {timeout:?}", origin(uri)),
    )
}

/// Scheme, host and port; the rest of a URL may hold secrets.
pub(super) fn origin(uri: &Uri) -> String {
    format!(
        "{}://{}",
        uri.scheme_str().unwrap_or_default(),
        uri.authority().map_or("", http::uri::Authority::as_str)
    )
}

fn described(uri: &Uri, kind: SendErrorKind, error: Box<dyn Error + Send + Sync>) -> SendError {
    let what = match kind {
        SendErrorKind::Tls => "TLS failed with",
        SendErrorKind::Connect => "cannot connect to",
        SendErrorKind::Timeout => "no connection in time to",
        SendErrorKind::Response => "answer of more than 4 MiB from",
        _ => "connection broken to",
    };
    SendError::new(kind, format!("{what} {}", origin(uri))).with_source(error)
}

/// Walks the chain of causes.
///
/// Once a connection stands, h2 keeps of an I/O error only its kind and text. rustls's errors, an
/// alert about a missing client certificate for instance, have the kind `InvalidData`; with
/// `h2_over_tls` nothing else has.
fn kind_of(error: &(dyn Error + Send + Sync + 'static), h2_over_tls: bool) -> SendErrorKind {
    let mut kind = SendErrorKind::Interrupted;
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return SendErrorKind::Tls;
        }
        if error.is::<http_body_util::LengthLimitError>() {
            return SendErrorKind::Response;
        }
        if error
            .downcast_ref::<legacy::Error>()
            .is_some_and(legacy::Error::is_connect)
        {
            kind = SendErrorKind::Connect;
        }
        let io = error.downcast_ref::<io::Error>();
        match io.map(io::Error::kind) {
            Some(io::ErrorKind::TimedOut) => kind = SendErrorKind::Timeout,
            Some(io::ErrorKind::InvalidData) if h2_over_tls => return SendErrorKind::Tls,
            _ => {}
        }
        // What an io::Error wraps is not its source: its source is that of what it wraps.
        next = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    kind
}

fn tcp(timeout: Duration) -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    // Divided among a name's addresses, so that a dead one does not use up the whole attempt.
    tcp.set_connect_timeout(Some(timeout));
    tcp
}

fn builder() -> Builder {
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        // Below what servers and load balancers usually allow, so that they seldom close first.
        .pool_idle_timeout(Duration::from_secs(30))
        .pool_max_idle_per_host(4);
    builder
}
