use std::sync::Arc;

use oc_otlp::IoRuntime;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry_sdk::{
    Resource,
    metrics::{SdkMeterProvider, Temporality},
};
use tokio::sync::mpsc;

use super::deliveries::SignalDeliveries;
use crate::{
    config::{self, Config},
    diagnostics::Diagnostics,
    host_meter,
    metrics::guarded::Collections,
    pipeline::{
        metrics::{MetricPusher, OcMetricReader},
        worker::{FLUSH_REQUESTS, FlushRequest},
    },
};

/// The running metric signal.
#[derive(Default)]
pub(super) struct Metrics {
    /// `None` where the host owns the SDK or nothing is recorded.
    pub(super) provider: Option<SdkMeterProvider>,
    /// The push reader, if there is a destination.
    pub(super) reader: Option<OcMetricReader>,
    pub(super) flush: Option<mpsc::Sender<FlushRequest>>,
    host_owns_sdk: bool,
}

impl Metrics {
    /// A meter of our provider; of the host's where it owns the SDK; of none when disabled.
    pub(super) fn meter(&self, scope: &'static str) -> Meter {
        match &self.provider {
            Some(provider) => provider.meter(scope),
            None if self.host_owns_sdk => host_meter::meter(scope),
            // A provider without readers records nothing.
            None => SdkMeterProvider::builder()
                .with_resource(Resource::builder_empty().build())
                .build()
                .meter(scope),
        }
    }
}

pub(super) fn start(
    config: &mut Config,
    resource: &Resource,
    io: Option<&IoRuntime>,
    deliveries: SignalDeliveries,
    diagnostics: &Arc<Diagnostics>,
    collections: &Arc<Collections>,
    #[cfg(feature = "prometheus")] pull: &super::pull::Pull,
) -> Metrics {
    if config.sdk_disabled {
        return Metrics::default();
    }
    let mut metrics = Metrics {
        host_owns_sdk: config.host_owns_sdk,
        ..Metrics::default()
    };
    if let Some(io) = io.filter(|_| !deliveries.is_empty()) {
        let reader = OcMetricReader::new(temporality(config.metrics.temporality));
        let (flush, flushes) = mpsc::channel(FLUSH_REQUESTS);
        let interval = match &config.mlflow {
            // Nobody else waits for a collection.
            Some(mlflow) if deliveries.deliveries.is_empty() => mlflow.flush_interval,
            _ => config.metrics.interval,
        };
        let pusher = MetricPusher::new(
            reader.clone(),
            deliveries.deliveries,
            deliveries.ledger,
            interval,
            config.metrics.timeout,
            Arc::clone(diagnostics),
            Arc::clone(collections),
        );
        io.spawn(pusher.with_sinks(deliveries.sinks).run(flushes));
        metrics.reader = Some(reader);
        metrics.flush = Some(flush);
    }
    if !config.host_owns_sdk {
        let mut builder = SdkMeterProvider::builder().with_resource(resource.clone());
        if let Some(reader) = &metrics.reader {
            builder = builder.with_reader(reader.clone());
        }
        #[cfg(feature = "prometheus")]
        if let Some(reader) = crate::sync::lock(&pull.reader).take() {
            builder = builder.with_reader(reader);
        }
        metrics.provider = Some(builder.build());
    }
    metrics
}

fn temporality(temporality: config::Temporality) -> Temporality {
    match temporality {
        config::Temporality::Cumulative => Temporality::Cumulative,
        config::Temporality::Delta => Temporality::Delta,
        config::Temporality::LowMemory => Temporality::LowMemory,
    }
}
