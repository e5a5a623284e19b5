//! The few calls of MLflow's REST API that are needed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oc_otlp::transport::{Rest, RestAnswer, SendError, SendErrorKind};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ServerInfo {
    /// `SqlStore`, or `FileStore`, which takes no traces.
    pub(super) store_type: Option<String>,
    pub(super) workspaces_enabled: bool,
}

/// `None` where the server is too old to tell.
pub(super) async fn server_info(rest: &Rest) -> Result<Option<ServerInfo>, SendError> {
    let answer = rest.get("/api/3.0/mlflow/server-info").await?;
    if answer.status == 404 {
        return Ok(None);
    }
    let info = read(answer)?;
    Ok(Some(ServerInfo {
        store_type: text(&info, "/store_type"),
        workspaces_enabled: info.get("workspaces_enabled") == Some(&Value::Bool(true)),
    }))
}

/// The id of the experiment, which is made if there is none. Whoever makes it at the same time gets
/// the same one.
pub(super) async fn experiment_id(rest: &Rest, name: &str) -> Result<String, SendError> {
    if let Some(id) = find_experiment(rest, name).await? {
        return Ok(id);
    }
    let path = "/api/2.0/mlflow/experiments/create";
    let answer = rest.post(path, json!({ "name": name }).to_string()).await?;
    if is(&answer, "RESOURCE_ALREADY_EXISTS") {
        // Somebody else was faster.
        return find_experiment(rest, name).await?.ok_or_else(|| {
            not_understood("an experiment of this name exists and cannot be found")
        });
    }
    let created = read(answer)?;
    text(&created, "/experiment_id").ok_or_else(|| not_understood("a new experiment has no id"))
}

async fn find_experiment(rest: &Rest, name: &str) -> Result<Option<String>, SendError> {
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let path = format!("/api/2.0/mlflow/experiments/get-by-name?experiment_name={name}");
    let answer = rest.get(&path).await?;
    if is(&answer, "RESOURCE_DOES_NOT_EXIST") {
        return Ok(None);
    }
    let found = read(answer)?;
    if text(&found, "/experiment/lifecycle_stage").as_deref() == Some("deleted") {
        return Err(not_understood(
            "the experiment is deleted; restore it, or set another MLFLOW_EXPERIMENT_NAME",
        ));
    }
    match text(&found, "/experiment/experiment_id") {
        Some(id) => Ok(Some(id)),
        None => Err(not_understood("an experiment has no id")),
    }
}

/// Starts a run and returns its id.
pub(super) async fn create_run(
    rest: &Rest,
    experiment_id: &str,
    name: &str,
    started: SystemTime,
    tags: &[(&str, &str)],
) -> Result<String, SendError> {
    let tags: Vec<Value> = tags
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    let body = json!({
        "experiment_id": experiment_id,
        "run_name": name,
        "start_time": millis(started),
        "tags": tags,
    });
    let path = "/api/2.0/mlflow/runs/create";
    let run = read(rest.post(path, body.to_string()).await?)?;
    text(&run, "/run/info/run_id").ok_or_else(|| not_understood("a new run has no id"))
}

/// Says that a run is over.
pub(super) async fn finish_run(
    rest: &Rest,
    run_id: &str,
    ended: SystemTime,
) -> Result<(), SendError> {
    let body = json!({ "run_id": run_id, "status": "FINISHED", "end_time": millis(ended) });
    let path = "/api/2.0/mlflow/runs/update";
    rest.post(path, body.to_string()).await?.success()?;
    Ok(())
}

/// Logs values to a run; `metrics` is the JSON array that [`metric`] makes the elements of.
///
/// At most [`MAX_METRICS`]: with keys of at most 250 bytes that is below the limit of 1 MB, too.
pub(super) async fn log_batch(rest: &Rest, run_id: &str, metrics: &[u8]) -> Result<(), SendError> {
    let mut body = Vec::with_capacity(metrics.len() + 64);
    body.extend_from_slice(b"{\"run_id\":");
    body.extend_from_slice(Value::from(run_id).to_string().as_bytes());
    body.extend_from_slice(b",\"metrics\":");
    body.extend_from_slice(metrics);
    body.extend_from_slice(b"}");
    rest.post("/api/2.0/mlflow/runs/log-batch", body)
        .await?
        .success()?;
    Ok(())
}

/// One element of a batch.
pub(super) fn metric(key: &str, value: f64, time: SystemTime, step: u64) -> Value {
    json!({ "key": key, "value": value, "timestamp": millis(time), "step": step })
}

/// The metrics that one batch may have.
pub(super) const MAX_METRICS: usize = 1000;

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Whether the answer is an error of this code.
fn is(answer: &RestAnswer, code: &str) -> bool {
    !(200..300).contains(&answer.status)
        && serde_json::from_slice(&answer.body)
            .is_ok_and(|error: Value| text(&error, "/error_code").as_deref() == Some(code))
}

fn read(answer: RestAnswer) -> Result<Value, SendError> {
    serde_json::from_slice(&answer.success()?).map_err(|error| {
        // The position only: the body may be anything.
        let (line, column) = (error.line(), error.column());
        not_understood(&format!("not JSON at line {line}, column {column}"))
    })
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    let text = value.pointer(pointer)?.as_str()?;
    (!text.is_empty() && text.len() <= MAX_TEXT).then(|| text.to_owned())
}

fn not_understood(what: &str) -> SendError {
    SendError::new(
        SendErrorKind::Response,
        format!("MLflow's answer is of no use: {what}"),
    )
}

/// Ids and names are short; what is longer is none.
const MAX_TEXT: usize = 1024;
