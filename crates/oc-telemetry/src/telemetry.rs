//! The built telemetry.

use std::{
    fmt,
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use oc_otlp::{Counts, DropReason, IoRuntime, Ledger};
use opentelemetry::{
    Context,
    metrics::{Meter, MeterProvider},
    propagation::TextMapPropagator,
};
use opentelemetry_sdk::{
    logs::SdkLoggerProvider, metrics::SdkMeterProvider, trace::SdkTracerProvider,
};
use tokio::sync::{mpsc, oneshot};
use tracing::Subscriber;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use crate::{
    FlushReport, InitError, ShutdownReport, TelemetryBuilder, TelemetryGuard, Warning,
    clock::Clock,
    config::CaptureContent,
    diagnostics::Diagnostics,
    global,
    logs::{file::LogFile, layer},
    metrics::AgentMetrics,
    pipeline::{
        logs::OcLogProcessor,
        metrics::OcMetricReader,
        spans::{OcSpanProcessor, OpenSpans},
        worker::FlushRequest,
    },
    recorder::Recorder,
};

/// Traces, metrics and logs of one service.
///
/// A handle: cloning is cheap, and all clones are the same telemetry. It ends with
/// [`shutdown`](Self::shutdown), with the [`TelemetryGuard`] that [`install`](Self::install) returns,
/// or when the last handle is dropped.
///
/// ```
/// use oc_telemetry::{Telemetry, config::Lookup, with_span};
///
/// // An instance of its own, independent of the environment and of everything global.
/// let telemetry = Telemetry::builder("gateway")
///     .with_environment(Lookup::empty())
///     .without_prometheus()
///     .without_log_files()
///     .build()?;
/// let answer = telemetry.scope(|| with_span!("think", { 42 }));
/// assert_eq!(answer, 42);
/// assert!(telemetry.shutdown().is_complete());
/// # Ok::<(), oc_telemetry::InitError>(())
/// ```
#[derive(Clone)]
pub struct Telemetry {
    inner: Arc<Inner>,
}

impl Telemetry {
    /// Starts with the settings of a service. `service_name` is the resource's `service.name`
    /// unless `OTEL_SERVICE_NAME` or `openclaw.json` names another one.
    pub fn builder(service_name: impl Into<String>) -> TelemetryBuilder {
        TelemetryBuilder::new(service_name.into())
    }

    /// Makes this the telemetry of the process and returns the guard that ends it.
    ///
    /// What becomes global: the tracer provider, the meter provider and the propagator of
    /// `opentelemetry::global`; the `tracing` subscriber, unless one is set (then a
    /// [warning](Self::warnings) says to add [`tracing_layer`](Self::tracing_layer) to it); and the
    /// instance that `with_span!` records to where the context names none. Where the host owns
    /// the SDK (`OPENCLAW_OTEL_PRELOADED=1`) only the last.
    ///
    /// # Errors
    ///
    /// [`AlreadyInstalled`](crate::InitErrorKind::AlreadyInstalled) if this process has installed
    /// a telemetry before, even one that has ended.
    pub fn install(self) -> Result<TelemetryGuard, InitError> {
        global::install(&self)?;
        Ok(TelemetryGuard::new(self))
    }

    /// What was wrong with the settings, and what came up since. Oldest first.
    pub fn warnings(&self) -> Vec<Warning> {
        self.inner.diagnostics.warnings()
    }

    /// Records spans; `None` when recording is off (`OTEL_SDK_DISABLED`).
    pub fn recorder(&self) -> Option<&Recorder> {
        self.inner.recorder.as_ref()
    }

    /// Runs `body` with this telemetry as the one that `with_span!` records to.
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        match self.recorder() {
            Some(recorder) => recorder.scope(body),
            None => body(),
        }
    }

    /// Which content the settings allow to be captured: nothing unless somebody says so. `with_span!`
    /// and the middleware record no content of their own accord, whatever this says.
    pub fn capture_content(&self) -> CaptureContent {
        self.inner.capture_content
    }

    /// The families of an agent gateway.
    pub fn agent_metrics(&self) -> &AgentMetrics {
        &self.inner.agent_metrics
    }

    /// A meter for the program's own instruments, on the provider that feeds OTLP and `/metrics`
    /// alike.
    pub fn meter(&self, scope: &'static str) -> Meter {
        match &self.inner.meter_provider {
            Some(provider) => provider.meter(scope),
            None if self.inner.host_owns_sdk => opentelemetry::global::meter(scope),
            None => SdkMeterProvider::builder()
                .with_resource(opentelemetry_sdk::Resource::builder_empty().build())
                .build()
                .meter(scope),
        }
    }

    /// The tracer provider; `None` where the host owns the SDK or recording is off.
    pub fn tracer_provider(&self) -> Option<&SdkTracerProvider> {
        self.inner.tracer_provider.as_ref()
    }

    /// The one meter provider; `None` where the host owns the SDK or recording is off.
    pub fn meter_provider(&self) -> Option<&SdkMeterProvider> {
        self.inner.meter_provider.as_ref()
    }

    /// The logger provider; `None` where no log destination is configured, the host owns the SDK
    /// or recording is off.
    pub fn logger_provider(&self) -> Option<&SdkLoggerProvider> {
        self.inner.logger_provider.as_ref()
    }

    /// What carries context to other processes, as `OTEL_PROPAGATORS` says.
    pub fn propagator(&self) -> &Arc<dyn TextMapPropagator + Send + Sync> {
        &self.inner.propagator
    }

    /// The span processor, for a tracer provider of the host's. `None` without a destination.
    pub fn span_processor(&self) -> Option<OcSpanProcessor> {
        self.inner.span_processor.clone()
    }

    /// The log processor, for a logger provider of the host's. `None` without a destination.
    pub fn log_processor(&self) -> Option<OcLogProcessor> {
        self.inner.log_processor.clone()
    }

    /// The push reader, for a meter provider of the host's. It reads one provider: the first that
    /// it is given to, which is ours unless the host owns the SDK. `None` without a destination.
    pub fn metric_reader(&self) -> Option<OcMetricReader> {
        self.inner.metric_reader.clone()
    }

    /// The pull reader behind [`metrics_page`](Self::metrics_page), for a meter provider of the
    /// host's. `None` unless the host owns the SDK, and at the second call.
    #[cfg(feature = "prometheus")]
    pub fn prometheus_reader(&self) -> Option<opentelemetry_prometheus::PrometheusExporter> {
        lock(&self.inner.pull.reader).take()
    }

    /// A layer for a `tracing` subscriber of the host's: its spans join our traces, its events go
    /// to the log file and, with a log destination, out over OTLP. [`install`](Self::install) adds
    /// it by itself.
    pub fn tracing_layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        layer::layers::<S>(&self.inner)
    }

    /// The `/metrics` page, to be mounted in a server of the program's own.
    #[cfg(feature = "prometheus")]
    pub fn metrics_page(&self) -> Option<&crate::metrics::MetricsPage> {
        self.inner.pull.page.as_ref()
    }

    /// Where `/metrics` is served; `None` while the port is taken, and without a listener.
    #[cfg(feature = "prometheus")]
    pub fn metrics_addr(&self) -> Option<std::net::SocketAddr> {
        lock(&self.inner.pull.server)
            .as_ref()
            .and_then(crate::metrics::MetricsServer::local_addr)
    }

    /// A layer for HTTP servers: a span, the conventions' metric, the caller's context.
    /// `None` when recording is off.
    #[cfg(feature = "tower")]
    pub fn http_server_layer(&self) -> Option<crate::middleware::HttpServerLayer> {
        let recorder = self.recorder()?.clone();
        let meter = self.meter(crate::start::SCOPE);
        Some(crate::middleware::HttpServerLayer::new(
            recorder,
            Arc::clone(self.propagator()),
            &meter,
        ))
    }

    /// The gateway's log file.
    pub fn log_file(&self) -> Option<&Path> {
        self.inner.log_file.as_ref().map(LogFile::path)
    }

    /// The counts of every signal at every destination, now.
    pub fn ledger(&self) -> Vec<Counts> {
        self.inner.counts()
    }

    /// Spans that have started and not ended.
    pub fn open_spans(&self) -> u64 {
        self.inner.open_spans.count()
    }

    /// Sends everything recorded so far and waits for it, at most `timeout` in total. Blocks the
    /// calling thread; works inside and outside of async runtimes.
    pub fn flush(&self, timeout: Duration) -> FlushReport {
        let deadline = Instant::now() + timeout;
        let sent = self.inner.flush_signals(timeout);
        let written = self
            .inner
            .log_file
            .as_ref()
            .is_none_or(|file| file.flush(deadline));
        FlushReport {
            destinations: self.inner.counts(),
            in_time: sent && written,
        }
    }

    /// Stops recording, sends what waits, and says what became of everything, within the shutdown
    /// timeout (default 2 s). A further call returns the first one's report, marked as repeated.
    ///
    /// Blocks the calling thread; works inside and outside of async runtimes.
    pub fn shutdown(&self) -> ShutdownReport {
        self.inner.shutdown(self.inner.shutdown_timeout)
    }

    /// [`shutdown`](Self::shutdown) with another deadline.
    pub fn shutdown_within(&self, timeout: Duration) -> ShutdownReport {
        self.inner.shutdown(timeout)
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry")
            .field("ledger", &self.ledger())
            .finish_non_exhaustive()
    }
}

