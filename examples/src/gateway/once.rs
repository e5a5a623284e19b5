use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use oc_telemetry::{
    TelemetryGuard,
    testing::{TraceTree, check_whole},
};
use serde_json::json;

use super::{MODEL_SERVER, collector::Collector, conventions, start};

/// The messages, and how each is answered.
const MESSAGES: [(&str, StatusCode); 3] = [
    ("Read the notes.", StatusCode::OK),
    ("Research where we are.", StatusCode::OK),
    ("Fail, please.", StatusCode::BAD_GATEWAY),
];

/// The families of which `/metrics` must show at least one series.
const FAMILIES: [&str; 6] = [
    "openclaw_session_duration_seconds",
    "openclaw_session_tokens_total",
    "openclaw_session_cost_usd",
    "openclaw_tool_calls_total",
    "openclaw_model_errors_total",
    "openclaw_agent_active_sessions",
];

/// Sends the messages over HTTP and shows `/metrics` afterwards.
pub(super) async fn run(
    telemetry: &TelemetryGuard,
    collector: &Collector,
    sandbox: &Path,
) -> anyhow::Result<()> {
    let gateway = start(telemetry, collector, sandbox, None).await?;
    let url = format!("http://{}/v1/messages", gateway.addr());
    for (message, expected) in MESSAGES {
        let body = json!({ "session": "demo", "user": "ada", "message": message }).to_string();
        let (status, answer) = request(Method::POST, &url, body).await?;
        println!("> {message}\n< {status} {answer}\n");
        ensure!(status == expected, "{expected} was expected");
    }
    gateway.close();
    let addr = telemetry.metrics_addr().context("/metrics is not served")?;
    let (_, page) = request(
        Method::GET,
        &format!("http://{addr}/metrics"),
        String::new(),
    )
    .await?;
    let lines: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("openclaw_"))
        .collect();
    println!("of http://{addr}/metrics:");
    for line in &lines {
        println!("  {line}");
    }
    for family in FAMILIES {
        let seen = lines.iter().any(|line| line.starts_with(family));
        ensure!(seen, "/metrics has no {family}");
    }
    Ok(())
}

/// Ends the telemetry and shows the traces as they arrived at the collector.
pub(super) fn finish(telemetry: TelemetryGuard, collector: &Collector) -> anyhow::Result<()> {
    let report = telemetry.shutdown_within(Duration::from_secs(5));
    let spans = collector.spans();
    let trees = TraceTree::from_spans(&spans);
    for tree in &trees {
        println!("\n{}", tree.render());
    }
    if let Err(problems) = check_whole(&spans) {
        bail!("the traces are not whole: {problems:?}");
    }
    if let Err(problems) = conventions::check(&spans, MODEL_SERVER) {
        bail!("the spans are not what the conventions require: {problems:?}");
    }
    // And one for the session, which is linked with all of them.
    ensure!(
        trees.len() == MESSAGES.len() + 1,
        "{} traces for {} messages in one session",
        trees.len(),
        MESSAGES.len()
    );
    println!("{report}");
    Ok(())
}

async fn request(method: Method, url: &str, body: String) -> anyhow::Result<(StatusCode, String)> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let request = http::Request::builder()
        .method(method)
        .uri(url)
        .header("content-type", "application/json")
        .body(Full::from(body))?;
    let response = client.request(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
