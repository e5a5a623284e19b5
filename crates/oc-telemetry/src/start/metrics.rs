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
    InitError,
    config::{self, Config},
    pipeline::{
        metrics::{MetricPusher, OcMetricReader},
        worker::{FLUSH_REQUESTS, FlushRequest},
    },
};
#[cfg(feature = "prometheus")]
use crate::{
    InitErrorKind, Origin, Warning,
    config::PrometheusConfig,
    diagnostics::Diagnostics,
    metrics::{MetricsPage, MetricsServer},
};

/// The running metric signal.
#[derive(Default)]
pub(super) struct Metrics {
    /// `None` where the host owns the SDK or nothing is recorded.
    pub(super) provider: Option<SdkMeterProvider>,
    /// The push reader, if there is a destination.
    pub(super) reader: Option<OcMetricReader>,
    pub(super) flush: Option<mpsc::Sender<FlushRequest>>,
    #[cfg(feature = "prometheus")]
    pub(super) page: Option<MetricsPage>,
    /// The pull reader, until it is given to a provider.
    #[cfg(feature = "prometheus")]
    pub(super) prometheus_reader: Option<opentelemetry_prometheus::PrometheusExporter>,
    host_owns_sdk: bool,
}

impl Metrics {
    /// A meter of our provider; of the host's where it owns the SDK; of none when disabled.
    pub(super) fn meter(&self, scope: &'static str) -> Meter {
        match &self.provider {
            Some(provider) => provider.meter(scope),
            None if self.host_owns_sdk => opentelemetry::global::meter(scope),
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
    #[cfg(feature = "prometheus")] registry: Option<prometheus::Registry>,
) -> Result<Metrics, InitError> {
    if config.sdk_disabled {
        return Ok(Metrics::default());
    }
    let mut metrics = Metrics {
        host_owns_sdk: config.host_owns_sdk,
        ..Metrics::default()
    };
    if let Some(io) = io.filter(|_| !deliveries.is_empty()) {
        let reader = OcMetricReader::new(temporality(config.metrics.temporality));
        let (flush, flushes) = mpsc::channel(FLUSH_REQUESTS);
        let pusher = MetricPusher {
            reader: reader.clone(),
            deliveries: deliveries.deliveries,
            ledger: Arc::clone(&deliveries.ledger),
            interval: config.metrics.interval,
            timeout: config.metrics.timeout,
        };
        io.spawn(pusher.run(flushes));
        metrics.reader = Some(reader);
        metrics.flush = Some(flush);
    }
    #[cfg(feature = "prometheus")]
    if config.metrics.prometheus != PrometheusConfig::Off {
        let (reader, page) = crate::metrics::reader(registry.unwrap_or_default())
            .map_err(|_| InitError::new(InitErrorKind::RegistryInUse))?;
        metrics.page = Some(page);
        metrics.prometheus_reader = Some(reader);
    }
    if !config.host_owns_sdk {
        let mut builder = SdkMeterProvider::builder().with_resource(resource.clone());
        if let Some(reader) = &metrics.reader {
            builder = builder.with_reader(reader.clone());
        }
        #[cfg(feature = "prometheus")]
        if let Some(reader) = metrics.prometheus_reader.take() {
            builder = builder.with_reader(reader);
        }
        metrics.provider = Some(builder.build());
    }
    Ok(metrics)
}

/// Starts the listener for `/metrics`, if there is to be one.
#[cfg(feature = "prometheus")]
pub(super) fn serve(
    config: &Config,
    io: Option<&IoRuntime>,
    page: Option<&MetricsPage>,
    diagnostics: &Arc<Diagnostics>,
) -> Option<MetricsServer> {
    let (PrometheusConfig::Listen(addr), Some(io), Some(page)) =
        (config.metrics.prometheus, io, page)
    else {
        return None;
    };
    let (setting, origin) = match config.source("metrics.prometheus") {
        Some(source) => (source.setting.clone(), source.origin.clone()),
        None => ("OTEL_EXPORTER_PROMETHEUS_PORT".into(), Origin::Default),
    };
    let diagnostics = Arc::clone(diagnostics);
    Some(MetricsServer::start(
        io,
        addr,
        page.clone(),
        move |warning| {
            diagnostics.warn(Warning::new(
                setting.clone(),
                origin.clone(),
                warning.to_string(),
            ));
        },
    ))
}

fn temporality(temporality: config::Temporality) -> Temporality {
    match temporality {
        config::Temporality::Cumulative => Temporality::Cumulative,
        config::Temporality::Delta => Temporality::Delta,
        config::Temporality::LowMemory => Temporality::LowMemory,
    }
}
