use std::{
    future::Future,
    sync::Mutex,
    time::{Duration, Instant},
};

use futures_util::Stream;
use oc_semconv::{
    gen_ai::{self, OperationName, ProviderName},
    mlflow, openai, openclaw,
};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};

use super::{Chunk, Cost, LlmCallBuilder, LlmItems, LlmStream, dialects, event::Details, usage};
use crate::{
    agent::{
        SpanNaming, Usage,
        open::{Open, Outcome},
    },
    metrics::{MOST_TOKENS, ModelLabels, TokenDetail, TokenType},
    model_body::{Oddity, Reading},
    privacy::{
        ContentClass, Message, Part, ToolDefinition, messages_json, preview_json,
        system_instructions_json, tool_definitions_json,
    },
    span::{ErrorType, Failure},
    sync::lock,
    value::IntoValue,
};

/// One call of a model, with all its automatic retries: the span `chat {model}`.
///
/// Usage and cost belong here and nowhere above, so that sums are right. They are recorded once, when
/// the call ends: on the span, in the metrics and for MLflow the same numbers.
///
/// GenAI conventions, "Inference".
#[derive(Debug)]
#[must_use = "a model call that is dropped without an outcome counts as cancelled"]
pub struct LlmCall {
    open: Open,
    operation: StringValue,
    provider: StringValue,
    model: StringValue,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    usage: Option<Usage>,
    /// Of attempts before the one that `usage` is of.
    earlier: Option<Usage>,
    cost: Option<Cost>,
    finish_reasons: Vec<StringValue>,
    first_chunk: Option<Duration>,
    last_chunk: Option<Instant>,
    /// The times between chunks that no metric has yet.
    gaps: Vec<Duration>,
    /// Whether the time to the first chunk is in the metrics.
    first_is_counted: bool,
    response_model: Option<StringValue>,
    retries: u32,
    odd: Vec<Oddity>,
    details: Details,
}

/// Times between chunks that wait in memory, of one call.
const MOST_GAPS: usize = 1024;

impl State {
    /// Adds up the attempts and takes down what is odd about the numbers.
    fn conclude(&mut self) {
        if let Some(earlier) = self.earlier.take() {
            self.usage = Some(self.usage.unwrap_or_default().plus(&earlier));
        }
        let exceeds = self.usage.is_some_and(|usage| usage.parts_exceed_totals());
        if exceeds && !self.odd.contains(&Oddity::PartsExceedTotals) {
            self.odd.push(Oddity::PartsExceedTotals);
        }
        if self.cost.is_some_and(|cost| !cost.is_valid()) {
            self.odd.push(Oddity::CostInvalid);
        }
        if self.usage.is_some_and(|usage| !is_plausible(&usage)) {
            self.odd.push(Oddity::CountImplausible);
        }
    }
}

impl LlmCall {
    /// A chat completion. An empty model is recorded as none.
    pub fn chat(provider: impl Into<ProviderName>, model: impl Into<String>) -> LlmCallBuilder {
        Self::of(OperationName::Chat, provider, model)
    }

    /// Another inference operation, such as [`OperationName::TextCompletion`].
    pub fn of(
        operation: OperationName,
        provider: impl Into<ProviderName>,
        model: impl Into<String>,
    ) -> LlmCallBuilder {
        LlmCallBuilder::new(operation, provider.into(), model.into())
    }

    pub(super) fn begin(
        open: Open,
        operation: OperationName,
        provider: String,
        model: String,
    ) -> Self {
        let model = StringValue::from(model);
        if let Some(identity) = crate::agent::Identity::of(open.context()) {
            identity.state().note_model(&model);
        }
        Self {
            open,
            operation: operation.as_str().into(),
            provider: provider.into(),
            model,
            state: Mutex::default(),
        }
    }

    /// The response's id.
    pub fn response_id(&self, id: impl IntoValue) {
        self.open.set(gen_ai::RESPONSE_ID, id);
    }

    /// The model that answered.
    pub fn response_model(&self, model: impl IntoValue) {
        let Some(model) = model.into_value() else {
            return;
        };
        if let Value::String(name) = &model {
            lock(&self.state).response_model = Some(name.clone());
        }
        self.open.set(gen_ai::RESPONSE_MODEL, model);
    }

    /// The service tier that the response was given in, and the backend's fingerprint (OpenAI).
    pub fn openai_response(&self, service_tier: Option<&str>, system_fingerprint: Option<&str>) {
        self.open.set(openai::RESPONSE_SERVICE_TIER, service_tier);
        self.open
            .set(openai::RESPONSE_SYSTEM_FINGERPRINT, system_fingerprint);
    }

