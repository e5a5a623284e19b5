use std::{
    convert::Infallible,
    fmt,
    future::Future,
    io,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use oc_otlp::IoRuntime;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
    time,
};

use super::page::{self, MetricsPage};

/// Serves a [`MetricsPage`] at `/metrics` on a port of its own.
///
/// It runs on the library's I/O thread. Other paths are 404. It stops, and closes its
/// connections, when it is dropped.
///
/// What a client can cost is bounded: 64 connections at once, more are closed as they come; 16 KiB
/// and 100 headers a request; [5 s](MetricsServerOptions::with_header_timeout) to send the head of
/// a request, which is also how long an idle connection is kept;
/// [one minute](MetricsServerOptions::with_connection_age) a connection; no request bodies; two
/// pages rendered at once.
#[must_use = "the server stops when it is dropped"]
pub(crate) struct MetricsServer {
    bound: Arc<OnceLock<SocketAddr>>,
    task: JoinHandle<()>,
}

impl MetricsServer {
    /// Listens on `addr` and serves `page`, with the default options. Port 0 takes a free port.
    ///
    /// The port is bound before this returns, unless it is taken: then `warn` is called, and the
    /// I/O thread tries again every [5 s](MetricsServerOptions::with_retry_interval) until it
    /// succeeds. `warn` is called once for an outage, not once for every attempt.
    pub(crate) fn start(
        io: &IoRuntime,
        addr: SocketAddr,
        page: MetricsPage,
        warn: impl Fn(MetricsServerWarning) + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(io, addr, page, MetricsServerOptions::default(), warn)
    }

    /// Like [`start`](Self::start), with options.
    pub(crate) fn start_with(
        io: &IoRuntime,
        addr: SocketAddr,
        page: MetricsPage,
        options: MetricsServerOptions,
        warn: impl Fn(MetricsServerWarning) + Send + Sync + 'static,
    ) -> Self {
        let bound = Arc::new(OnceLock::new());
        let first = {
            let _reactor = io.handle().enter();
            bind(addr, &bound)
        };
        let mut listener = match first {
            Ok(listener) => Some(listener),
            Err(source) => {
                warn(MetricsServerWarning::bind(
                    addr,
                    options.retry_interval,
                    source,
                ));
                None
            }
        };
        let bound_later = Arc::clone(&bound);
        let task = io.spawn(async move {
            let listener = loop {
                if let Some(listener) = listener.take() {
                    break listener;
                }
                time::sleep(options.retry_interval).await;
                listener = bind(addr, &bound_later).ok();
            };
            accept_all(|| listener.accept(), &page, &options, &warn).await;
        });
        Self { bound, task }
    }

    /// The address that the server listens on; `None` as long as the port is taken.
    pub(crate) fn local_addr(&self) -> Option<SocketAddr> {
        self.bound.get().copied()
    }
}

impl Drop for MetricsServer {
    fn drop(&mut self) {
        // Ends the accept loop, and with it the set that owns the connections.
        self.task.abort();
    }
}

impl fmt::Debug for MetricsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsServer")
            .field("local_addr", &self.local_addr())
            .finish_non_exhaustive()
    }
}

/// The times that a [`MetricsServer`] keeps.
#[derive(Clone, Debug)]
pub(crate) struct MetricsServerOptions {
    retry_interval: Duration,
    header_timeout: Duration,
    connection_age: Duration,
}

#[cfg(test)]
impl MetricsServerOptions {
    /// How long to wait between attempts to bind a port that is taken. Default 5 s.
    pub(crate) fn with_retry_interval(mut self, interval: Duration) -> Self {
        self.retry_interval = interval;
        self
    }

    /// How long a client may take to send the head of a request, counted from the connection's
    /// start or the end of the response before. Default 5 s.
    pub(crate) fn with_header_timeout(mut self, timeout: Duration) -> Self {
        self.header_timeout = timeout;
        self
    }

    /// How long a connection may live, whatever it does. Default 60 s.
    ///
    /// It bounds what the header timeout does not see, a client that never reads its response. A
    /// scraper whose connection is closed opens another.
    pub(crate) fn with_connection_age(mut self, age: Duration) -> Self {
        self.connection_age = age;
        self
    }
}

impl Default for MetricsServerOptions {
    fn default() -> Self {
        Self {
            retry_interval: Duration::from_secs(5),
            header_timeout: Duration::from_secs(5),
            connection_age: Duration::from_mins(1),
        }
    }
}

/// Something that keeps the metrics from being scraped, for now.
#[derive(Debug)]
pub(crate) struct MetricsServerWarning {
    message: String,
    source: io::Error,
}

impl MetricsServerWarning {
    fn bind(addr: SocketAddr, retry: Duration, source: io::Error) -> Self {
        Self {
            message: format!(
                "cannot listen on {addr} for /metrics, trying again every {retry:?}; choose \
                 another address with OTEL_EXPORTER_PROMETHEUS_HOST and \
                 OTEL_EXPORTER_PROMETHEUS_PORT"
            ),
            source,
        }
    }

    fn accept(source: io::Error) -> Self {
        Self {
            message: "cannot accept connections for /metrics, trying again".to_owned(),
            source,
        }
    }
}

impl fmt::Display for MetricsServerWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for MetricsServerWarning {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Listens on `addr` and notes the address. Needs the reactor's context, but does not wait.
fn bind(addr: SocketAddr, bound: &OnceLock<SocketAddr>) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(addr)?;
    listener.set_nonblocking(true)?;
    let local_addr = listener.local_addr()?;
    let listener = TcpListener::from_std(listener)?;
    let _ = bound.set(local_addr);
    Ok(listener)
}

/// Accepts for ever. Dropping the future closes the connections too.
async fn accept_all<A, F>(
    accept: A,
    page: &MetricsPage,
    options: &MetricsServerOptions,
    warn: &(impl Fn(MetricsServerWarning) + Send + Sync),
) where
    A: Fn() -> F + Send,
    F: Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send,
{
    let mut connections = JoinSet::new();
    let mut pause = FIRST_PAUSE;
    loop {
        match accept().await {
            Ok((stream, _)) => {
                pause = FIRST_PAUSE;
                while connections.try_join_next().is_some() {}
                if connections.len() < MAX_CONNECTIONS {
                    connections.spawn(serve(stream, page.clone(), options.clone()));
                }
            }
            // The listener stays ready while descriptors are short (EMFILE): without the pause
            // this loop would spin.
            Err(source) => {
                if pause == FIRST_PAUSE {
                    warn(MetricsServerWarning::accept(source));
                }
                time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn serve(stream: TcpStream, page: MetricsPage, options: MetricsServerOptions) {
    let service = service_fn(move |request: Request<Incoming>| {
        let page = page.clone();
        async move { Ok::<_, Infallible>(route(request, page).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let _ = time::timeout(options.connection_age, connection).await;
}

async fn route(request: Request<Incoming>, page: MetricsPage) -> Response<Full<Bytes>> {
    if let Some(mut refusal) = page::refusal(request.method(), request.headers()) {
        // What follows on this connection may be the body that nobody reads.
        refusal
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
        return refusal;
    }
    if request.uri().path() != METRICS_PATH {
        return page::short_text(StatusCode::NOT_FOUND, "not found; see /metrics\n");
    }
    page.answer_apart(request.method().clone()).await
}

const METRICS_PATH: &str = "/metrics";
const MAX_CONNECTIONS: usize = 64;
const MAX_HEAD_BYTES: usize = 16 * 1024;
const MAX_HEADERS: usize = 100;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
