use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use oc_telemetry::{
    Telemetry,
    metrics::{ModelLabels, TokenType},
    opentelemetry::{Context, KeyValue, trace::TraceContextExt},
    semconv::{gen_ai, openclaw},
    span::ErrorType,
    with_span,
};

use super::{
    Message, ModelError, ToolRequest, USD_PER_THOUSAND_INPUT, USD_PER_THOUSAND_OUTPUT,
    sse::Events,
    wire::{ChatRequest, Chunk, Usage},
};
use crate::names::{MODEL, PROVIDER};

/// A model reached over HTTP. Every call is a `chat` span with its usage and its cost.
#[derive(Debug, Clone)]
pub struct Model {
    telemetry: Telemetry,
    http: Client<HttpConnector, Full<Bytes>>,
    url: String,
    agent: &'static str,
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
    /// A client for the server at `base`, on behalf of `agent`.
    pub fn new(telemetry: Telemetry, base: &str, agent: &'static str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            telemetry,
            http: Client::builder(TokioExecutor::new()).build(connector),
            url: format!("{base}/v1/chat/completions"),
            agent,
        }
    }

    /// Asks the model and streams its answer.
    ///
    /// # Errors
    ///
    /// [`ModelError`]; it is counted in `openclaw_model_errors_total`.
    pub async fn chat(&self, messages: &[Message]) -> Result<Reply, ModelError> {
        let call = with_span!(
            format!("chat {MODEL}"),
            kind = Client,
            gen_ai::OPERATION_NAME => gen_ai::OperationName::Chat.as_str(),
            gen_ai::PROVIDER_NAME => PROVIDER,
            gen_ai::REQUEST_MODEL => MODEL,
            gen_ai::REQUEST_STREAM => true,
            async { self.call(messages).await }
        );
        let reply = call.await;
        if let Err(error) = &reply {
            let metrics = self.telemetry.agent_metrics();
            metrics.model_error(MODEL, error.error_type(), self.agent);
            tracing_error(error);
        }
        reply
    }

    async fn call(&self, messages: &[Message]) -> Result<Reply, ModelError> {
        let started = Instant::now();
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
        // The model server is ours: it may continue the trace.
        self.telemetry.inject_headers(request.headers_mut());
        let response = self.http.request(request).await;
        let response = response.map_err(|error| ModelError::Connection(error.into()))?;
        if !response.status().is_success() {
            return Err(ModelError::Status(response.status().as_u16()));
        }

        let mut answer = Answer::default();
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| ModelError::Connection(error.into()))?;
            let Ok(bytes) = frame.into_data() else {
                continue;
            };
            if !answer.events.push(&bytes) {
                return Err(ModelError::Format("an event is too large"));
            }
            answer.read(started)?;
        }
        self.record(&answer);
        if answer.tools.is_empty() {
            Ok(Reply::Text(answer.text))
        } else {
            Ok(Reply::Tools(answer.tools))
        }
    }

    fn record(&self, answer: &Answer) {
        let Some(usage) = answer.usage else { return };
        let usd = cost(usage);
        Context::map_current(|cx| {
            let span = cx.span();
            span.set_attributes([
                KeyValue::new(gen_ai::USAGE_INPUT_TOKENS, signed(usage.prompt_tokens)),
                KeyValue::new(gen_ai::USAGE_OUTPUT_TOKENS, signed(usage.completion_tokens)),
                KeyValue::new(openclaw::COST_USD, usd),
            ]);
        });
        let metrics = self.telemetry.agent_metrics();
        let labels = ModelLabels::new(self.agent, MODEL, PROVIDER);
        metrics.tokens(&labels, TokenType::Input, usage.prompt_tokens);
        metrics.tokens(&labels, TokenType::Output, usage.completion_tokens);
        metrics.cost(&labels, usd);
    }
}

/// The answer as far as it has been read.
#[derive(Debug, Default)]
struct Answer {
    events: Events,
    begun: bool,
    text: String,
    tools: Vec<ToolRequest>,
    usage: Option<Usage>,
}

impl Answer {
    fn read(&mut self, started: Instant) -> Result<(), ModelError> {
        while let Some(data) = self.events.next() {
            if data == "[DONE]" {
                continue;
            }
            let chunk: Chunk =
                serde_json::from_str(&data).map_err(|_| ModelError::Format("an event"))?;
            if !self.begun {
                self.begun = true;
                Context::map_current(|cx| describe(cx, &chunk, started));
            }
            self.usage = chunk.usage.or(self.usage);
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
                if let Some(reason) = choice.finish_reason {
                    Context::map_current(|cx| {
                        let reasons = oc_telemetry::opentelemetry::Value::Array(
                            oc_telemetry::opentelemetry::Array::String(vec![reason.into()]),
                        );
                        let attribute = KeyValue::new(gen_ai::RESPONSE_FINISH_REASONS, reasons);
                        cx.span().set_attribute(attribute);
                    });
                }
            }
        }
        Ok(())
    }
}

/// What the first chunk tells.
fn describe(cx: &Context, chunk: &Chunk, started: Instant) {
    cx.span().set_attributes([
        KeyValue::new(gen_ai::RESPONSE_ID, chunk.id.clone()),
        KeyValue::new(gen_ai::RESPONSE_MODEL, chunk.model.clone()),
        KeyValue::new(
            gen_ai::RESPONSE_TIME_TO_FIRST_CHUNK,
            started.elapsed().as_secs_f64(),
        ),
    ]);
}

fn cost(usage: Usage) -> f64 {
    let thousands = |tokens: u64| f64::from(u32::try_from(tokens).unwrap_or(u32::MAX)) / 1000.0;
    thousands(usage.prompt_tokens) * USD_PER_THOUSAND_INPUT
        + thousands(usage.completion_tokens) * USD_PER_THOUSAND_OUTPUT
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn tracing_error(error: &ModelError) {
    oc_telemetry::tracing::error!(%error, "model call failed");
}