    /// The conversation was compacted for this call.
    pub fn conversation_compacted(&self) {
        self.open.set(gen_ai::CONVERSATION_COMPACTED, true);
    }

    /// Why the model stopped: one call for each choice, in the provider's order.
    pub fn finish_reason(&self, reason: impl Into<String>) {
        let reason = StringValue::from(reason.into());
        lock(&self.state).finish_reasons.push(reason);
    }

    /// What the call used. The last word counts, as providers repeat themselves.
    pub fn usage(&self, usage: &Usage) {
        lock(&self.state).usage = Some(*usage);
    }

    /// What an attempt before the last one used, where the provider bills failed attempts. It is
    /// added to what is known already and to what [`usage`](Self::usage) and
    /// [`response`](Self::response) say, which replace one another.
    pub fn add_usage(&self, usage: &Usage) {
        let mut state = lock(&self.state);
        let earlier = state.earlier.unwrap_or_default().plus(usage);
        state.earlier = Some(earlier);
    }

    /// What the call cost.
    pub fn cost(&self, cost: Cost) {
        lock(&self.state).cost = Some(cost);
    }

    /// Everything that was read from the response. A second response, as that of another attempt,
    /// replaces what the first one said; what the first one used and was billed for is said with
    /// [`add_usage`](Self::add_usage).
    pub fn response(&self, reading: &Reading) {
        if let Some(id) = reading.id() {
            self.response_id(id);
        }
        if let Some(model) = reading.model() {
            self.response_model(model);
        }
        let reasons: Vec<_> = reading
            .finish_reasons()
            .iter()
            .map(|reason| StringValue::from(reason.clone()))
            .collect();
        if !reasons.is_empty() {
            lock(&self.state).finish_reasons = reasons;
        }
        if let Some(usage) = reading.usage() {
            self.usage(usage);
        }
        if let Some(text) = reading.text() {
            // The reader cut it where it is told to, perhaps in the middle of a secret that would not
            // be recognised by its half.
            let whole = if reading.text_dropped_bytes() == 0 {
                text
            } else {
                text.rsplit_once(char::is_whitespace)
                    .map_or("", |(words, _)| words)
            };
            self.output(&[Message::assistant(whole)]);
        }
        lock(&self.state).odd.extend_from_slice(reading.odd());
    }

    /// An attempt failed and is repeated within this call.
    pub fn retry(&self, error: &impl ErrorType) {
        let attempt = {
            let mut state = lock(&self.state);
            state.retries = state.retries.saturating_add(1);
            state.retries
        };
        let attributes = vec![
            KeyValue::new(oc_semconv::error::TYPE, error.error_type().into_owned()),
            KeyValue::new(oc_semconv::http::REQUEST_RESEND_COUNT, i64::from(attempt)),
        ];
        self.open.event("retry", attributes);
    }

    /// A piece of a streamed answer has arrived. The time to the first one is on the span and in
    /// `gen_ai.client.operation.time_to_first_chunk`, the time from each to the next in
    /// `gen_ai.client.operation.time_per_output_chunk`.
    pub fn chunk(&self) {
        let elapsed = self.open.elapsed();
        let now = Instant::now();
        let mut state = lock(&self.state);
        match state.last_chunk.replace(now) {
            None => state.first_chunk = Some(elapsed),
            Some(last) => state.gaps.push(now.saturating_duration_since(last)),
        }
        // They wait for the name of the model that answers, but not without end.
        if state.gaps.len() >= MOST_GAPS {
            self.count_chunks(&mut state);
        }
    }

    /// The system prompt. Recorded only where content of this class is captured.
    pub fn system_prompt(&self, text: &str) {
        self.content(
            ContentClass::SystemPrompt,
            gen_ai::SYSTEM_INSTRUCTIONS,
            || system_instructions_json(&[Part::text(text)]),
        );
    }

    /// The messages sent. Recorded only where content of this class is captured.
    pub fn input(&self, messages: &[Message]) {
        self.messages(
            ContentClass::Input,
            gen_ai::INPUT_MESSAGES,
            mlflow::SPAN_INPUTS,
            messages,
        );
    }

    /// The messages that came back. Recorded only where content of this class is captured.
    pub fn output(&self, messages: &[Message]) {
        self.messages(
            ContentClass::Output,
            gen_ai::OUTPUT_MESSAGES,
            mlflow::SPAN_OUTPUTS,
            messages,
        );
    }

    /// The tools offered. Recorded only where content of this class is captured.
    pub fn tool_definitions(&self, tools: &[ToolDefinition]) {
        self.content(
            ContentClass::ToolDefinitions,
            gen_ai::TOOL_DEFINITIONS,
            || tool_definitions_json(tools),
        );
    }

