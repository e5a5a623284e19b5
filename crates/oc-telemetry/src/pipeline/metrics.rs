use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::{BoxFuture, join, join_all};
use oc_otlp::{
    Delivery, DropReason, Ledger,
    encode::{DEFAULT_MAX_PAYLOAD_BYTES, encode_metrics},
};
use opentelemetry::Context;
use opentelemetry_sdk::{
    error::{OTelSdkError, OTelSdkResult},
    metrics::{
        InstrumentKind, ManualReader, Pipeline, Temporality, data::ResourceMetrics,
        reader::MetricReader,
    },
};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};

use super::worker::FlushRequest;
use crate::{
    diagnostics::{Diagnostics, emit},
    metrics::guarded::Collections,
};

/// The reader behind every push destination of metrics.
///
/// One collection serves all of them: each further reader would make every record dearer. It is
/// collected by the library's own worker; `force_flush` and `shutdown` of the SDK's provider do
/// not wait here, because the SDK's periodic reader waits a fixed 5 s whatever it is told.
#[derive(Clone)]
pub struct OcMetricReader {
    reader: Arc<ManualReader>,
    registered: Arc<AtomicBool>,
}

impl OcMetricReader {
    pub(crate) fn new(temporality: Temporality) -> Self {
        let reader = ManualReader::builder().with_temporality(temporality);
        Self {
            reader: Arc::new(reader.build()),
            registered: Arc::default(),
        }
    }

    /// Whether a provider has it. A host that owns its SDK may have no use for it.
    fn is_registered(&self) -> bool {
        self.registered.load(Ordering::Acquire)
    }
}

impl fmt::Debug for OcMetricReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OcMetricReader").finish_non_exhaustive()
    }
}

impl MetricReader for OcMetricReader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.reader.register_pipeline(pipeline);
        self.registered.store(true, Ordering::Release);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.reader.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.reader.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.reader.temporality(kind)
    }
}

/// A place for metrics that is no OTLP destination.
pub(crate) trait MetricSink: fmt::Debug + Send {
    /// What a collection brought; the last one before a flush is answered has `flush` set. Must not
    /// block.
    fn offer(&mut self, metrics: &ResourceMetrics, flush: bool);

    /// Completes when everything offered so far is sent or given up.
    fn drained(&self) -> BoxFuture<'static, ()>;
}

/// Collects and pushes: every `interval`, and when somebody asks for a flush.
pub(crate) struct MetricPusher {
    reader: OcMetricReader,
    deliveries: Vec<Delivery>,
    sinks: Vec<Box<dyn MetricSink>>,
    ledger: Arc<Ledger>,
    interval: Duration,
    timeout: Duration,
    diagnostics: Arc<Diagnostics>,
    collections: Arc<Collections>,
    /// A collection that was not finished in its time. What it brings is not lost.
    late: Option<Collection>,
}

type Collection = JoinHandle<Result<ResourceMetrics, OTelSdkError>>;

impl MetricPusher {
    /// `timeout` is how long a push waits for its collection.
    pub(crate) fn new(
        reader: OcMetricReader,
        deliveries: Vec<Delivery>,
        ledger: Arc<Ledger>,
        interval: Duration,
        timeout: Duration,
        diagnostics: Arc<Diagnostics>,
        collections: Arc<Collections>,
    ) -> Self {
        Self {
            reader,
            deliveries,
            sinks: Vec::new(),
            ledger,
            interval: interval.min(LONGEST_INTERVAL),
            timeout,
            diagnostics,
            collections,
            late: None,
        }
    }

    /// Offers every collection to these as well.
    pub(crate) fn with_sinks(mut self, sinks: Vec<Box<dyn MetricSink>>) -> Self {
        self.sinks = sinks;
        self
    }

    /// Ends when the flush channel is closed.
    pub(crate) async fn run(mut self, mut flushes: mpsc::Receiver<FlushRequest>) {
        let mut next = Instant::now() + self.interval;
        loop {
            let request = tokio::select! {
                () = sleep_until(next) => None,
                request = flushes.recv() => match request {
                    Some(request) => Some(request),
                    None => return,
                },
            };
            self.push(request.is_some()).await;
            let is_late = self.late.is_some();
            match request {
                None => next = Instant::now() + self.interval,
                Some(mut done) => {
                    let deliveries = super::drained(&self.deliveries);
                    let sinks = join_all(self.sinks.iter().map(|sink| sink.drained()));
                    tokio::spawn(async move {
                        tokio::select! {
                            _ = join(deliveries, sinks) => {}
                            () = done.closed() => {}
                        }
                        // Where a collection is still under way, no answer is the answer.
                        if !is_late {
                            let _ = done.send(());
                        }
                    });
                }
            }
        }
    }

