//! A streamed model call: time to first chunk, usage and finish reason from the bytes that pass.
//!
//! ```text
//! cargo run --example llm -- --once
//! ```

#![allow(clippy::print_stdout, reason = "an example talks to its user")]

use examples::offline;
use futures_util::{StreamExt, stream};
use oc_telemetry::{
    agent::{Cost, LlmCall},
    model_body::{BodyReader, Format},
    semconv::gen_ai::ProviderName,
};

/// What an Anthropic server sends, cut where networks cut.
const ANSWER: [&str; 5] = [
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\
     \"claude-sonnet-4.5\",\"usage\":{\"input_tokens\":20,\"cache_read_input_tokens\":100,",
    "\"output_tokens\":1}}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\
     \"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\"\
     :\"text_delta\",\"text\":\" there.\"}}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},",
    "\"usage\":{\"output_tokens\":7}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let (telemetry, collector) = offline::start("llm")?;
    let guard = telemetry.recorder().map(oc_telemetry::Recorder::enter);

    let call = LlmCall::chat(ProviderName::Anthropic, "claude-sonnet-4.5")
        .with_stream(true)
        .with_max_tokens(100)
        .start();
    call.cost(Cost::total(0.0002));
    // In a gateway: the bytes of the response, handed on to the client as they come.
    let bytes = stream::iter(ANSWER.map(Ok::<_, std::io::Error>));
    let mut proxied = call
        .stream(bytes)
        .reading(BodyReader::new(Format::AnthropicMessages));
    let mut passed = 0;
    while let Some(piece) = proxied.next().await {
        passed += piece?.len();
    }
    println!("{passed} bytes passed on");

    drop(guard);
    offline::finish(&telemetry, &collector, 1)
}
