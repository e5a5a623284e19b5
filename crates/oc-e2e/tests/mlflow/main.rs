//! What a real MLflow server shows of an agent gateway. Run by `cargo xtask e2e mlflow`, which starts the server.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

mod gateway;
mod server;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use oc_telemetry::{Telemetry, config::Lookup};
use serde_json::Value;

use crate::gateway::{Gateway, SESSIONS, Turn, answer, cost, question, usage};
use crate::server::{Server, text};

/// Scenario: two sessions of three turns, two of them at the same time, with tools, a sub-agent, a failure and a caller
/// that MLflow knows nothing of.
/// Guarantee: every column that OTLP can fill is filled, for each turn with its own; the run has the sums.
#[test]
fn columns_and_metrics() {
    let server = Server::from_environment();
    let experiment = Server::unused_experiment();
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
    let report = telemetry.shutdown_within(Duration::from_mins(1));
    assert!(report.is_complete(), "{report}");
    assert!(telemetry.warnings().is_empty());

    let experiment = server.experiment_id(&experiment);
    let run = server.run(&experiment);
    for (session, user, turns) in SESSIONS {
        let filter = format!("metadata.`mlflow.trace.session` = '{session}'");
        let mut traces = server.traces(&experiment, &filter);
        traces.sort_by_key(|trace| text(trace, "/request_preview").to_owned());
        assert_eq!(traces.len(), turns.len(), "{traces:#?}");
        for ((number, turn), trace) in (1..).zip(turns.iter()).zip(&traces) {
            columns(trace, session, user, number, *turn);
            let spans = server.spans(text(trace, "/trace_id"));
            assert_eq!(tree(&spans), expected_tree(*turn));
        }
    }
    // No trace but those of the turns: the sessions' own are left out.
    assert_eq!(server.traces(&experiment, "").len(), 6);
    let of_run = format!("run_id = '{}'", text(&run, "/info/run_id"));
    assert_eq!(server.traces(&experiment, &of_run).len(), 6);
    assert_eq!(
        server.traces(&experiment, "span.type = 'TOOL'").len(),
        6,
        "the column of types"
    );
    metrics(&run);
}

/// The columns of one turn's trace.
fn columns(trace: &Value, session: &str, user: &str, number: u32, turn: Turn) {
    assert_eq!(text(trace, "/request_preview"), question(session, number));
    let response = trace.get("response_preview").and_then(Value::as_str);
    if turn == Turn::Failure {
        assert_eq!(response, None);
        assert_eq!(text(trace, "/state"), "ERROR");
    } else {
        assert_eq!(response, Some(&*answer(session, number)));
        assert_eq!(text(trace, "/state"), "OK");
    }
    let metadata = |key: &str| text(trace, &format!("/trace_metadata/mlflow.trace.{key}"));
    assert_eq!(metadata("session"), session);
    assert_eq!(metadata("user"), user);
    assert_eq!(text(trace, "/tags/mlflow.traceName"), "message.process");
    assert_eq!(text(trace, "/tags/service.name"), "oc-e2e");

    let calls = turn.model_calls();
    let usage = usage(number);
    let tokens: Value = serde_json::from_str(metadata("tokenUsage")).unwrap();
    for (key, expected) in [
        ("input_tokens", usage.input_tokens()),
        ("output_tokens", usage.output_tokens()),
        ("total_tokens", usage.total_tokens()),
        ("cache_read_input_tokens", usage.cache_read().unwrap()),
        ("cache_creation_input_tokens", usage.cache_write().unwrap()),
    ] {
        assert_eq!(tokens[key], expected * calls, "{key}");
    }
    let costs: Value = serde_json::from_str(metadata("cost")).unwrap();
    let (input, output) = cost(number);
    for (key, expected) in [
        ("input_cost", input),
        ("output_cost", output),
        ("total_cost", input + output),
    ] {
        let difference = costs[key].as_f64().unwrap() - expected * as_f64(calls);
        assert!(difference.abs() < 0.000_001, "{key}: {costs}");
    }
}

/// The spans as an indented list of names and types, siblings in the order in which they began.
fn tree(spans: &[Value]) -> String {
    let mut text = String::new();
    branch(spans, None, 0, &mut text);
    text
}