/// Everything that runs. Put together in [`start`](crate::start).
pub(crate) struct Inner {
    pub(crate) host_owns_sdk: bool,
    pub(crate) propagator: Arc<dyn TextMapPropagator + Send + Sync>,
    pub(crate) inherited_context: Context,
    pub(crate) capture_content: CaptureContent,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) tracer_provider: Option<SdkTracerProvider>,
    pub(crate) span_processor: Option<OcSpanProcessor>,
    pub(crate) open_spans: Arc<OpenSpans>,
    pub(crate) logger_provider: Option<SdkLoggerProvider>,
    pub(crate) log_processor: Option<OcLogProcessor>,
    pub(crate) log_file: Option<LogFile>,
    pub(crate) levels: Targets,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) meter_provider: Option<SdkMeterProvider>,
    pub(crate) metric_reader: Option<OcMetricReader>,
    pub(crate) agent_metrics: AgentMetrics,
    #[cfg(feature = "prometheus")]
    pub(crate) pull: crate::start::pull::Pull,
    pub(crate) flushers: Flushers,
    pub(crate) ledgers: Vec<Arc<Ledger>>,
    pub(crate) diagnostics: Arc<Diagnostics>,
    pub(crate) io: Option<IoRuntime>,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) shutting_down: AtomicBool,
    pub(crate) report: OnceLock<ShutdownReport>,
}

