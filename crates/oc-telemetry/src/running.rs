//! What runs behind a [`Telemetry`](crate::Telemetry), and how it is flushed and ended.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex},
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
    FlushReport, ShutdownReport,
    clock::Clock,
    config::CaptureContent,
    diagnostics::{Diagnostics, emit},
    logs::file::LogFile,
    metrics::{AgentMetrics, guarded::Collections},
    pipeline::{
        logs::OcLogProcessor,
        metrics::OcMetricReader,
        spans::{OcSpanProcessor, OpenSpans},
        worker::FlushRequest,
    },
    recorder::Recorder,
    sync::{lock, wait_while},
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
    pub(crate) collections: Arc<Collections>,
    #[cfg(feature = "prometheus")]
    pub(crate) pull: crate::start::pull::Pull,
    pub(crate) flushers: Flushers,
    pub(crate) ledgers: Vec<Arc<Ledger>>,
    pub(crate) diagnostics: Arc<Diagnostics>,
    pub(crate) io: Option<IoRuntime>,
    #[cfg(feature = "otlp-http")]
    pub(crate) mlflow: Option<Arc<crate::mlflow::Project>>,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) end: End,
}

/// Where the worker of each signal is asked for a flush.
#[derive(Debug, Default)]
pub(crate) struct Flushers {
    pub(crate) traces: Option<mpsc::Sender<FlushRequest>>,
    pub(crate) logs: Option<mpsc::Sender<FlushRequest>>,
    pub(crate) metrics: Option<mpsc::Sender<FlushRequest>>,
}

/// Who ends the telemetry, and what came of it.
#[derive(Debug, Default)]
pub(crate) struct End {
    state: Mutex<EndState>,
    reached: Condvar,
}

#[derive(Debug, Default)]
struct EndState {
    begun: bool,
    report: Option<ShutdownReport>,
}

impl End {
    /// Whether the caller is the first, who does the work.
    fn begin(&self) -> bool {
        !std::mem::replace(&mut lock(&self.state).begun, true)
    }

    fn reach(&self, report: &ShutdownReport) {
        lock(&self.state).report = Some(report.clone());
        self.reached.notify_all();
    }

    /// The first caller's report; `None` if it is not there in time.
    fn wait(&self, timeout: Duration) -> Option<ShutdownReport> {
        let missing = |state: &mut EndState| state.report.is_none();
        let state = wait_while(&self.reached, lock(&self.state), timeout, missing);
        state.report.clone()
    }
}

impl Running {
    pub(crate) fn counts(&self) -> Vec<Counts> {
        self.ledgers
            .iter()
            .flat_map(|ledger| ledger.snapshot())
            .collect()
    }

    pub(crate) fn flush(&self, timeout: Duration) -> FlushReport {
        let timeout = timeout.min(LONGEST);
        let deadline = Instant::now() + timeout;
        let sent = self.flush_signals(timeout);
        let written = self
            .log_file
            .as_ref()
            .is_none_or(|file| file.flush(deadline));
        FlushReport {
            destinations: self.counts(),
            failed_collections: self.collections.failed(),
            panicked_callbacks: self.collections.panicked_callbacks(),
            in_time: sent && written,
        }
    }

    pub(crate) fn shutdown(&self, timeout: Duration) -> ShutdownReport {
        let timeout = timeout.min(LONGEST);
        if !self.end.begin() {
            return self.repeated_report(timeout);
        }
        let started = Instant::now();
        let deadline = started + timeout;
        self.stop_recording();
        // What follows the flush is quick, but not free.
        let reserve = (3 * LAST_STEP).min(timeout / 4);
        let sent = self.flush_signals(timeout.saturating_sub(reserve));
        #[cfg(feature = "otlp-http")]
        self.finish_mlflow(deadline);
        self.stop_meters(deadline);
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
            .is_none_or(|file| file.close(deadline.max(Instant::now() + LAST_STEP)));
        if let Some(io) = &self.io {
            io.stop(LAST_STEP);
        }
        let report = ShutdownReport {
            destinations,
            open_spans: self.open_spans.count(),
            lost_log_lines: self.lost_log_lines(),
            failed_collections: self.collections.failed(),
            panicked_callbacks: self.collections.panicked_callbacks(),
            in_time: sent && written,
            repeated: false,
            elapsed: started.elapsed(),
        };
        self.end.reach(&report);
        report
    }

