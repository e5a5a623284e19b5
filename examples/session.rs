//! A session of three turns, two of them at the same time.
//!
//! ```text
//! cargo run --example session -- --once
//! ```

use examples::offline;
use oc_telemetry::agent::{Cost, LlmCall, Usage};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let (telemetry, collector) = offline::start("session")?;
    let session = telemetry
        .session("demo")
        .with_agent("shadowman")
        .with_user("ada")
        .start();

    answer(&session, "Good morning.").await?;
    // They share the session and nothing else: each is a trace of its own.
    tokio::try_join!(
        answer(&session, "What is on today?"),
        answer(&session, "And tomorrow?"),
    )?;
    session.end();

    offline::finish(&telemetry, &collector, 4)
}

async fn answer(session: &oc_telemetry::agent::Session, message: &str) -> std::io::Result<()> {
    let turn = session.turn().start();
    turn.run(async |turn| {
        turn.input(message);
        let call = LlmCall::chat("vllm", "qwen3-8b").start();
        call.run(async |call| {
            tokio::task::yield_now().await;
            call.usage(&Usage::new(message.len() as u64, 12));
            call.cost(Cost::total(0.0));
            call.finish_reason("stop");
            Ok(())
        })
        .await
    })
    .await
}