/// Where the worker of each signal is asked for a flush.
#[derive(Debug, Default)]
pub(crate) struct Flushers {
    pub(crate) traces: Option<mpsc::Sender<FlushRequest>>,
    pub(crate) logs: Option<mpsc::Sender<FlushRequest>>,
    pub(crate) metrics: Option<mpsc::Sender<FlushRequest>>,
}

impl Inner {
    fn counts(&self) -> Vec<Counts> {
        self.ledgers
            .iter()
            .flat_map(|ledger| ledger.snapshot())
            .collect()
    }

    /// Asks every worker for a flush, traces first, and waits for all; `false` at the deadline.
    fn flush_signals(&self, timeout: Duration) -> bool {
        let Flushers {
            traces,
            logs,
            metrics,
        } = &self.flushers;
        let flushers: Vec<_> = [traces, logs, metrics]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        if flushers.is_empty() {
            return true;
        }
        let Some(io) = &self.io else { return true };
        let flushed = io.wait(timeout, async move {
            let answers = flushers.into_iter().map(|flusher| async move {
                let (done, finished) = oneshot::channel();
                flusher.send(done).await.is_ok() && finished.await.is_ok()
            });
            join_all(answers).await.into_iter().all(|flushed| flushed)
        });
        flushed.unwrap_or(false)
    }

    fn shutdown(&self, timeout: Duration) -> ShutdownReport {
        if self.shutting_down.swap(true, Ordering::AcqRel) {
            return self.repeated_report();
        }
        let started = Instant::now();
        let deadline = started + timeout;
        // Recording stops first: whatever ends from now on is not silently half-exported. The
        // processors do not wait here, the one deadline below is for all signals.
        if let Some(provider) = &self.tracer_provider {
            let _ = provider.shutdown_with_timeout(Duration::ZERO);
        }
        if let Some(processor) = &self.span_processor {
            processor.close();
        }
        if let Some(provider) = &self.logger_provider {
            let _ = provider.shutdown_with_timeout(Duration::ZERO);
        }
        if let Some(processor) = &self.log_processor {
            processor.close();
        }
        // What follows the flush is quick, but not free.
        let reserve = (2 * LAST_LINES).min(timeout / 4);
        let sent = self.flush_signals(timeout.saturating_sub(reserve));
        if let Some(provider) = &self.meter_provider {
            let _ = provider.shutdown_with_timeout(Duration::ZERO);
        }
        #[cfg(feature = "prometheus")]
        drop(lock(&self.pull.server).take());
        for ledger in &self.ledgers {
            ledger.close(DropReason::ShutdownDeadline);
        }
        let destinations = self.counts();
        log_losses(&destinations);
        let written = self
            .log_file
            .as_ref()
            .is_none_or(|file| file.close(deadline.max(Instant::now() + LAST_LINES)));
        if let Some(io) = &self.io {
            io.stop(LAST_LINES);
        }
        let report = ShutdownReport {
            destinations,
            open_spans: self.open_spans.count(),
            lost_log_lines: self.log_file.as_ref().map_or(0, LogFile::lost_lines),
            in_time: sent && written,
            repeated: false,
            elapsed: started.elapsed(),
        };
        self.report.get_or_init(|| report).clone()
    }

    /// Another call shuts down, or has: its report, or where matters stand while it still works.
    fn repeated_report(&self) -> ShutdownReport {
        let report = self.report.get().cloned();
        let report = report.unwrap_or_else(|| ShutdownReport {
            destinations: self.counts(),
            open_spans: self.open_spans.count(),
            lost_log_lines: self.log_file.as_ref().map_or(0, LogFile::lost_lines),
            in_time: false,
            repeated: true,
            elapsed: Duration::ZERO,
        });
        ShutdownReport {
            repeated: true,
            ..report
        }
    }
}

fn log_losses(destinations: &[Counts]) {
    for counts in destinations {
        if !counts.is_complete() {
            tracing::warn!(
                target: "oc_telemetry",
                signal = %counts.signal, destination = %counts.destination,
                created = counts.created, exported = counts.exported,
                rejected = counts.rejected, dropped = counts.dropped_total(),
                "not everything was delivered before the end"
            );
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let _ = self.shutdown(self.shutdown_timeout);
    }
}

/// The last log lines get this long even when the deadline is used up.
const LAST_LINES: Duration = Duration::from_millis(50);

#[cfg(feature = "prometheus")]
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
