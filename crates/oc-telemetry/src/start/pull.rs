use std::sync::{Arc, Mutex};

use oc_otlp::IoRuntime;
use opentelemetry_prometheus::PrometheusExporter;
use prometheus::Registry;

use crate::{
    InitError, InitErrorKind, Origin, Warning,
    config::{Config, PrometheusConfig},
    diagnostics::Diagnostics,
    metrics::{MetricsPage, server::MetricsServer},
};

/// The pull side of metrics: the page, its reader and its listener. Empty where there is none.
#[derive(Debug, Default)]
pub(crate) struct Pull {
    pub(crate) page: Option<MetricsPage>,
    /// Until it is given to a provider.
    pub(crate) reader: Mutex<Option<PrometheusExporter>>,
    pub(crate) server: Mutex<Option<MetricsServer>>,
}

pub(super) fn open(
    config: &Config,
    registry: Option<Registry>,
    io: Option<&IoRuntime>,
) -> Result<Pull, InitError> {
    if config.sdk_disabled || config.metrics.prometheus == PrometheusConfig::Off {
        return Ok(Pull::default());
    }
    let (reader, page) = crate::metrics::reader(registry.unwrap_or_default())
        .map_err(|_| InitError::new(InitErrorKind::RegistryInUse))?;
    Ok(Pull {
        page: Some(match io {
            Some(io) => page.on(io.handle().clone()),
            None => page,
        }),
        reader: Mutex::new(Some(reader)),
        server: Mutex::default(),
    })
}

/// Starts the listener for `/metrics`, if there is to be one.
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
                super::chain(&warning),
            ));
        },
    ))
}
