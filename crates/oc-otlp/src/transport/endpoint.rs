use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::text::redact;

/// Where a payload goes and how: URL, headers, TLS, compression, timeout.
///
/// Building one never fails and touches nothing; everything is checked when a transport is made of
/// it. `Debug` shows neither header values nor the URL's user information and query.
///
/// OTLP exporter specification, section "Configuration Options".
#[derive(Clone)]
#[must_use = "an endpoint does nothing until a transport is made of it"]
pub struct Endpoint {
    url: String,
    headers: Vec<(String, String)>,
    compression: Compression,
    timeout: Duration,
    insecure: bool,
    ca_file: Option<PathBuf>,
    root_locations: Option<RootLocations>,
    client_identity: Option<ClientIdentity>,
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

/// Where the system's roots are read from, in place of the usual locations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RootLocations {
    pub(super) file: Option<PathBuf>,
    pub(super) dirs: Vec<PathBuf>,
}

/// The files that a client proves its identity with.
#[derive(Debug, Clone)]
pub(super) struct ClientIdentity {
    pub(super) cert_file: PathBuf,
    pub(super) key_file: PathBuf,
}

impl Endpoint {
    /// The default of [`with_timeout`](Self::with_timeout): 10 s.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

    /// An endpoint at `url`, scheme `http` or `https`.
    ///
    /// Over HTTP the URL is used as it stands, path and query included: no `/v1/traces` is
    /// appended. Over gRPC only scheme, host and port count, and the scheme may be left out
    /// (`localhost:4317`, see [`with_insecure`](Self::with_insecure)). A URL without port means
    /// the scheme's: 80 or 443.
    ///
    /// User information in the URL (`https://user:password@host`) is refused; credentials belong
    /// into an `authorization` header.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            headers: Vec::new(),
            compression: Compression::None,
            timeout: Self::DEFAULT_TIMEOUT,
            insecure: true,
            ca_file: None,
            root_locations: None,
            client_identity: None,
        }
    }

    /// Adds a header, over gRPC a metadata entry, that goes with every request. Default: none.
    ///
    /// Names are case-insensitive and the last value given for a name wins. Values are visible
    /// ASCII, space and tab, and are treated as secrets. [`RESERVED_HEADERS`] are ignored. A
    /// `user-agent` is put before the transport's own.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds several headers, as [`with_header`](Self::with_header) does one.
    pub fn with_headers<N, V>(self, headers: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        headers.into_iter().fold(self, |endpoint, (name, value)| {
            endpoint.with_header(name, value)
        })
    }

    /// How bodies are compressed. Default: not at all.
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// How long one attempt may take, from the name's resolution to the answer's last byte.
    /// Default: [`DEFAULT_TIMEOUT`](Self::DEFAULT_TIMEOUT). Less than 1 ms, zero among it, means
    /// 1 ms, and more than 24 h means 24 h.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.clamp(Duration::from_millis(1), Duration::from_hours(24));
        self
    }

    /// What a gRPC endpoint without a scheme means: `true`, the default, is `http`; `false` is
    /// `https`. A scheme in the URL always decides.
    ///
    /// The OTLP exporter specification's option "Insecure"; its default there is `false`, but
    /// `localhost:4317` is what people write for a collector without TLS.
    pub fn with_insecure(mut self, insecure: bool) -> Self {
        self.insecure = insecure;
        self
    }

    /// A file with PEM certificates that are trusted *instead of* the system's roots. Default:
    /// the system's roots.
    ///
    /// It is read and checked when a transport is made, also if the URL's scheme is `http`.
    pub fn with_ca_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(file.into());
        self
    }

    /// Where the system's roots are read from instead of the usual places: a file with PEM
    /// certificates, and directories with such files. Default: the usual places.
    ///
    /// These are the locations that `SSL_CERT_FILE` (a file) and `SSL_CERT_DIR` (a list of
    /// directories, see [`std::env::split_paths`]) name. Neither variable is read here: whoever
    /// configures the endpoint does, and passes on what they say. Without any location, and with a
    /// [CA file](Self::with_ca_file), the call has no effect. They are read when a transport for
    /// `https` is made; what is broken in them is left out, and only having no root at all is an
    /// error.
    ///
    /// On macOS and Windows the default is the system's store, and what reads it heeds the two
    /// variables by itself; elsewhere they have no effect unless they are passed on.
    pub fn with_system_roots_from(
        mut self,
        file: Option<PathBuf>,
        dirs: impl IntoIterator<Item = PathBuf>,
    ) -> Self {
        let locations = RootLocations {
            file,
            dirs: dirs.into_iter().collect(),
        };
        let named = locations.file.is_some() || !locations.dirs.is_empty();
        self.root_locations = named.then_some(locations);
        self
    }

    /// Files with the client's PEM certificate chain and its PEM private key (PKCS #8, PKCS #1 or
    /// SEC 1, not encrypted). Default: no client certificate.
    ///
    /// They are read and checked when a transport is made, also if the URL's scheme is `http`.
    pub fn with_client_identity(
        mut self,
        cert_file: impl Into<PathBuf>,
        key_file: impl Into<PathBuf>,
    ) -> Self {
        self.client_identity = Some(ClientIdentity {
            cert_file: cert_file.into(),
            key_file: key_file.into(),
        });
        self
    }

    /// The URL as it was given. It may hold secrets: show people
    /// [`redacted_url`](Self::redacted_url).
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL without user information, query and fragment, at most 200 characters long.
    pub fn redacted_url(&self) -> String {
        redact(&self.url)
    }

    /// How bodies are compressed.
    pub const fn compression(&self) -> Compression {
        self.compression
    }

    /// How long one attempt may take.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The names of the headers, in the order given.
    pub fn header_names(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    #[cfg(feature = "grpc")]
    pub(super) const fn is_insecure(&self) -> bool {
        self.insecure
    }

    pub(super) fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    pub(super) const fn root_locations(&self) -> Option<&RootLocations> {
        self.root_locations.as_ref()
    }

    pub(super) const fn client_identity(&self) -> Option<&ClientIdentity> {
        self.client_identity.as_ref()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("url", &self.redacted_url())
            .field("headers", &self.header_names().collect::<Vec<_>>())
            .field("compression", &self.compression)
            .field("timeout", &self.timeout)
            .field("insecure", &self.insecure)
            .field("ca_file", &self.ca_file)
            .field("root_locations", &self.root_locations)
            .field("client_identity", &self.client_identity)
            .finish()
    }
}

/// The headers, in lower case, that a transport sets by itself and takes from nobody else: they
/// describe the body or the connection.
///
/// [`Endpoint::with_header`] ignores them without a word; a configuration can warn by this list.
pub const RESERVED_HEADERS: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-timeout",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
