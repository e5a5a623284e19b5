use std::{fmt, time::SystemTime};

use bytes::{Buf, Bytes};
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode, Uri,
    header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, RETRY_AFTER},
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use super::{
    Accepted, Compression, Endpoint, EndpointError, SendError, SendErrorKind, SendFuture,
    Transport, address,
    client::{self, Client},
    response::{self, MAX_RESPONSE},
    retry_after,
    rpc_status::RpcStatus,
    text::{self, MAX_MESSAGE},
    tls,
};
use crate::Payload;

/// Sends payloads over OTLP/HTTP: `POST` with a protobuf body, HTTP/1.1.
///
/// OTLP specification, section "OTLP/HTTP". What it leaves open, or what is worth knowing:
///
/// * Every 2xx is success, and a 3xx is an error: redirects are not followed, for they would carry
///   the headers' secrets to another place.
/// * A 2xx whose body is not an OTLP response counts as accepted in full: the server said that it
///   took the request, and sending again would duplicate it. Unless the body is empty or `{}`,
///   [`Accepted::message`] then says so, for an answer from something else than an OTLP receiver is
///   worth a warning.
/// * An answer of more than 4 MiB is an error ([`SendErrorKind::Response`]); of an error's body at
///   most 1 KiB is read, for the message.
/// * `Retry-After` is read from every error, in seconds or as a date, and limited to one hour. A
///   date is compared with the answer's own `Date`, so that a clock that is wrong does no harm.
///
/// Connections are kept for 30 s. [`send`](Transport::send) needs a tokio runtime with I/O and
/// time enabled; [`new`](Self::new) needs none.
#[derive(Clone)]
pub struct HttpTransport {
    client: Client<Full<Bytes>>,
    endpoint: Endpoint,
    uri: Uri,
    headers: HeaderMap,
}

impl HttpTransport {
    /// Checks `endpoint` and makes a transport for it. No connection is made yet.
    ///
    /// Reads the endpoint's certificate files, and for `https` without such a file the system's
    /// trusted roots. Works on any thread, inside or outside of any runtime.
    ///
    /// # Errors
    ///
    /// * The URL is malformed, has no scheme or one that is not `http` or `https`.
    /// * A header's name or value holds characters that are not allowed.
    /// * A certificate or key file cannot be read, holds nothing usable, or the key does not
    ///   belong to the certificate.
    /// * The URL is `https`, there is no CA file, and the system trusts no root.
    pub fn new(endpoint: &Endpoint) -> Result<Self, EndpointError> {
        let uri = address::http_uri(endpoint)?;
        let headers = headers(endpoint)?;
        let tls = tls::client_config(endpoint, address::is_https(&uri))?;
        Ok(Self {
            client: client::http1(tls, endpoint.timeout()),
            endpoint: endpoint.clone(),
            uri,
            headers,
        })
    }

