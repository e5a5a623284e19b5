//! MLflow as one more destination, beside OTLP.
//!
//! Spans go to `{tracking URI}/v1/traces` over OTLP/HTTP, metrics to a run of the experiment over
//! MLflow's REST API. It is on where a tracking URI is known: [`MlflowSettings`] in code,
//! `MLFLOW_TRACKING_URI`, or `diagnostics.mlflow.trackingUri` in `openclaw.json`. The experiment is
//! looked up by its name, and made if there is none, by the thread that sends; nothing waits for it.
//!
//! ```
//! use oc_telemetry::{Telemetry, config::Lookup, mlflow::MlflowSettings};
//!
//! let telemetry = Telemetry::builder("gateway")
//!     .with_mlflow(MlflowSettings::new("http://127.0.0.1:5000").with_experiment("shadowman"))
//! #   .with_environment(Lookup::empty()).without_prometheus().without_log_files()
//!     .build()?;
//! # telemetry.shutdown_within(std::time::Duration::ZERO);
//! # Ok::<(), oc_telemetry::InitError>(())
//! ```
//!
//! | variable | key of `openclaw.json`, below `diagnostics.mlflow` | default |
//! |---|---|---|
//! | `MLFLOW_TRACKING_URI` | `trackingUri` | none: off |
//! | | `enabled` | `true` |
//! | `MLFLOW_EXPERIMENT_NAME` | `experimentName` | `openclaw` |
//! | `MLFLOW_EXPERIMENT_ID` | `experimentId` | by name |
//! | `MLFLOW_TRACKING_TOKEN`, or `_USERNAME` and `_PASSWORD` | | none |
//! | `MLFLOW_WORKSPACE` | | the server's default |
//! | | `trackTraces`, `trackTokenUsage`, `trackCosts`, `trackLatency` | `true` |
//! | | `batchSize` | 512 spans |
//! | | `flushIntervalMs` | 60000 |
//!
//! The guide `docs/mlflow.md` says which column of MLflow is filled from what.

#[cfg(feature = "otlp-http")]
mod api;
#[cfg(feature = "otlp-http")]
mod project;
#[cfg(feature = "otlp-http")]
mod run;
mod settings;
#[cfg(feature = "otlp-http")]
mod transport;
#[cfg(feature = "otlp-http")]
mod values;

#[cfg(feature = "otlp-http")]
pub(crate) use self::{
    project::Project,
    run::{RunMetrics, RunTransport},
    transport::MlflowTransport,
};
pub use settings::MlflowSettings;
pub(crate) use settings::{Experiment, MlflowConfig};

/// The destination's name in the ledger and in reports.
#[cfg(feature = "otlp-http")]
pub(crate) const NAME: &str = "mlflow";
