//! MLflow's part of the start: a transport for spans, a sink for metrics.

use std::sync::Arc;

use oc_otlp::{IoRuntime, Ledger, transport::Transport};

use crate::{
    clock::Clock,
    config::Config,
    diagnostics::Diagnostics,
    metrics::MetricPrefix,
    pipeline::{metrics::MetricSink, mlflow_view::MlflowView},
};

/// What goes to MLflow, and how. Empty where that is switched off.
#[derive(Debug, Default)]
pub(super) struct Mlflow {
    pub(super) traces: Option<MlflowTraces>,
    pub(super) metrics: Option<MlflowMetrics>,
    #[cfg(feature = "otlp-http")]
    pub(super) project: Option<Arc<crate::mlflow::Project>>,
}

/// How metrics go there, with the ledger of the values that are logged to the run.
pub(super) type MlflowMetrics = (Box<dyn MetricSink>, Arc<Ledger>);

/// How spans go there.
#[derive(Debug)]
pub(super) struct MlflowTraces {
    pub(super) transport: Box<dyn Transport>,
    pub(super) view: MlflowView,
    pub(super) batch_size: usize,
}

#[cfg(feature = "otlp-http")]
pub(super) fn start(
    config: &mut Config,
    view: MlflowView,
    prefix: &MetricPrefix,
    clock: &Arc<dyn Clock>,
    io: Option<&IoRuntime>,
    diagnostics: &Arc<Diagnostics>,
) -> Mlflow {
    use crate::mlflow::Project;

    let Some(mlflow) = config.mlflow.clone() else {
        return Mlflow::default();
    };
    let Some(io) = io.filter(|_| !config.sdk_disabled) else {
        return Mlflow::default();
    };
    let endpoint = endpoint(config, &mlflow, "");
    let service = config.resource.service_name.clone();
    let project = Project::new(
        mlflow.clone(),
        &endpoint,
        &service,
        Arc::clone(clock),
        Arc::clone(diagnostics),
    );
    let parts = project.and_then(|project| {
        let traces = mlflow.traces.then(|| transport(config, &project));
        Ok((Arc::clone(&project), traces.transpose()?))
    });
    let (project, traces) = match parts {
        Ok(parts) => parts,
        Err(error) => {
            let message = format!("{}; nothing is sent to MLflow", super::chain(&error));
            config.warn("mlflow.uri", message);
            return Mlflow::default();
        }
    };
    io.spawn(Arc::clone(&project).connect());
    let metrics = mlflow
        .has_metrics()
        .then(|| metrics(&project, prefix, io, diagnostics))
        .flatten();
    Mlflow {
        traces: traces.map(|transport| MlflowTraces {
            transport,
            view,
            batch_size: mlflow.batch_size,
        }),
        metrics,
        project: Some(project),
    }
}

#[cfg(not(feature = "otlp-http"))]
pub(super) fn start(
    config: &mut Config,
    _view: MlflowView,
    _prefix: &MetricPrefix,
    _clock: &Arc<dyn Clock>,
    _io: Option<&IoRuntime>,
    _diagnostics: &Arc<Diagnostics>,
) -> Mlflow {
    if config.mlflow.take().is_some() {
        config.warn(
            "mlflow.uri",
            "MLflow needs oc-telemetry's feature otlp-http; nothing is sent to it",
        );
    }
    Mlflow::default()
}

#[cfg(feature = "otlp-http")]
fn transport(
    config: &Config,
    project: &Arc<crate::mlflow::Project>,
) -> Result<Box<dyn Transport>, oc_otlp::transport::EndpointError> {
    use oc_otlp::{Signal, transport::Compression};

    let endpoint = endpoint(config, project.config(), Signal::Traces.http_path())
        .with_compression(Compression::Gzip);
    let transport = crate::mlflow::MlflowTransport::new(Arc::clone(project), &endpoint)?;
    Ok(Box::new(transport))
}

/// Where a path of the server is, with the credentials.
#[cfg(feature = "otlp-http")]
fn endpoint(
    config: &Config,
    mlflow: &crate::mlflow::MlflowConfig,
    path: &str,
) -> oc_otlp::transport::Endpoint {
    let url = format!("{}{path}", mlflow.uri);
    let endpoint = config
        .system_roots
        .apply(oc_otlp::transport::Endpoint::new(url));
    match &mlflow.authorization {
        Some(value) => endpoint.with_header("authorization", value),
        None => endpoint,
    }
}

/// A delivery of its own for the values of the run.
#[cfg(feature = "otlp-http")]
fn metrics(
    project: &Arc<crate::mlflow::Project>,
    prefix: &MetricPrefix,
    io: &IoRuntime,
    diagnostics: &Arc<Diagnostics>,
) -> Option<MlflowMetrics> {
    use oc_otlp::{Delivery, DeliveryConfig, Signal};

    use crate::mlflow::{NAME, RunMetrics, RunTransport};

    let ledger = Arc::new(Ledger::new(Signal::Metrics, [NAME]));
    // The one that was named.
    let id = ledger.destinations().next()?;
    let delivery = Delivery::new(
        RunTransport(Arc::clone(project)),
        Arc::clone(&ledger),
        id,
        Arc::default(),
        DeliveryConfig::default(),
        super::deliveries::on_event(Signal::Metrics, NAME.to_owned(), Arc::clone(diagnostics)),
    );
    io.spawn(delivery.clone().run());
    let sink = RunMetrics::new(Arc::clone(project), prefix, delivery, Arc::clone(&ledger));
    Some((Box::new(sink), ledger))
}
