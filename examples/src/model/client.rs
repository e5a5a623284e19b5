use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use oc_telemetry::{
    Telemetry,
    agent::{Cost, LlmCall, Usage},
    model_body::{BodyReader, Format},
    semconv::gen_ai::ProviderName,
};

use super::{
    Message, ModelError, ToolRequest, USD_PER_THOUSAND_INPUT, USD_PER_THOUSAND_OUTPUT,
    sse::Events,
    wire::{ChatRequest, Chunk},
};
use crate::names::MODEL;

/// A model reached over HTTP. Every call is a `chat` span with its usage and its cost.
#[derive(Debug, Clone)]
pub struct Model {
    telemetry: Telemetry,
    http: Client<HttpConnector, Full<Bytes>>,
    url: String,
}

/// What the model answered.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reply {
    /// The answer.
    Text(String),
    /// Tools to run first.
    Tools(Vec<ToolRequest>),
}

impl Model {
    /// A client for the server at `base`.
    pub fn new(telemetry: Telemetry, base: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            telemetry,
            http: Client::builder(TokioExecutor::new()).build(connector),
            url: format!("{base}/v1/chat/completions"),
        }
    }

    /// Asks the model and streams its answer.
    ///
    /// # Errors
    ///
    /// [`ModelError`]; it is counted in `openclaw_model_errors_total`.
    pub async fn chat(&self, messages: &[Message]) -> Result<Reply, ModelError> {
        let call = LlmCall::chat(ProviderName::Anthropic, MODEL)
            .with_stream(true)
            .start();
        let reply = call.run(async |call| self.call(call, messages).await).await;
        if let Err(error) = &reply {
            oc_telemetry::tracing::error!(%error, "model call failed");
        }
        reply
    }

    async fn call(&self, call: &LlmCall, messages: &[Message]) -> Result<Reply, ModelError> {
        let request = ChatRequest {
            model: MODEL.to_owned(),
            messages: messages.to_vec(),
            stream: true,
        };
        let body = serde_json::to_vec(&request).map_err(|_| ModelError::Format("request"))?;
        let mut request = http::Request::post(&self.url)
            .header("content-type", "application/json")
            .body(Full::from(body))
            .map_err(|error| ModelError::Connection(error.into()))?;
        // The model server is ours: it may continue the trace, below this call.
        self.telemetry.inject_headers(request.headers_mut());
        let response = self.http.request(request).await;
        let response = response.map_err(|error| ModelError::Connection(error.into()))?;
        if !response.status().is_success() {
            return Err(ModelError::Status(response.status().as_u16()));
        }

        let mut reader = BodyReader::new(Format::OpenAiChat);
        let mut answer = Answer::default();
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| ModelError::Connection(error.into()))?;
            let Ok(bytes) = frame.into_data() else {
                continue;
            };
            if reader.push(&bytes) > 0 {
                call.chunk();
            }
            answer.push(&bytes)?;
        }
        let reading = reader.finish();
        if let Some(usage) = reading.usage() {
            call.cost(cost(usage));
        }
        call.response(&reading);
        if answer.tools.is_empty() {
            Ok(Reply::Text(answer.text))
        } else {
            Ok(Reply::Tools(answer.tools))
        }
    }
}

/// The answer as far as it has been read.
#[derive(Debug, Default)]
struct Answer {
    events: Events,
    text: String,
    tools: Vec<ToolRequest>,
}

impl Answer {
    fn push(&mut self, bytes: &[u8]) -> Result<(), ModelError> {
        if !self.events.push(bytes) {
            return Err(ModelError::Format("an event is too large"));
        }
        while let Some(data) = self.events.next() {
            if data == "[DONE]" {
                continue;
            }
            let chunk: Chunk =
                serde_json::from_str(&data).map_err(|_| ModelError::Format("an event"))?;
            for choice in chunk.choices {
                self.text
                    .push_str(choice.delta.content.as_deref().unwrap_or_default());
                for call in choice.delta.tool_calls {
                    self.tools.push(ToolRequest {
                        call_id: call.id,
                        name: call.function.name,
                        arguments: call.function.arguments,
                    });
                }
            }
        }
        Ok(())
    }
}

fn cost(usage: &Usage) -> Cost {
    let thousands = |tokens: u64| f64::from(u32::try_from(tokens).unwrap_or(u32::MAX)) / 1000.0;
    Cost::of_parts(
        thousands(usage.input_tokens()) * USD_PER_THOUSAND_INPUT,
        thousands(usage.output_tokens()) * USD_PER_THOUSAND_OUTPUT,
    )
}
