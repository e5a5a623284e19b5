use oc_semconv::{
    gen_ai::{self, ProviderName},
    mlflow, server,
};
use opentelemetry::{Context, KeyValue, trace::SpanKind};

use super::{
    Identity,
    open::{Open, Outcome, internal},
};
use crate::{
    span::{ErrorType, Failure},
    value::IntoValue,
};

/// An agent at work in this process: the span `invoke_agent {name}`.
///
/// Everything below it carries the agent's name. Usage and cost are not repeated here; they stand on
/// the model calls below.
///
/// GenAI conventions, "Invoke agent span", internal.
#[derive(Debug)]
#[must_use = "an agent that is dropped without an outcome counts as cancelled"]
pub struct AgentSpan {
    open: Open,
}

/// Settings of an [`AgentSpan`].
#[derive(Debug)]
#[must_use = "an agent begins with `start()`"]
pub struct AgentSpanBuilder {
    name: String,
    attributes: Vec<KeyValue>,
    kind: SpanKind,
}

impl AgentSpan {
    /// The agent of this name. Take few names: it is a label of metrics.
    #[expect(clippy::new_ret_no_self, reason = "what begins is the builder")]
    pub fn new(name: impl Into<String>) -> AgentSpanBuilder {
        AgentSpanBuilder {
            name: name.into(),
            attributes: Vec::new(),
            kind: SpanKind::Internal,
        }
    }

    /// The context below which the agent's work belongs.
    pub fn context(&self) -> &Context {
        self.open.context()
    }

    /// Runs `body` below the agent; it does not end the agent.
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.open.scope(body)
    }

    /// Runs asynchronous work below the agent and ends the agent with its result.
    ///
    /// # Errors
    ///
    /// Those of the work.
    pub async fn run<T, E: ErrorType>(
        mut self,
        work: impl AsyncFnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let result = self.open.wrap(work(&self)).await;
        self.open.end(&self.open.outcome_of(&result));
        result
    }

    /// Ends the agent's work: it is done.
    pub fn ok(mut self) {
        self.open.end(&Outcome::Ok);
    }

    /// Ends the agent's work as failed.
    pub fn fail(mut self, failure: Failure) {
        self.open.end(&Outcome::Failed(failure));
    }
}

impl Drop for AgentSpan {
    fn drop(&mut self) {
        if self.open.is_open() {
            self.open.end(&self.open.abandoned());
        }
    }
}

impl AgentSpanBuilder {
    /// The id of an agent that is hosted under one; not for objects of this process.
    pub fn with_id(self, id: impl IntoValue) -> Self {
        self.with(gen_ai::AGENT_ID, id)
    }

    /// The agent runs elsewhere, hosted by this provider: the span is a client's.
    ///
    /// GenAI conventions, "Invoke agent span", client.
    pub fn with_remote(mut self, provider: impl Into<ProviderName>) -> Self {
        self.kind = SpanKind::Client;
        self.with(gen_ai::PROVIDER_NAME, provider.into().as_str())
    }

    /// The server of an agent that runs elsewhere, and its port.
    pub fn with_server(self, address: impl IntoValue, port: u16) -> Self {
        self.with(server::ADDRESS, address).with(server::PORT, port)
    }

    /// What the agent is for.
    pub fn with_description(self, text: impl IntoValue) -> Self {
        self.with(gen_ai::AGENT_DESCRIPTION, text)
    }

    /// The agent's version.
    pub fn with_version(self, version: impl IntoValue) -> Self {
        self.with(gen_ai::AGENT_VERSION, version)
    }

    /// The model, of an agent that uses only one.
    pub fn with_model(self, model: impl IntoValue) -> Self {
        self.with(gen_ai::REQUEST_MODEL, model)
    }

    /// The source of data that it works on.
    pub fn with_data_source(self, id: impl IntoValue) -> Self {
        self.with(gen_ai::DATA_SOURCE_ID, id)
    }

    /// Begins the agent's work, below the current span.
    pub fn start(self) -> AgentSpan {
        let parent = crate::context::current();
        let identity = Identity::of(&parent).cloned().unwrap_or_default();
        let identity = identity.with_agent(&self.name);
        let builder = internal(span_name(&self.name))
            .kind(self.kind)
            .attribute(
                gen_ai::OPERATION_NAME,
                gen_ai::OperationName::InvokeAgent.as_str(),
            )
            .attributes(self.attributes);
        let open = Open::start(builder, &parent, Some(identity));
        if open.agents().is_some_and(|agents| agents.dialects().mlflow) {
            open.set(mlflow::SPAN_TYPE, mlflow::SpanType::Agent.as_str());
        }
        super::llm::dialects::kind(&open, super::llm::dialects::Kind::Agent);
        AgentSpan { open }
    }

    fn with(mut self, key: &'static str, value: impl IntoValue) -> Self {
        if let Some(value) = value.into_value() {
            self.attributes.push(KeyValue::new(key, value));
        }
        self
    }
}

/// `invoke_agent {name}`, or the operation alone without a name.
pub(super) fn span_name(agent: &str) -> String {
    let operation = gen_ai::OperationName::InvokeAgent.as_str();
    if agent.is_empty() {
        operation.to_owned()
    } else {
        format!("{operation} {agent}")
    }
}
