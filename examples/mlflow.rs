//! A turn as MLflow sees it: what fills which column.
//!
//! ```text
//! cargo run --example mlflow -- --once     # a stand-in for the server
//! MLFLOW_TRACKING_URI=http://127.0.0.1:5000 cargo run --example mlflow     # a real one as well
//! ```

#![allow(clippy::print_stdout, reason = "an example talks to its user")]

use std::time::Duration;

use anyhow::Context as _;
use examples::mlflow_server::MlflowServer;
use oc_telemetry::{
    Telemetry,
    agent::{AgentSpan, Cost, LlmCall, Usage},
    config::CaptureContent,
    mlflow::MlflowSettings,
    privacy::Message,
    semconv::gen_ai::ProviderName,
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = MlflowServer::start().await?;
    let settings = MlflowSettings::new(server.uri()).with_experiment("openclaw");
    let telemetry = Telemetry::builder("mlflow-example")
        .with_mlflow(settings)
        // Input and output are columns in MLflow; nothing of them leaves unless somebody says so.
        .with_content_capture(CaptureContent::everything_on_spans())
        .without_prometheus()
        .without_log_files()
        .build()?;

    let session = telemetry.session("demo").with_agent("shadowman");
    let session = session.with_user("ada").start();
    let turn = session.turn().start();
    turn.input("Hello");
    turn.scope(|| {
        let agent = AgentSpan::new("shadowman").start();
        agent.scope(|| {
            let call = LlmCall::chat(ProviderName::Anthropic, "claude-sonnet-4.5").start();
            call.input(&[Message::user("Hello")]);
            call.output(&[Message::assistant("Hi there")]);
            call.usage(&Usage::new(10, 5).with_cache_read(4));
            call.cost(Cost::of_parts(0.1, 0.2));
            call.ok();
        });
        agent.ok();
    });
    turn.output("Hi there");
    turn.ok();
    session.end();

    let ended =
        tokio::task::spawn_blocking(move || telemetry.shutdown_within(Duration::from_secs(5)));
    println!("{}", ended.await?);
    for span in server.spans() {
        println!("\n{}", span.name);
        for (key, value) in &span.attributes {
            if key.starts_with("mlflow.") || ["session.id", "user.id"].contains(&key.as_str()) {
                println!("  {key} = {value}");
            }
        }
    }
    let root = server
        .spans()
        .into_iter()
        .find(|span| span.parent_span_id.is_none());
    let root = root.context("no trace arrived")?;
    root.attr("mlflow.spanInputs")
        .context("the root has no input")?;
    Ok(())
}