fn branch(spans: &[Value], parent: Option<&str>, depth: usize, tree: &mut String) {
    let mut children: Vec<&Value> = spans
        .iter()
        .filter(|span| span.get("parent_span_id").and_then(Value::as_str) == parent)
        .collect();
    children.sort_by_key(|span| span["start_time_unix_nano"].as_u64());
    for span in children {
        let attributes = span["attributes"].as_array().unwrap();
        let kind = attributes
            .iter()
            .find(|attribute| attribute["key"] == "mlflow.spanType")
            .map_or("none", |kind| text(kind, "/value/string_value"));
        let name = text(span, "/name");
        let status = span.pointer("/status/code").and_then(Value::as_str);
        let mark = if status == Some("STATUS_CODE_ERROR") {
            " !"
        } else {
            ""
        };
        let indent = "  ".repeat(depth);
        let _ = writeln!(tree, "{indent}{name} [{kind}]{mark}");
        branch(spans, Some(text(span, "/span_id")), depth + 1, tree);
    }
}

fn expected_tree(turn: Turn) -> &'static str {
    match turn {
        Turn::Tool => {
            "\
message.process [CHAIN]
  invoke_agent shadowman [AGENT]
    chat claude-sonnet-4.5 [CHAT_MODEL]
    execute_tool read_file [TOOL]
"
        }
        Turn::SubAgent => {
            "\
message.process [CHAIN]
  invoke_agent shadowman [AGENT]
    chat claude-sonnet-4.5 [CHAT_MODEL]
    invoke_agent researcher [AGENT]
      chat claude-sonnet-4.5 [CHAT_MODEL]
      execute_tool read_file [TOOL]
"
        }
        Turn::Failure => {
            "\
message.process [CHAIN] !
  invoke_agent shadowman [AGENT] !
    chat claude-sonnet-4.5 [CHAT_MODEL]
    execute_tool read_file [TOOL] !
"
        }
        Turn::Served => {
            "\
POST /v1/messages [AGENT]
  message.process [CHAIN]
    invoke_agent shadowman [AGENT]
      chat claude-sonnet-4.5 [CHAT_MODEL]
      execute_tool read_file [TOOL]
"
        }
    }
}

/// The metrics of the run, over all turns.
fn metrics(run: &Value) {
    assert_eq!(text(run, "/info/status"), "FINISHED");
    assert!(text(run, "/info/run_name").starts_with("oc-e2e "));
    let values: BTreeMap<&str, f64> = run["data"]["metrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|metric| (text(metric, "/key"), metric["value"].as_f64().unwrap()))
        .collect();
    let mut calls = 0;
    let mut expected = BTreeMap::<&str, f64>::new();
    for (_, _, turns) in SESSIONS {
        for (number, turn) in (1..).zip(turns.iter()) {
            calls += turn.model_calls();
            let usage = usage(number);
            let (input, output) = cost(number);
            for (key, value) in [
                ("tokens.input", as_f64(usage.input_tokens())),
                ("tokens.output", as_f64(usage.output_tokens())),
                ("tokens.total", as_f64(usage.total_tokens())),
                ("tokens.cache_read", as_f64(usage.cache_read().unwrap())),
                ("tokens.cache_write", as_f64(usage.cache_write().unwrap())),
                ("cost.usd", input + output),
            ] {
                *expected.entry(key).or_default() += value * as_f64(turn.model_calls());
            }
        }
    }
    expected.insert("model.claude-sonnet-4.5.requests", as_f64(calls));
    expected.insert("message.outcome.ok", 5.0);
    expected.insert("message.outcome.error", 1.0);
    for (key, expected) in &expected {
        let value = values.get(key).copied().unwrap_or(f64::NAN);
        assert!((value - expected).abs() < 0.000_001, "{key}: {values:#?}");
    }
    for key in ["latency.model_ms", "latency.message_ms"] {
        let value = values.get(key).copied().unwrap_or(f64::NAN);
        assert!((0.0..60_000.0).contains(&value), "{key}: {values:#?}");
    }
    assert!(values["latency.message_ms"] >= 20.0, "{values:#?}");
    assert_eq!(values.len(), expected.len() + 2, "{values:#?}");
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn as_f64(number: u64) -> f64 {
    number as f64
}
