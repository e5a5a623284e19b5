use std::{error::Error, fmt};

/// Why no transport can be made of an [`Endpoint`](super::Endpoint).
///
/// The text names what is wrong and where; it never holds a header's value, user information, a
/// query or the contents of a file.
#[derive(Debug)]
pub struct EndpointError {
    kind: EndpointErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// Which part of an endpoint an [`EndpointError`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointErrorKind {
    /// The URL: malformed, or a scheme other than `http` and `https`.
    Url,
    /// A header's name or value holds characters that are not allowed there.
    Header,
    /// The file with trusted certificates: unreadable, without certificate, or a broken one in it.
    CaFile,
    /// The file with the client's certificate chain.
    ClientCertificate,
    /// The file with the client's private key, or the key does not belong to the certificate.
    ClientKey,
    /// TLS is not possible: the system trusts no certificate authority.
    Tls,
}

impl EndpointError {
    pub(super) fn new(kind: EndpointErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(super) fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Which part of the endpoint is wrong.
    pub const fn kind(&self) -> EndpointErrorKind {
        self.kind
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for EndpointError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