    /// The shutdown of a drop, where a panic could end the process.
    pub(crate) fn end_in_drop(&self) {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let _ = self.shutdown(self.shutdown_timeout);
        }));
    }

    /// Recording stops first: whatever ends from now on is not silently half-exported. The
    /// processors do not wait here, the one deadline of the shutdown is for all signals.
    fn stop_recording(&self) {
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

    /// Ends the run, with what is left of the time: the steps that follow need theirs.
    #[cfg(feature = "otlp-http")]
    fn finish_mlflow(&self, deadline: Instant) {
        if let (Some(project), Some(io)) = (self.mlflow.clone(), &self.io) {
            let left = deadline.saturating_duration_since(Instant::now() + 3 * LAST_STEP);
            io.wait(left, async move { project.finish().await });
        }
    }

    /// Apart from the calling thread: the SDK takes locks here that a collection holds for as long
    /// as it runs the program's callbacks, which may be for ever.
    fn stop_meters(&self, deadline: Instant) {
        let (Some(provider), Some(io)) = (self.meter_provider.clone(), &self.io) else {
            return;
        };
        // The steps that follow need theirs.
        let left = deadline.saturating_duration_since(Instant::now() + 2 * LAST_STEP);
        let ended = io.wait(left.max(LAST_STEP), async move {
            let shutdown = move || provider.shutdown_with_timeout(Duration::ZERO);
            tokio::task::spawn_blocking(shutdown).await.is_ok()
        });
        // On a busy machine the thread may just be slow to start, and nothing is amiss.
        if ended.is_none() && self.collections.callback_is_running() {
            emit(|| {
                tracing::warn!(
                    target: "oc_telemetry",
                    "a metric callback does not return; the meter provider is left to it"
                );
            });
        }
    }

    /// Another call shuts down, or has: its report, or where matters stand while it still works.
    fn repeated_report(&self, timeout: Duration) -> ShutdownReport {
        let report = self.end.wait(timeout);
        let report = report.unwrap_or_else(|| ShutdownReport {
            destinations: self.counts(),
            open_spans: self.open_spans.count(),
            lost_log_lines: self.lost_log_lines(),
            failed_collections: self.collections.failed(),
            panicked_callbacks: self.collections.panicked_callbacks(),
            in_time: false,
            repeated: true,
            elapsed: Duration::ZERO,
        });
        ShutdownReport {
            repeated: true,
            ..report
        }
    }

    fn lost_log_lines(&self) -> u64 {
        self.log_file.as_ref().map_or(0, LogFile::lost_lines)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end_in_drop();
    }
}

fn log_losses(destinations: &[Counts]) {
    for counts in destinations {
        if !counts.is_complete() {
            emit(|| {
                tracing::warn!(
                    target: "oc_telemetry",
                    signal = %counts.signal, destination = %counts.destination,
                    created = counts.created, exported = counts.exported,
                    rejected = counts.rejected, dropped = counts.dropped_total(),
                    "not everything was delivered before the end"
                );
            });
        }
    }
}

/// Each step after the flush gets this long even when the deadline is used up.
const LAST_STEP: Duration = Duration::from_millis(50);
/// The longest time that a call waits: a year, so that no sum with it overflows.
const LONGEST: Duration = Duration::from_hours(365 * 24);

#[cfg(test)]
mod tests {
    use std::sync::{Barrier, mpsc};

    use tracing::{Event, Subscriber, subscriber::with_default};
    use tracing_subscriber::{
        Layer,
        layer::{Context as LayerContext, SubscriberExt},
    };

    use super::*;
    use crate::{Telemetry, config::Lookup};

    /// Notes that an event of the library's came by.
    struct Heard(mpsc::Sender<()>);

    impl<S: Subscriber> Layer<S> for Heard {
        fn on_event(&self, event: &Event<'_>, _: LayerContext<'_, S>) {
            if event.metadata().target() == "oc_telemetry" {
                let _ = self.0.send(());
            }
        }
    }

    /// Whether the shutdown logs something, with `callbacks` at work and no thread to be had for the
    /// meter provider.
    fn shutdown_is_logged(callbacks: bool) -> bool {
        let telemetry = Telemetry::builder("gateway")
            .with_environment(Lookup::empty())
            .without_prometheus()
            .without_log_files()
            .build()
            .unwrap();
        let inner = telemetry.inner();
        // As many as tokio has threads for blocking work.
        let end = Arc::new(Barrier::new(512 + 1));
        for _ in 0..512 {
            let end = Arc::clone(&end);
            inner.io.as_ref().unwrap().handle().spawn_blocking(move || {
                end.wait();
            });
        }
        let (told, heard) = mpsc::channel();
        let subscriber = tracing_subscriber::registry().with(Heard(told));
        with_default(subscriber, || {
            let end = || {
                let _ = telemetry.shutdown_within(Duration::from_millis(10));
            };
            if callbacks {
                inner.collections.run(end);
            } else {
                end();
            }
        });
        end.wait();
        heard.try_recv().is_ok()
    }

    /// A busy machine is no callback that hangs: nobody is blamed for what nobody did.
    #[test]
    fn only_a_running_callback_is_blamed() {
        assert!(!shutdown_is_logged(false));
        assert!(shutdown_is_logged(true));
    }
}
