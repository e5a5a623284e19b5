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
    pub(crate) fn unused_experiment(&self) -> String {
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

    pub(crate) fn dump(&self, experiment_id: &str) -> String {
        let traces = self.post("/api/3.0/mlflow/traces/search", &json!({
            "locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment_id}}],
            "max_results": 100,
        }));
        format!("{traces:#}")
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