    /// The same transport with one more header. It shares the connections of this one, and no
    /// file is read.
    ///
    /// # Errors
    ///
    /// The name or the value holds characters that are not allowed.
    pub fn with_header(
        &self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, EndpointError> {
        let endpoint = self.endpoint.clone().with_header(name, value);
        Ok(Self {
            headers: headers(&endpoint)?,
            endpoint,
            ..self.clone()
        })
    }

    async fn exchange(&self, payload: &Payload) -> Result<Accepted, SendError> {
        let timeout = self.endpoint.timeout();
        let deadline = Instant::now() + timeout;
        let request = self.request(payload).await?;
        let response = timeout_at(deadline, self.client.request(request))
            .await
            .map_err(|_| client::timed_out(&self.uri, timeout))?
            .map_err(|error| client::send_error(&self.uri, error))?;
        if !response.status().is_success() {
            return Err(self.refused(response, deadline).await);
        }
        let content_type = response.headers().get(CONTENT_TYPE).cloned();
        let body = Limited::new(response.into_body(), MAX_RESPONSE).collect();
        let body = timeout_at(deadline, body)
            .await
            .map_err(|_| client::timed_out(&self.uri, timeout))?
            .map_err(|error| client::send_error(&self.uri, error))?
            .to_bytes();
        Ok(accepted(payload, content_type.as_ref(), &body))
    }

    async fn request(&self, payload: &Payload) -> Result<Request<Full<Bytes>>, SendError> {
        let body = match self.endpoint.compression() {
            Compression::None => payload.body().clone(),
            Compression::Gzip => payload.gzipped().await.map_err(SendError::compression)?,
        };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }

    /// The error of a status other than 2xx. If its body does not come in time, it does without.
    async fn refused(&self, response: Response<Incoming>, deadline: Instant) -> SendError {
        let (head, body) = response.into_parts();
        let mut start = Vec::new();
        let read = read_start(body, &mut start);
        // Whether the body came whole makes no difference to the status.
        let _ = timeout_at(deadline, read).await;
        let said = if is_type(head.headers.get(CONTENT_TYPE), PROTOBUF) {
            RpcStatus::read(&start).message.unwrap_or_default()
        } else {
            &start
        };
        SendError::new(
            SendErrorKind::Http(head.status.as_u16()),
            describe(head.status, &String::from_utf8_lossy(said)),
        )
        .with_retry_after(wait(&head.headers))
    }
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, payload: &'a Payload) -> SendFuture<'a> {
        Box::pin(self.exchange(payload))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

fn headers(endpoint: &Endpoint) -> Result<HeaderMap, EndpointError> {
    let mut headers = address::header_map(endpoint)?;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROTOBUF));
    if endpoint.compression() == Compression::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(headers)
}

fn accepted(payload: &Payload, content_type: Option<&HeaderValue>, body: &[u8]) -> Accepted {
    if body.is_empty() {
        return Accepted::default();
    }
    if content_type.is_none() || is_type(content_type, PROTOBUF) {
        return response::accepted(payload, body)
            .unwrap_or_else(|_| not_understood("is not a valid OTLP response"));
    }
    // Some servers answer in JSON whatever they were asked in; this is its full success.
    if body.trim_ascii() == b"{}" {
        return Accepted::default();
    }
    let shown = content_type.map_or_else(String::new, |value| {
        text::printable(&String::from_utf8_lossy(value.as_bytes()), 64)
    });
    not_understood(&format!("has content type {shown:?} instead of {PROTOBUF}"))
}

fn not_understood(what: &str) -> Accepted {
    Accepted {
        rejected: 0,
        message: Some(format!("the answer {what}; the request counts as accepted")),
    }
}

/// Whether a content type is `expected`, whatever its parameters.
fn is_type(content_type: Option<&HeaderValue>, expected: &str) -> bool {
    content_type
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case(expected))
}

pub(super) fn describe(status: StatusCode, said: &str) -> String {
    match text::server_message(said) {
        Some(said) => format!("the server answered {status}: {said}"),
        None => format!("the server answered {status}"),
    }
}

/// How long the server wants to be left alone, by its own clock if it tells the time.
pub(super) fn wait(headers: &HeaderMap) -> Option<std::time::Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let now = text(DATE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now);
    retry_after::parse(text(RETRY_AFTER)?, now)
}

/// Appends the body's first KiB to `start`.
async fn read_start(mut body: Incoming, start: &mut Vec<u8>) -> Result<(), hyper::Error> {
    while start.len() < MAX_MESSAGE
        && let Some(frame) = body.frame().await
    {
        if let Ok(data) = frame?.into_data() {
            let room = MAX_MESSAGE - start.len();
            start.extend_from_slice(data.chunk().get(..room).unwrap_or(data.chunk()));
        }
    }
    Ok(())
}

const PROTOBUF: &str = "application/x-protobuf";

#[cfg(test)]
mod tests;
