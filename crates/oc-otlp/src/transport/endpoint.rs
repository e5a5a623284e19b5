use std::{path::PathBuf, time::Duration};

/// Where a payload goes and how: URL, headers, TLS, compression, timeout.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Endpoint {
    /// The URL, `http` or `https`. HTTP: used as it stands, path included. gRPC: origin only.
    pub url: String,
    /// Headers or gRPC metadata sent with every request. Values are secrets.
    pub headers: Vec<(String, String)>,
    /// How the body is compressed.
    pub compression: Compression,
    /// How long one attempt may take. Default 10 s.
    pub timeout: Duration,
    /// A file with PEM certificates trusted instead of the system's roots.
    pub ca_file: Option<PathBuf>,
    /// Files with the client's PEM certificate chain and private key.
    pub client_identity: Option<(PathBuf, PathBuf)>,
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// gzip.
    Gzip,
}

/// Why an [`Endpoint`] cannot be used.
#[derive(Debug)]
pub struct EndpointError;

/// What kind of [`EndpointError`] it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointErrorKind {
    /// The URL is malformed.
    Url,
}
