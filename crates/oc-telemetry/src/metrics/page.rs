use std::{
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use opentelemetry::Context;
use opentelemetry_prometheus::PrometheusExporter;
use opentelemetry_sdk::error::OTelSdkError;
use prometheus::{Registry, TextEncoder, proto::MetricType};
use tokio::{runtime::Handle, sync::Semaphore};

/// Makes the pull reader of the meter provider, and the page that shows what it reads.
///
/// Give the reader to `SdkMeterProvider::builder().with_reader(..)`. The registry may hold
/// collectors of the program's own; they appear on the same page. Series carry the labels of the
/// measurement and nothing else: no `otel_scope_*`. Names have their unit (`_seconds`) and, for
/// counters, `_total`; the resource is one `target_info` series.
///
/// # Errors
///
/// The registry already holds an OpenTelemetry exporter. It takes one only.
pub fn reader(registry: Registry) -> Result<(PrometheusExporter, MetricsPage), ReaderError> {
    let exporter = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .scope_info_enabled(false)
        .build()
        .map_err(ReaderError)?;
    Ok((exporter, MetricsPage::new(registry)))
}

/// The `/metrics` page: a registry in the Prometheus text format 0.0.4.
///
/// The library serves it on a port of its own
/// ([`with_prometheus_addr`](crate::TelemetryBuilder::with_prometheus_addr)). To mount it in a
/// server that exists already, use it as a `tower` service (feature `tower`), or pass that server's
/// requests to [`respond`](Self::respond). It does not look at the path: which requests reach it is
/// decided by where it is mounted.
///
/// Clones show the same registry and are cheap.
#[derive(Clone, Debug)]
pub struct MetricsPage {
    registry: Registry,
    /// Of all clones together.
    rendering: Arc<Semaphore>,
    /// Where the service renders, if the page belongs to a telemetry.
    #[cfg_attr(
        not(feature = "tower"),
        expect(dead_code, reason = "without the service nobody asks for it")
    )]
    io: Option<Handle>,
}

impl MetricsPage {
    /// A page that shows `registry`.
    pub fn new(registry: Registry) -> Self {
        Self {
            registry,
            rendering: Arc::new(Semaphore::new(MAX_RENDERINGS)),
            io: None,
        }
    }

    /// The same page, rendered on the threads of this runtime.
    pub(crate) fn on(self, io: Handle) -> Self {
        Self {
            io: Some(io),
            ..self
        }
    }

    /// The registry that the page shows.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Collects and encodes everything in the registry.
    ///
    /// It runs the callbacks of observable instruments and the registry's own collectors, so it
    /// takes as long as they do: call it where blocking is allowed if there are many series.
    ///
    /// # Errors
    ///
    /// A collector panicked, or gave a family that the text format has no form for.
    pub fn render(&self) -> Result<String, RenderError> {
        // The collectors are foreign code. Nothing of ours is left half-changed by their panic.
        catch_unwind(AssertUnwindSafe(|| self.encode()))
            .unwrap_or_else(|_| Err(RenderError::panicked()))
    }

