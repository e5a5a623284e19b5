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
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use oc_otlp::IoRuntime;
use opentelemetry::Context;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
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
pub struct MetricsServer {
    bound: Arc<OnceLock<SocketAddr>>,
    task: JoinHandle<()>,
}

impl MetricsServer {
    /// Listens on `addr` and serves `page`, with the default options. Port 0 takes a free port.
    ///
    /// The port is bound before this returns, unless it is taken: then `warn` is called, and the
    /// I/O thread tries again every [5 s](MetricsServerOptions::with_retry_interval) until it
    /// succeeds. `warn` is called once for an outage, not once for every attempt.
    pub fn start(
        io: &IoRuntime,
        addr: SocketAddr,
        page: MetricsPage,
        warn: impl Fn(MetricsServerWarning) + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(io, addr, page, MetricsServerOptions::default(), warn)
    }

    /// Like [`start`](Self::start), with options.
    pub fn start_with(
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
    pub fn local_addr(&self) -> Option<SocketAddr> {
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
pub struct MetricsServerOptions {
    retry_interval: Duration,
    header_timeout: Duration,
    connection_age: Duration,
}

impl MetricsServerOptions {
    /// How long to wait between attempts to bind a port that is taken. Default 5 s.
    pub fn with_retry_interval(mut self, interval: Duration) -> Self {
        self.retry_interval = interval;
        self
    }

    /// How long a client may take to send the head of a request, counted from the connection's
    /// start or the end of the response before. Default 5 s.
    pub fn with_header_timeout(mut self, timeout: Duration) -> Self {
        self.header_timeout = timeout;
        self
    }

    /// How long a connection may live, whatever it does. Default 60 s.
    ///
    /// It bounds what the header timeout does not see, a client that never reads its response. A
    /// scraper whose connection is closed opens another.
    pub fn with_connection_age(mut self, age: Duration) -> Self {
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
pub struct MetricsServerWarning {
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
    let rendering = Arc::new(Semaphore::new(MAX_RENDERINGS));
    let mut connections = JoinSet::new();
    let mut pause = FIRST_PAUSE;
    loop {
        match accept().await {
            Ok((stream, _)) => {
                pause = FIRST_PAUSE;
                while connections.try_join_next().is_some() {}
                if connections.len() < MAX_CONNECTIONS {
                    connections.spawn(serve(
                        stream,
                        page.clone(),
                        options.clone(),
                        Arc::clone(&rendering),
                    ));
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

async fn serve(
    stream: TcpStream,
    page: MetricsPage,
    options: MetricsServerOptions,
    rendering: Arc<Semaphore>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let page = page.clone();
        let rendering = Arc::clone(&rendering);
        async move { Ok::<_, Infallible>(route(request, page, rendering).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let _ = time::timeout(options.connection_age, connection).await;
}

async fn route(
    request: Request<Incoming>,
    page: MetricsPage,
    rendering: Arc<Semaphore>,
) -> Response<Full<Bytes>> {
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
    let method = request.method().clone();
    render_apart(page, method, rendering).await
}

/// Renders on a thread for blocking work: collectors may take their time.
async fn render_apart(
    page: MetricsPage,
    method: Method,
    rendering: Arc<Semaphore>,
) -> Response<Full<Bytes>> {
    // The permit moves into the work: a client that goes away does not make room while its page
    // is still being rendered.
    let Ok(permit) = rendering.acquire_owned().await else {
        return page::short_text(StatusCode::SERVICE_UNAVAILABLE, "shutting down\n");
    };
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        // Blocking threads do not have the I/O thread's suppression.
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        page.answer(&method)
    })
    .await
    .unwrap_or_else(|_| page::short_text(StatusCode::SERVICE_UNAVAILABLE, "shutting down\n"))
}

const METRICS_PATH: &str = "/metrics";
const MAX_CONNECTIONS: usize = 64;
const MAX_RENDERINGS: usize = 2;
const MAX_HEAD_BYTES: usize = 16 * 1024;
const MAX_HEADERS: usize = 100;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Instant,
    };

    use super::*;

    /// A listener that only fails is asked at growing intervals, and warned about once.
    #[tokio::test]
    async fn failing_accepts_back_off() {
        let attempts = AtomicUsize::new(0);
        let warnings = AtomicUsize::new(0);
        let page = MetricsPage::new(prometheus::Registry::new());
        let options = MetricsServerOptions::default();
        let warn = |_| {
            warnings.fetch_add(1, Ordering::Relaxed);
        };
        let (enough, reached) = tokio::sync::oneshot::channel();
        let enough = std::sync::Mutex::new(Some(enough));
        let started = Instant::now();
        let accept = || {
            if attempts.fetch_add(1, Ordering::Relaxed) == 3 {
                enough.lock().unwrap().take().unwrap().send(()).unwrap();
            }
            async { Err(io::Error::other("too many open files")) }
        };

        tokio::select! {
            () = accept_all(accept, &page, &options, &warn) => {}
            reached = reached => reached.unwrap(),
        }

        assert!(started.elapsed() >= FIRST_PAUSE * (1 + 2 + 4));
        assert_eq!(attempts.load(Ordering::Relaxed), 4);
        assert_eq!(warnings.load(Ordering::Relaxed), 1);
    }
}
