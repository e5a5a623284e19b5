//! What a real MLflow server shows of an agent gateway. Run by `cargo xtask e2e mlflow`, which starts the server.

mod gateway;
mod server;

use std::time::Duration;

use oc_telemetry::{Telemetry, config::Lookup};

use crate::{gateway::Gateway, server::Server};

/// Scenario: two sessions of three turns, two of them at the same time, with tools, a sub-agent, a failure and a caller
/// that MLflow knows nothing of.
/// Guarantee: every column that OTLP can fill is filled, per turn and not mixed up; the run has the sums.
#[test]
fn columns_and_metrics() {
    let server = Server::from_environment();
    let experiment = server.unused_experiment();
    let telemetry = Telemetry::builder("oc-e2e")
        .with_environment(Lookup::from_map([
            ("MLFLOW_TRACKING_URI", server.url()),
            ("MLFLOW_EXPERIMENT_NAME", &*experiment),
            ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"),
        ]))
        .without_prometheus()
        .without_log_files()
        .build()
        .unwrap();
    Gateway::new(&telemetry).work();
    let report = telemetry.shutdown_within(Duration::from_secs(60));
    println!("{report}");
    for warning in telemetry.warnings() { println!("{warning}"); }
    let id = server.experiment_id(&experiment);
    println!("{}", server.dump(&id));
}
