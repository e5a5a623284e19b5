//! The built telemetry.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use oc_otlp::Counts;
use opentelemetry::{
    metrics::{Meter, MeterProvider},
    propagation::TextMapPropagator,
};
use opentelemetry_sdk::{
    logs::SdkLoggerProvider, metrics::SdkMeterProvider, trace::SdkTracerProvider,
};
use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

use crate::{
    FlushReport, InitError, ShutdownReport, TelemetryBuilder, TelemetryGuard, Warning,
    config::CaptureContent,
    global, host_meter,
    logs::{file::LogFile, layer},
    metrics::{AgentMetrics, guarded::guarded},
    pipeline::{logs::OcLogProcessor, metrics::OcMetricReader, spans::OcSpanProcessor},
    recorder::Recorder,
    running::Running,
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
    inner: Arc<Running>,
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
    ///
    /// A callback of an observable instrument that panics costs what it would have observed, and
    /// the reports count it. So it is with the meters of `opentelemetry::global` after
    /// [`install`](Self::install), but not with those of [`meter_provider`](Self::meter_provider):
    /// there a panic ends the metrics of the process.
    ///
    /// Where the host owns the SDK, instruments record to the meter provider that it registers, before
    /// they are made or after; only observable ones must be made after.
    pub fn meter(&self, scope: &'static str) -> Meter {
        let meter = match &self.inner.meter_provider {
            Some(provider) => provider.meter(scope),
            None if self.inner.host_owns_sdk => host_meter::meter(scope),
            None => SdkMeterProvider::builder()
                .with_resource(opentelemetry_sdk::Resource::builder_empty().build())
                .build()
                .meter(scope),
        };
        guarded(meter, &self.inner.collections)
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

    /// Gives away the pull reader behind [`metrics_page`](Self::metrics_page), for a meter provider
    /// of the host's. There is one, and only where the host owns the SDK: `None` otherwise, and at
    /// every further call.
    #[cfg(feature = "prometheus")]
    pub fn take_prometheus_reader(&self) -> Option<opentelemetry_prometheus::PrometheusExporter> {
        crate::sync::lock(&self.inner.pull.reader).take()
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
        crate::sync::lock(&self.inner.pull.server)
            .as_ref()
            .and_then(crate::metrics::server::MetricsServer::local_addr)
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
        self.inner.flush(timeout)
    }

    /// Stops recording, sends what waits, and says what became of everything, within the shutdown
    /// timeout (default 2 s). A further call returns the first one's report, marked as repeated; if
    /// the first one still works, it waits for it as long as it would have worked itself.
    ///
    /// Blocks the calling thread; works inside and outside of async runtimes.
    pub fn shutdown(&self) -> ShutdownReport {
        self.inner.shutdown(self.inner.shutdown_timeout)
    }

    /// [`shutdown`](Self::shutdown) with another deadline.
    pub fn shutdown_within(&self, timeout: Duration) -> ShutdownReport {
        self.inner.shutdown(timeout)
    }

    pub(crate) fn end_in_drop(&self) {
        self.inner.end_in_drop();
    }

    pub(crate) fn from_inner(inner: Running) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(crate) fn inner(&self) -> &Running {
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
