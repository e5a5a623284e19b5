//! What runs behind a [`Telemetry`](crate::Telemetry), and how it is flushed and ended.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use oc_otlp::{Counts, DropReason, IoRuntime, Ledger};
use opentelemetry::{Context, propagation::TextMapPropagator};
use opentelemetry_sdk::{
    logs::SdkLoggerProvider, metrics::SdkMeterProvider, trace::SdkTracerProvider,
};
use tokio::sync::{mpsc, oneshot};
use tracing_subscriber::filter::Targets;

use crate::{
    ShutdownReport,
    clock::Clock,
    config::CaptureContent,
    diagnostics::Diagnostics,
    logs::file::LogFile,
    metrics::AgentMetrics,
    pipeline::{
        logs::OcLogProcessor,
        metrics::OcMetricReader,
        spans::{OcSpanProcessor, OpenSpans},
        worker::FlushRequest,
    },
    recorder::Recorder,
};

/// Everything that runs. Put together in [`start`](crate::start).
pub(crate) struct Running {
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

impl Running {
    pub(crate) fn counts(&self) -> Vec<Counts> {
        self.ledgers
            .iter()
            .flat_map(|ledger| ledger.snapshot())
            .collect()
    }

    /// Asks every worker for a flush, traces first, and waits for all; `false` at the deadline.
    pub(crate) fn flush_signals(&self, timeout: Duration) -> bool {
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

    pub(crate) fn shutdown(&self, timeout: Duration) -> ShutdownReport {
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

impl Drop for Running {
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