    async fn push(&mut self, flush: bool) {
        // One collection at a time: with a callback that never returns each further one would
        // cost another thread.
        if let Some(late) = self.late.take() {
            self.finish(late, flush).await;
        }
        if self.late.is_none() && self.reader.is_registered() {
            let collection = self.collect();
            self.finish(collection, flush).await;
        }
    }

    /// Starts a collection. Observable callbacks are the program's code: they may block, and they
    /// may panic. What they and the SDK log meanwhile is under an export and not exported.
    fn collect(&self) -> Collection {
        let reader = self.reader.clone();
        tokio::task::spawn_blocking(move || {
            let _suppressed = Context::enter_telemetry_suppressed_scope();
            let mut metrics = ResourceMetrics::default();
            reader.collect(&mut metrics).map(|()| metrics)
        })
    }

    /// Waits for a collection and hands over what it brings.
    ///
    /// Where nothing was collected no point can be counted, but the failure is.
    async fn finish(&mut self, mut collection: Collection, flush: bool) {
        match timeout(self.timeout, &mut collection).await {
            Ok(Ok(Ok(metrics))) => {
                let passed_on = AssertUnwindSafe(|| {
                    self.hand_over(&metrics);
                    for sink in &mut self.sinks {
                        sink.offer(&metrics, flush);
                    }
                });
                // Without the task there would be no metrics ever after.
                if catch_unwind(passed_on).is_err() {
                    self.failed("they cannot be passed on");
                }
            }
            Ok(Ok(Err(error))) => self.failed(&error.to_string()),
            Ok(Err(_)) => self.failed("a callback panicked"),
            Err(_) => {
                self.late = Some(collection);
                self.complain("a callback takes too long");
            }
        }
    }

    fn hand_over(&self, metrics: &ResourceMetrics) {
        if self.deliveries.is_empty() {
            return;
        }
        for payload in encode_metrics(metrics, DEFAULT_MAX_PAYLOAD_BYTES) {
            let items = payload.items();
            if payload.body().len() > super::MAX_REQUEST_BYTES {
                self.ledger.created_and_dropped(items, DropReason::TooLarge);
                continue;
            }
            self.ledger.created(items);
            self.ledger.handed_over(items);
            for delivery in &self.deliveries {
                delivery.submit(payload.clone());
            }
        }
    }

    fn failed(&self, problem: &str) {
        self.collections.count_failure();
        self.complain(problem);
    }

    fn complain(&self, problem: &str) {
        if self.diagnostics.permits("metrics/collection") {
            emit(|| {
                tracing::warn!(target: "oc_telemetry", problem, "metrics cannot be collected");
            });
        }
    }
}

/// A year: no sum with it overflows.
const LONGEST_INTERVAL: Duration = Duration::from_hours(365 * 24);

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use oc_otlp::Signal;
    use opentelemetry_sdk::metrics::SdkMeterProvider;
    use tokio::sync::oneshot;

    use super::*;

    /// Panics at the first collection that it is offered.
    #[derive(Debug, Clone, Default)]
    struct Fragile(Arc<AtomicU64>);

    impl MetricSink for Fragile {
        fn offer(&mut self, _: &ResourceMetrics, _: bool) {
            let offered = self.0.fetch_add(1, Ordering::AcqRel);
            assert!(offered > 0, "scripted");
        }

        fn drained(&self) -> BoxFuture<'static, ()> {
            Box::pin(async {})
        }
    }

    /// A panic where a collection is passed on is a failed collection; the next one is passed on.
    #[tokio::test]
    async fn survives_a_panic() {
        let reader = OcMetricReader::new(Temporality::Cumulative);
        let provider = SdkMeterProvider::builder()
            .with_reader(reader.clone())
            .build();
        let (sink, collections) = (Fragile::default(), Arc::<Collections>::default());
        let pusher = MetricPusher::new(
            reader,
            Vec::new(),
            Arc::new(Ledger::new(Signal::Metrics, ["a"])),
            Duration::MAX,
            Duration::from_secs(20),
            Diagnostics::new(Vec::new()),
            Arc::clone(&collections),
        );
        let pusher = pusher.with_sinks(vec![Box::new(sink.clone())]);
        let (flush, flushes) = mpsc::channel(1);
        tokio::spawn(pusher.run(flushes));
        for round in 1..=2 {
            let (done, answer) = oneshot::channel();
            flush.send(done).await.unwrap();
            answer.await.unwrap();
            assert_eq!(sink.0.load(Ordering::Acquire), round);
            assert_eq!(collections.failed(), 1);
        }
        drop(provider);
    }
}
