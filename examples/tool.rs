//! Tool calls that succeed, fail, are denied and take too long.
//!
//! ```text
//! cargo run --example tool -- --once
//! ```

use examples::offline;
use oc_telemetry::{
    agent::{AgentSpan, ToolCall},
    span::Failure,
};

fn main() -> anyhow::Result<()> {
    let (telemetry, collector) = offline::start("tool")?;
    telemetry.scope(|| {
        let agent = AgentSpan::new("shadowman").start();
        agent.scope(|| {
            let call = ToolCall::new("read_file").with_call_id("call_1").start();
            call.arguments(r#"{"path":"Cargo.toml"}"#);
            match std::fs::read_to_string("Cargo.toml") {
                Ok(text) => {
                    call.result(&text);
                    call.ok();
                }
                Err(error) => call.fail(Failure::from_error(&error)),
            }

            let call = ToolCall::new("read_file").with_call_id("call_2").start();
            let error = std::fs::read_to_string("no such file").err();
            call.fail(error.map_or_else(|| Failure::new("none", ""), |e| Failure::from_error(&e)));

            let call = ToolCall::new("shell").with_call_id("call_3").start();
            call.denied("not on the list");

            // A tool of an MCP server is one span with the server's attributes on it.
            let call = ToolCall::new("search")
                .with_mcp_method("tools/call")
                .start();
            call.timed_out();
        });
        agent.ok();
    });
    offline::finish(&telemetry, &collector, 1)
}
