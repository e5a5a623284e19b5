use std::{
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use oc_otlp::{Delivery, DropReason, Ledger, encode::encode_metrics};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{
        InstrumentKind, ManualReader, Pipeline, Temporality, data::ResourceMetrics,
        reader::MetricReader,
    },
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use super::worker::FlushRequest;

/// The reader behind every push destination of metrics.
///
/// One collection serves all of them: each further reader would make every record dearer. It is
/// collected by the library's own worker; `force_flush` and `shutdown` of the SDK's provider do
/// not wait here, because the SDK's periodic reader waits a fixed 5 s whatever it is told.
#[derive(Clone)]
pub struct OcMetricReader {
    reader: Arc<ManualReader>,
}

impl OcMetricReader {
    pub(crate) fn new(temporality: Temporality) -> Self {
        let reader = ManualReader::builder().with_temporality(temporality);
        Self {
            reader: Arc::new(reader.build()),
        }
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

/// Collects and pushes: every `interval`, and when somebody asks for a flush.
pub(crate) struct MetricPusher {
    pub(crate) reader: OcMetricReader,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) interval: Duration,
    /// How long the collection may take; callbacks that hang cost their collection only.
    pub(crate) timeout: Duration,
}

impl MetricPusher {
    /// Ends when the flush channel is closed.
    pub(crate) async fn run(self, mut flushes: mpsc::Receiver<FlushRequest>) {
        let mut next = Instant::now() + self.interval;
        loop {
            let request = tokio::select! {
                () = sleep_until(next) => None,
                request = flushes.recv() => match request {
                    Some(request) => Some(request),
                    None => return,
                },
            };
            self.push().await;
            match request {
                None => next = Instant::now() + self.interval,
                Some(done) => {
                    let drained = super::drained(&self.deliveries);
                    tokio::spawn(async move {
                        drained.await;
                        let _ = done.send(());
                    });
                }
            }
        }
    }

    async fn push(&self) {
        let reader = self.reader.clone();
        // Observable callbacks are the user's code: they may block, and they may panic.
        let collected = tokio::task::spawn_blocking(move || {
            let mut metrics = ResourceMetrics::default();
            reader.collect(&mut metrics).map(|()| metrics)
        });
        // Where nothing was collected there is nothing to count; the next collection of cumulative
        // points has everything that this one would have had.
        let Ok(Ok(Ok(metrics))) = timeout(self.timeout, collected).await else {
            return;
        };
        let Some(payload) = encode_metrics(&metrics) else {
            return;
        };
        let items = payload.items();
        if payload.body().len() > super::MAX_REQUEST_BYTES {
            self.ledger.created_and_dropped(items, DropReason::TooLarge);
            return;
        }
        self.ledger.created(items);
        self.ledger.handed_over(items);
        for delivery in &self.deliveries {
            delivery.submit(payload.clone());
        }
    }
}