    /// The context below which the request belongs: inject this one into it.
    pub fn context(&self) -> &Context {
        self.open.context()
    }

    /// Runs `body` below the call; it does not end it.
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.open.scope(body)
    }

    /// Runs a future below the call; it does not end it, so that what it learns can still be said.
    pub fn scope_async<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        self.open.wrap(work)
    }

    /// Runs a future below the call and ends the call with its result.
    ///
    /// # Errors
    ///
    /// Those of the future.
    pub async fn run<T, E: ErrorType>(
        mut self,
        work: impl AsyncFnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let result = self.open.wrap(work(&self)).await;
        self.settle(&self.open.outcome_of(&result));
        result
    }

    /// Hands the call to the stream of its answer, in bytes: it ends with the stream.
    pub fn stream<S, T, E>(self, stream: S) -> LlmStream<S>
    where
        S: Stream<Item = Result<T, E>>,
        T: AsRef<[u8]>,
        E: ErrorType,
    {
        LlmStream::new(self, stream)
    }

    /// Hands the call to the stream of its answer, whatever its items are: it ends with the stream.
    ///
    /// `look` sees each item before it is passed on, says on the call what it tells, and answers
    /// what it is. A failure ends the call.
    ///
    /// ```
    /// # use futures_util::{StreamExt as _, stream};
    /// # use oc_telemetry::agent::{Chunk, LlmCall};
    /// use oc_telemetry::span::Failure;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let answer = stream::iter([Ok::<_, std::fmt::Error>("Hello"), Ok("")]);
    /// let call = LlmCall::chat("vllm", "m").with_stream(true).start();
    /// let mut answer = call.stream_with(answer, |call, item| match item {
    ///     Ok(text) if text.is_empty() => {
    ///         call.finish_reason("stop");
    ///         Chunk::Other
    ///     }
    ///     Ok(_) => Chunk::Content,
    ///     Err(_) => Chunk::Failed(Failure::new("broken_stream", "")),
    /// });
    /// while answer.next().await.is_some() {}
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stream_with<S, F>(self, stream: S, look: F) -> LlmItems<S, F>
    where
        S: Stream,
        F: FnMut(&Self, &S::Item) -> Chunk,
    {
        LlmItems::new(self, stream, look)
    }

    /// Ends the call: the model answered.
    pub fn ok(mut self) {
        self.settle(&Outcome::Ok);
    }

    /// Ends the call as failed.
    pub fn fail(mut self, failure: Failure) {
        self.settle(&Outcome::Failed(failure));
    }

    pub(super) fn failure_of(&self, error: &impl ErrorType) -> Failure {
        self.open.failure_of(error)
    }

    pub(super) fn settle(&mut self, outcome: &Outcome) {
        if !self.open.is_open() {
            return;
        }
        let mut state = std::mem::take(&mut *lock(&self.state));
        state.conclude();
        self.describe(&state);
        self.tell(&mut state);
        self.open.end(outcome);
        self.count(&state, outcome);
        self.count_chunks(&mut state);
    }

    fn describe(&self, state: &State) {
        if !state.finish_reasons.is_empty() {
            let reasons = Value::Array(Array::String(state.finish_reasons.clone()));
            self.open.set(gen_ai::RESPONSE_FINISH_REASONS, reasons);
        }
        if let Some(first) = state.first_chunk {
            let key = gen_ai::RESPONSE_TIME_TO_FIRST_CHUNK;
            self.open.set(key, first.as_secs_f64());
        }
        if let Some(usage) = &state.usage {
            self.open.set_all(usage::attributes(usage));
        }
        let cost = state.cost.filter(|cost| cost.is_valid());
        if let Some(cost) = cost {
            self.open.set(openclaw::COST_USD, cost.usd());
        }
        if let Some(agents) = self.open.agents() {
            if agents.dialects().mlflow {
                self.open.set(
                    mlflow::CHAT_TOKEN_USAGE,
                    state.usage.as_ref().and_then(usage::to_mlflow),
                );
                if let Some(cost) = cost {
                    self.open.set(mlflow::LLM_COST, cost.to_mlflow());
                }
            }
            dialects::numbers(agents, &self.open, state.usage.as_ref(), cost);
        }
    }

    /// The event with the call's content, where events may have content.
    fn tell(&self, state: &mut State) {
        let Some(agents) = self.open.agents() else {
            return;
        };
        let mut attributes = vec![
            KeyValue::new(gen_ai::OPERATION_NAME, self.operation.clone()),
            KeyValue::new(gen_ai::PROVIDER_NAME, self.provider.clone()),
            KeyValue::new(gen_ai::REQUEST_MODEL, self.model.clone()),
        ];
        if let Some(usage) = &state.usage {
            attributes.extend(usage::attributes(usage));
        }
        std::mem::take(&mut state.details).emit(agents, &self.open, attributes);
    }

    fn labels(&self) -> ModelLabels {
        let identity = self.open.identity();
        ModelLabels::new(
            identity.agent_label(),
            self.model.clone(),
            self.provider.clone(),
        )
        .with_identity(&identity)
    }

    fn count_chunks(&self, state: &mut State) {
        let first = state.first_chunk.filter(|_| !state.first_is_counted);
        state.first_is_counted = true;
        let gaps = std::mem::take(&mut state.gaps);
        if let Some(agents) = self.open.agents() {
            let model = state.response_model.clone().unwrap_or_else(|| "".into());
            let labels = self.labels().with_response_model(model);
            let metrics = agents.metrics();
            metrics.chunks(&labels, self.operation.clone(), first, &gaps);
        }
    }

    fn count(&self, state: &State, outcome: &Outcome) {
        let Some(agents) = self.open.agents() else {
            return;
        };
        let metrics = agents.metrics();
        let identity = self.open.identity();
        let labels = self.labels();
        if let Some(usage) = &state.usage {
            // One such count would spoil the sums for as long as the process lives.
            let plausible = |count: &u64| *count <= MOST_TOKENS;
            for (side, count) in [
                (TokenType::Input, usage.input_tokens()),
                (TokenType::Output, usage.output_tokens()),
            ] {
                if plausible(&count) {
                    metrics.tokens(&labels, side, count);
                }
            }
            for (detail, count) in [
                (TokenDetail::CacheRead, usage.cache_read()),
                (TokenDetail::CacheWrite, usage.cache_write()),
                (TokenDetail::Reasoning, usage.reasoning()),
            ] {
                if let Some(count) = count.filter(plausible) {
                    metrics.token_details(&labels, detail, count);
                }
            }
        }
        match state.cost {
            Some(cost) => metrics.cost(
                &labels,
                if cost.is_valid() {
                    cost.usd()
                } else {
                    f64::NAN
                },
            ),
            None if state.usage.is_some() => {
                metrics.unpriced(self.model.clone(), self.provider.clone());
            }
            None => {}
        }
        let error_type = outcome.error_type().map(str::to_owned);
        metrics.operation_ended(
            &labels,
            self.operation.clone(),
            error_type,
            self.open.elapsed(),
        );
        if let Some(error_type) = outcome.error_type() {
            metrics.model_error_of(&identity, self.model.clone(), error_type.to_owned());
        }
        for oddity in &state.odd {
            metrics.odd_response(*oddity);
        }
    }

    fn content(
        &self,
        class: ContentClass,
        key: &'static str,
        json: impl Fn() -> serde_json::Value,
    ) {
        let Some(agents) = self.open.agents() else {
            return;
        };
        if agents.captures_in_events(class) {
            lock(&self.state).details.add(key, json());
        }
        if agents.captures(class) {
            let json = agents.json(json());
            self.open.set_all([KeyValue::new(key, json)]);
        }
    }

    fn messages(
        &self,
        class: ContentClass,
        key: &'static str,
        mlflow: &'static str,
        messages: &[Message],
    ) {
        let Some(agents) = self.open.agents() else {
            return;
        };
        if agents.captures_in_events(class) {
            lock(&self.state).details.add(key, messages_json(messages));
        }
        if !agents.captures(class) {
            return;
        }
        let json = agents.json(messages_json(messages));
        if agents.dialects().mlflow {
            let preview = agents.json(preview_json(messages));
            self.open.set_all([KeyValue::new(mlflow, preview)]);
        }
        if agents.settings().naming == SpanNaming::OpenClaw {
            let legacy = match class {
                ContentClass::Output => gen_ai::COMPLETION,
                _ => gen_ai::PROMPT,
            };
            self.open.set_all([KeyValue::new(legacy, json.clone())]);
        }
        dialects::call_content(agents, &self.open, class, &json);
        self.open.set_all([KeyValue::new(key, json)]);
    }
}

fn is_plausible(usage: &Usage) -> bool {
    [
        usage.known_input_tokens(),
        usage.known_output_tokens(),
        usage.cache_read(),
        usage.cache_write(),
        usage.reasoning(),
    ]
    .into_iter()
    .flatten()
    .all(|count| count <= MOST_TOKENS)
}

impl Drop for LlmCall {
    fn drop(&mut self) {
        if self.open.is_open() {
            let outcome = self.open.abandoned();
            self.settle(&outcome);
        }
    }
}
