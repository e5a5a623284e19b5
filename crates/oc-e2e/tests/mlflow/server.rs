//! The server, by its REST API.

use std::time::{SystemTime, UNIX_EPOCH};

use oc_otlp::transport::{Endpoint, Rest, RestAnswer};
use serde_json::{Value, json};

/// A running MLflow server.
#[derive(Debug)]
pub(crate) struct Server {
    url: String,
}

impl Server {
    /// The one that whoever runs the test has started.
    #[expect(
        clippy::disallowed_methods,
        reason = "how `cargo xtask e2e` tells the test where the server is"
    )]
    pub(crate) fn from_environment() -> Self {
        let url = std::env::var("OC_E2E_MLFLOW_URL");
        Self {
            url: url.expect("run this test by `cargo xtask e2e mlflow`"),
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A name that no run before this one took.
    pub(crate) fn unused_experiment() -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        format!("oc-e2e {}", now.as_nanos())
    }

    pub(crate) fn experiment_id(&self, name: &str) -> String {
        let path = format!(
            "/api/2.0/mlflow/experiments/get-by-name?experiment_name={}",
            name.replace(' ', "%20")
        );
        text(&self.get(&path), "/experiment/experiment_id").to_owned()
    }

    /// The traces of an experiment, at most 100; an empty filter is none.
    pub(crate) fn traces(&self, experiment_id: &str, filter: &str) -> Vec<Value> {
        let location = json!({
            "type": "MLFLOW_EXPERIMENT",
            "mlflow_experiment": { "experiment_id": experiment_id },
        });
        let query = json!({ "locations": [location], "filter": filter, "max_results": 100 });
        let found = self.post("/api/3.0/mlflow/traces/search", &query);
        let traces = found.get("traces").and_then(Value::as_array);
        traces.cloned().unwrap_or_default()
    }

    /// The spans of a trace, as OTLP has them.
    pub(crate) fn spans(&self, trace_id: &str) -> Vec<Value> {
        let path = format!("/api/3.0/mlflow/traces/get?trace_id={trace_id}");
        let spans = self.get(&path).pointer("/trace/spans").cloned();
        spans
            .and_then(|spans| spans.as_array().cloned())
            .unwrap_or_default()
    }

    /// The one run of an experiment.
    pub(crate) fn run(&self, experiment_id: &str) -> Value {
        let query = json!({ "experiment_ids": [experiment_id] });
        let found = self.post("/api/2.0/mlflow/runs/search", &query);
        let runs = found["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 1, "{runs:#?}");
        runs[0].clone()
    }

    fn get(&self, path: &str) -> Value {
        block_on(self.rest().get(path))
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        block_on(self.rest().post(path, body.to_string()))
    }

    fn rest(&self) -> Rest {
        Rest::new(&Endpoint::new(&*self.url)).unwrap()
    }
}

fn block_on(
    answer: impl Future<Output = Result<RestAnswer, oc_otlp::transport::SendError>>,
) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let body = runtime.block_on(answer).unwrap().success().unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// The text at a JSON pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} of {value:#}"))
}