    /// Answers a request for the page, on the calling thread: see [`render`](Self::render).
    ///
    /// * `GET`: the page. `HEAD`: its headers.
    /// * Any other method: 405 with `Allow`.
    /// * A request with a body: 413; a `Content-Length` that is no number: 400.
    /// * The registry cannot be [rendered](Self::render): 500 with the reason in a line of text.
    pub fn respond<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        match refusal(request.method(), request.headers()) {
            Some(refusal) => refusal,
            None => self.answer(request.method()),
        }
    }

    /// The page for a request that [`refusal`] let through.
    pub(super) fn answer(&self, method: &Method) -> Response<Full<Bytes>> {
        let (status, content_type, text) = match self.render() {
            Ok(text) => (StatusCode::OK, TEXT_FORMAT, text),
            Err(error) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                PLAIN_TEXT,
                format!("{error}\n"),
            ),
        };
        let length = HeaderValue::from(text.len());
        let body = if method == Method::HEAD {
            Bytes::new()
        } else {
            Bytes::from(text)
        };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        // Stated, because the body of a HEAD response does not tell it.
        headers.insert(header::CONTENT_LENGTH, length);
        response
    }

    /// [`answer`](Self::answer) on a thread for blocking work: collectors may take their time. Two
    /// at once, further ones wait. Needs a tokio runtime.
    pub(super) async fn answer_apart(self, method: Method) -> Response<Full<Bytes>> {
        // The permit moves into the work: a client that goes away does not make room while its
        // page is still being rendered.
        let Ok(permit) = Arc::clone(&self.rendering).acquire_owned().await else {
            return unavailable();
        };
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            // Blocking threads do not have the I/O thread's suppression.
            let _suppressed = Context::enter_telemetry_suppressed_scope();
            self.answer(&method)
        })
        .await
        .unwrap_or_else(|_| unavailable())
    }

    /// Where pages can be rendered apart: on the telemetry's own runtime, else on the current one.
    #[cfg(feature = "tower")]
    pub(super) fn runtime(&self) -> Option<Handle> {
        self.io.clone().or_else(|| Handle::try_current().ok())
    }

    fn encode(&self) -> Result<String, RenderError> {
        let families = self.registry.gather();
        for family in &families {
            // The encoder panics on these.
            if family.get_field_type() == MetricType::UNTYPED {
                return Err(RenderError::untyped(family.name()));
            }
        }
        TextEncoder::new()
            .encode_to_string(&families)
            .map_err(RenderError::rejected)
    }
}

/// The response to a request that gets no page, judged by its head alone.
pub(super) fn refusal(method: &Method, headers: &HeaderMap) -> Option<Response<Full<Bytes>>> {
    if method != Method::GET && method != Method::HEAD {
        let mut response = short_text(
            StatusCode::METHOD_NOT_ALLOWED,
            "only GET and HEAD are allowed\n",
        );
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return Some(response);
    }
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Some(body_refused());
    }
    for length in headers.get_all(header::CONTENT_LENGTH) {
        let digits = length.as_bytes();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Some(short_text(
                StatusCode::BAD_REQUEST,
                "content-length is not a number\n",
            ));
        }
        if digits.iter().any(|digit| *digit != b'0') {
            return Some(body_refused());
        }
    }
    None
}

/// A response of one line.
pub(super) fn short_text(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(PLAIN_TEXT));
    response
}

/// The response of a page whose runtime has ended.
pub(super) fn unavailable() -> Response<Full<Bytes>> {
    short_text(StatusCode::SERVICE_UNAVAILABLE, "shutting down\n")
}

fn body_refused() -> Response<Full<Bytes>> {
    short_text(
        StatusCode::PAYLOAD_TOO_LARGE,
        "this page takes no request body\n",
    )
}

/// The registry cannot take the reader.
#[derive(Debug)]
pub struct ReaderError(OTelSdkError);

impl fmt::Display for ReaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the prometheus registry already holds an OpenTelemetry exporter; pass another registry",
        )
    }
}

impl Error for ReaderError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// The registry cannot be shown as text.
#[derive(Debug)]
pub struct RenderError {
    message: String,
    source: Option<prometheus::Error>,
}

impl RenderError {
    fn untyped(family: &str) -> Self {
        Self {
            message: format!(
                "a collector gave the family {:?} without a type",
                family.chars().take(MAX_QUOTED_CHARS).collect::<String>()
            ),
            source: None,
        }
    }

    fn rejected(source: prometheus::Error) -> Self {
        Self {
            message: "the text encoder rejected a family of the registry".to_owned(),
            source: Some(source),
        }
    }

    /// The panic's own text stays out: it may hold anything, and the page shows this error.
    fn panicked() -> Self {
        Self {
            message: "a collector of the registry panicked".to_owned(),
            source: None,
        }
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for RenderError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// Media type of the Prometheus text exposition format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Pages rendered at the same time.
const MAX_RENDERINGS: usize = 2;
const PLAIN_TEXT: &str = "text/plain; charset=utf-8";
/// A foreign name is quoted up to this length.
const MAX_QUOTED_CHARS: usize = 200;
