#[cfg(any(feature = "http", feature = "grpc"))]
use std::io;
use std::{error::Error, fmt, time::Duration};

/// Why an attempt to send a payload failed.
///
/// Neither the message nor the sources hold headers, query strings or the payload.
#[derive(Debug)]
pub struct SendError {
    kind: SendErrorKind,
    message: String,
    retry_after: Option<Duration>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What kind of failure a [`SendError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// No connection: refused, unreachable, name not resolved.
    Connect,
    /// TLS failed: unknown issuer, wrong host, expired, a client certificate that is not accepted,
    /// or a server that does not speak TLS.
    Tls,
    /// The connection broke before the answer was complete.
    Interrupted,
    /// No complete answer within the endpoint's timeout.
    Timeout,
    /// The server answered with an HTTP status other than 2xx.
    Http(u16),
    /// The server answered with a gRPC status code other than OK.
    Grpc(i32),
    /// The answer was larger than 4 MiB or not understood.
    Response,
    /// Nothing was sent: what the transport has to find out first is not known yet.
    NotReady,
}

impl SendError {
    /// An error of `kind` with a message for people.
    pub fn new(kind: SendErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            retry_after: None,
            source: None,
        }
    }

    /// The body could not be compressed, and nothing was sent.
    #[cfg(any(feature = "http", feature = "grpc"))]
    pub(super) fn compression(error: io::Error) -> Self {
        Self::new(SendErrorKind::Interrupted, "cannot compress the request").with_source(error)
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds how long the destination wants to be left alone.
    #[must_use]
    pub const fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.retry_after = retry_after;
        self
    }

    /// The kind of failure.
    pub const fn kind(&self) -> SendErrorKind {
        self.kind
    }

    /// How long the destination asked to be left alone (`Retry-After`, gRPC `RetryInfo`).
    ///
    /// It holds for the whole destination, not for this payload alone.
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether the same payload may be sent again.
    ///
    /// OTLP specification, sections "Failures" (gRPC) and "Failures" (HTTP): of the answers only
    /// 429, 502, 503 and 504, and of the gRPC codes CANCELLED, `DEADLINE_EXCEEDED`, ABORTED,
    /// `OUT_OF_RANGE`, UNAVAILABLE and `DATA_LOSS`; `RESOURCE_EXHAUSTED` only if the server said when
    /// to come back. Whatever befalls the connection is worth a retry, TLS included: certificates
    /// are renewed, and a proxy that starts may answer before it speaks TLS.
    pub const fn is_retryable(&self) -> bool {
        match self.kind {
            SendErrorKind::Connect
            | SendErrorKind::Tls
            | SendErrorKind::Interrupted
            | SendErrorKind::Timeout
            | SendErrorKind::NotReady => true,
            SendErrorKind::Response => false,
            SendErrorKind::Http(status) => matches!(status, 429 | 502 | 503 | 504),
            SendErrorKind::Grpc(code) => match code {
                1 | 4 | 10 | 11 | 14 | 15 => true,
                8 => self.retry_after.is_some(),
                _ => false,
            },
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
