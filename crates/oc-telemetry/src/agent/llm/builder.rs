use oc_semconv::{
    gen_ai::{self, OperationName, ProviderName},
    mlflow, openai, server,
};
use opentelemetry::{Array, KeyValue, StringValue, Value, trace::SpanKind};

use super::{LlmCall, dialects};
use crate::{
    agent::{Agents, SpanNaming, open::Open},
    span::span,
    value::IntoValue,
};

/// Settings of an [`LlmCall`].
///
/// What the conventions want at the start of the span is set here: the settings of the request and
/// the server.
#[derive(Debug)]
#[must_use = "a model call begins with `start()`"]
pub struct LlmCallBuilder {
    operation: OperationName,
    provider: ProviderName,
    model: String,
    attributes: Vec<KeyValue>,
}

impl LlmCallBuilder {
    pub(super) fn new(operation: OperationName, provider: ProviderName, model: String) -> Self {
        Self {
            operation,
            provider,
            model,
            attributes: Vec::new(),
        }
    }

    /// The most tokens that the model may answer with.
    pub fn with_max_tokens(self, tokens: u64) -> Self {
        self.with(gen_ai::REQUEST_MAX_TOKENS, tokens)
    }

    /// The temperature.
    pub fn with_temperature(self, temperature: f64) -> Self {
        self.with(gen_ai::REQUEST_TEMPERATURE, temperature)
    }

    /// Nucleus sampling.
    pub fn with_top_p(self, top_p: f64) -> Self {
        self.with(gen_ai::REQUEST_TOP_P, top_p)
    }

    /// Sampling among the `top_k` likeliest tokens.
    pub fn with_top_k(self, top_k: u64) -> Self {
        self.with(gen_ai::REQUEST_TOP_K, top_k)
    }

    /// The penalty on frequent tokens.
    pub fn with_frequency_penalty(self, penalty: f64) -> Self {
        self.with(gen_ai::REQUEST_FREQUENCY_PENALTY, penalty)
    }

    /// The penalty on tokens that were used.
    pub fn with_presence_penalty(self, penalty: f64) -> Self {
        self.with(gen_ai::REQUEST_PRESENCE_PENALTY, penalty)
    }

    /// The sequences that end the answer.
    pub fn with_stop_sequences(
        self,
        sequences: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.with(gen_ai::REQUEST_STOP_SEQUENCES, strings(sequences))
    }

    /// The seed.
    pub fn with_seed(self, seed: i64) -> Self {
        self.with(gen_ai::REQUEST_SEED, seed)
    }

    /// How hard the model is asked to think: the string that is sent.
    pub fn with_reasoning_level(self, level: impl IntoValue) -> Self {
        self.with(gen_ai::REQUEST_REASONING_LEVEL, level)
    }

    /// How many answers are asked for. One, the usual number, is not recorded.
    pub fn with_choice_count(self, count: u64) -> Self {
        if count == 1 {
            self
        } else {
            self.with(gen_ai::REQUEST_CHOICE_COUNT, count)
        }
    }

    /// Whether the answer is streamed. Recorded only if it is.
    pub fn with_stream(self, stream: bool) -> Self {
        if stream {
            self.with(gen_ai::REQUEST_STREAM, true)
        } else {
            self
        }
    }

    /// The kind of output asked for: `text`, `json`, `image` or `speech`.
    pub fn with_output_type(self, output: impl IntoValue) -> Self {
        self.with(gen_ai::OUTPUT_TYPE, output)
    }

    /// The response that this request goes on from.
    pub fn with_previous_response_id(self, id: impl IntoValue) -> Self {
        self.with(gen_ai::REQUEST_PREVIOUS_RESPONSE_ID, id)
    }

    /// The prompt template and its version.
    pub fn with_prompt(self, name: impl IntoValue, version: impl IntoValue) -> Self {
        self.with(gen_ai::PROMPT_NAME, name)
            .with(gen_ai::PROMPT_VERSION, version)
    }

    /// The service tier asked for (OpenAI).
    pub fn with_service_tier(self, tier: impl IntoValue) -> Self {
        self.with(openai::REQUEST_SERVICE_TIER, tier)
    }

    /// Which of OpenAI's interfaces is spoken: `chat_completions` or `responses`.
    pub fn with_api_type(self, api: impl IntoValue) -> Self {
        self.with(openai::API_TYPE, api)
    }

    /// The encodings that embeddings are asked for in.
    pub fn with_encoding_formats(
        self,
        formats: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.with(gen_ai::REQUEST_ENCODING_FORMATS, strings(formats))
    }

    /// The server that is called, and its port.
    pub fn with_server(self, address: impl IntoValue, port: u16) -> Self {
        self.with(server::ADDRESS, address).with(server::PORT, port)
    }

    /// Begins the call, below the current span.
    pub fn start(self) -> LlmCall {
        let parent = crate::context::current();
        let naming = Agents::of(&parent)
            .map(|agents| agents.settings().naming)
            .unwrap_or_default();
        let builder = span(self.span_name(naming))
            .kind(SpanKind::Client)
            .attribute(gen_ai::OPERATION_NAME, self.operation.as_str())
            .attribute(gen_ai::PROVIDER_NAME, self.provider.as_str())
            .attribute(
                gen_ai::REQUEST_MODEL,
                Some(&*self.model).filter(|model| !model.is_empty()),
            )
            .attributes(self.attributes);
        let open = Open::start(builder, &parent, None);
        if open.agents().is_some_and(|agents| agents.dialects().mlflow) {
            open.set(mlflow::SPAN_TYPE, span_type(self.operation).as_str());
            open.set(mlflow::LLM_PROVIDER, self.provider.as_str());
            if !self.model.is_empty() {
                open.set(mlflow::LLM_MODEL, &*self.model);
            }
        }
        dialects::kind(&open, dialects::Kind::Llm);
        dialects::model(&open, &self.model, self.provider.as_str());
        LlmCall::begin(
            open,
            self.operation,
            self.provider.as_str().to_owned(),
            self.model,
        )
    }

    fn span_name(&self, naming: SpanNaming) -> String {
        let operation = self.operation.as_str();
        match naming {
            SpanNaming::Semconv if self.model.is_empty() => operation.to_owned(),
            SpanNaming::Semconv => format!("{operation} {}", self.model),
            SpanNaming::OpenClaw => format!("llm.{}.{}", self.provider.as_str(), self.model),
        }
    }

    fn with(mut self, key: &'static str, value: impl IntoValue) -> Self {
        if let Some(value) = value.into_value() {
            self.attributes.push(KeyValue::new(key, value));
        }
        self
    }
}

/// What MLflow shows a call of this operation as.
fn span_type(operation: OperationName) -> mlflow::SpanType {
    match operation {
        OperationName::Embeddings => mlflow::SpanType::Embedding,
        OperationName::Retrieval => mlflow::SpanType::Retriever,
        OperationName::TextCompletion | OperationName::GenerateContent => mlflow::SpanType::Llm,
        _ => mlflow::SpanType::ChatModel,
    }
}

fn strings(texts: impl IntoIterator<Item = impl Into<String>>) -> Value {
    let texts = texts
        .into_iter()
        .map(|text| StringValue::from(text.into()))
        .collect();
    Value::Array(Array::String(texts))
}
