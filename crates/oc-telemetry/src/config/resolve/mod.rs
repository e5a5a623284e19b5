//! From everything that was said to one decided configuration.
//!
//! Each topic has a file; all of them decide by [`Resolver::pick`], in the order code, signal
//! variable, general variable, file.

use super::{
    CaptureContent, CodeSettings, Config, DestinationConfig, LogsConfig, Lookup, MetricsConfig,
    Propagator, TracesConfig, collect::Warnings, file, parse,
};
use crate::warning::Origin;

mod batch;
mod capture;
mod destinations;
mod endpoint;
mod exporters;
mod headers;
mod limits;
mod logs;
mod metrics;
mod mlflow;
mod otlp;
mod propagators;
mod resolver;
mod resource;
mod sampler;
mod tls;

use oc_otlp::Signal;
use resolver::{Resolver, Sourced};

/// Decides every setting. Never fails: what is wrong is left out and becomes a warning.
pub(crate) fn resolve(mut code: CodeSettings, lookup: &Lookup) -> Config {
    let warnings = Warnings::default();
    for warning in std::mem::take(&mut code.warnings) {
        warnings.push(warning);
    }
    let file = file::load(&code, lookup, &warnings);
    let mut r = Resolver::new(code, lookup, file, warnings);

    let sdk_disabled = r.switch(
        "sdk_disabled",
        r.code.sdk_disabled,
        "OTEL_SDK_DISABLED",
        parse::boolean,
    );
    let host_owns_sdk = r.switch(
        "host_owns_sdk",
        r.code.host_owns_sdk,
        "OPENCLAW_OTEL_PRELOADED",
        parse::switch,
    );
    let resource = resource::resource(&mut r);
    let propagators = propagators::propagators(&mut r);

    let trace_exporters = exporters::exporters(&mut r, Signal::Traces);
    let metric_exporters = exporters::exporters(&mut r, Signal::Metrics);
    let log_exporters = exporters::exporters(&mut r, Signal::Logs);
    let traces = TracesConfig {
        destinations: destinations::destinations(&mut r, Signal::Traces, trace_exporters.as_ref()),
        sampler: sampler::sampler(&mut r),
        limits: limits::spans(&mut r),
        batch: batch::spans(&mut r),
    };
    let metrics = MetricsConfig {
        destinations: destinations::destinations(
            &mut r,
            Signal::Metrics,
            metric_exporters.as_ref(),
        ),
        interval: metrics::interval(&mut r),
        timeout: metrics::timeout(&mut r),
        temporality: metrics::temporality(&mut r),
        name_prefix: metrics::name_prefix(&mut r),
        prometheus: metrics::prometheus(&mut r, metric_exporters.as_ref()),
    };
    let logs = LogsConfig {
        destinations: destinations::destinations(&mut r, Signal::Logs, log_exporters.as_ref()),
        limits: limits::logs(&mut r),
        batch: batch::logs(&mut r),
        dir: logs::dir(&mut r),
        filter: logs::filter(&mut r),
    };
    let capture_content = capture::capture_content(&mut r);
    let mlflow = mlflow::mlflow(&mut r);
    let system_roots = tls::system_roots(&mut r);
    destinations::note_if_nothing_is_configured(&r, sdk_disabled);

    let (warnings, sources) = r.finish();
    Config {
        sdk_disabled,
        host_owns_sdk,
        resource,
        propagators,
        traces,
        metrics,
        logs,
        capture_content,
        mlflow,
        system_roots,
        warnings,
        sources,
    }
}
