use std::{process::Command, time::Duration};

use oc_semconv::{gen_ai, metrics::label, mlflow, openclaw, openclaw::SessionKind};
use opentelemetry::{Context, KeyValue, StringValue};

use super::{
    Identity,
    agent_span::span_name,
    identity::SessionState,
    llm::dialects,
    open::{Open, Outcome, internal},
};
use crate::{
    metrics::ActiveSession,
    propagation,
    span::{ErrorType, Failure},
};

/// An agent that another agent asked: the span `invoke_agent {name}` with the asking agent's name.
///
/// It runs in this process, or as a child process that continues the trace: then
/// [`inject`](Self::inject) hands trace and identity over, and the child puts its spans below
/// [`Telemetry::inherited_context`](crate::Telemetry::inherited_context). It counts as a session of
/// kind `sub_agent`.
#[derive(Debug)]
#[must_use = "a sub-agent that is dropped without an outcome counts as cancelled"]
pub struct SubAgent {
    open: Open,
    active: Option<ActiveSession>,
    name: StringValue,
}

/// Settings of a [`SubAgent`].
#[derive(Debug)]
#[must_use = "a sub-agent begins with `start()`"]
pub struct SubAgentBuilder {
    name: String,
    attributes: Vec<KeyValue>,
}

impl SubAgent {
    /// The sub-agent of this name. Take few names: it is a label of metrics.
    #[expect(clippy::new_ret_no_self, reason = "what begins is the builder")]
    pub fn new(name: impl Into<String>) -> SubAgentBuilder {
        SubAgentBuilder {
            name: name.into(),
            attributes: Vec::new(),
        }
    }

    /// Hands trace and identity to a child process, by its environment.
    pub fn inject(&self, command: &mut Command) {
        if let Some(agents) = self.open.agents() {
            propagation::inject_command(self.open.context(), agents.propagator(), command);
        }
    }

    /// The context below which the sub-agent's work belongs.
    pub fn context(&self) -> &Context {
        self.open.context()
    }

    /// Runs `body` below the sub-agent; it does not end it.
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.open.scope(body)
    }

    /// Runs asynchronous work below the sub-agent and ends it with the result.
    ///
    /// # Errors
    ///
    /// Those of the work.
    pub async fn run<T, E: ErrorType>(
        mut self,
        work: impl AsyncFnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let result = self.open.wrap(work(&self)).await;
        self.settle(&self.open.outcome_of(&result));
        result
    }

    /// Ends the sub-agent's work: it is done.
    pub fn ok(mut self) {
        self.settle(&Outcome::Ok);
    }

    /// Ends the sub-agent's work as failed.
    pub fn fail(mut self, failure: Failure) {
        self.settle(&Outcome::Failed(failure));
    }

    fn settle(&mut self, outcome: &Outcome) {
        let elapsed: Duration = self.open.elapsed();
        if self.open.end(outcome).is_none() {
            return;
        }
        drop(self.active.take());
        if let Some(agents) = self.open.agents() {
            let none = || StringValue::from(label::MODEL_NONE);
            let identity = self.open.identity();
            let model = identity.state().first_model().cloned();
            agents.metrics().session_ended(
                self.name.clone(),
                model.unwrap_or_else(none),
                SessionKind::SubAgent,
                elapsed,
            );
        }
    }
}

impl Drop for SubAgent {
    fn drop(&mut self) {
        if self.open.is_open() {
            let outcome = self.open.abandoned();
            self.settle(&outcome);
        }
    }
}

impl SubAgentBuilder {
    /// What the sub-agent is for.
    pub fn with_description(mut self, text: impl Into<String>) -> Self {
        self.attributes
            .push(KeyValue::new(gen_ai::AGENT_DESCRIPTION, text.into()));
        self
    }

    /// The sub-agent's version.
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.attributes
            .push(KeyValue::new(gen_ai::AGENT_VERSION, version.into()));
        self
    }

    /// The model, of a sub-agent that uses only one.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.attributes
            .push(KeyValue::new(gen_ai::REQUEST_MODEL, model.into()));
        self
    }

    /// Begins the sub-agent's work, below the current span.
    pub fn start(self) -> SubAgent {
        let parent = crate::context::current();
        let asking = Identity::of(&parent).cloned().unwrap_or_default();
        let mut builder = internal(span_name(&self.name))
            .attribute(
                gen_ai::OPERATION_NAME,
                gen_ai::OperationName::InvokeAgent.as_str(),
            )
            .attributes(self.attributes);
        if let Some(asking) = asking.agent() {
            builder = builder.attribute(openclaw::PARENT_AGENT_NAME, asking);
        }
        // A session of its own as far as its first model is concerned.
        let identity = asking
            .with_agent(&self.name)
            .with_state(std::sync::Arc::<SessionState>::default());
        let name = identity.agent_label();
        let open = Open::start(builder, &parent, Some(identity));
        if open.agents().is_some_and(|agents| agents.dialects().mlflow) {
            open.set(mlflow::SPAN_TYPE, mlflow::SpanType::Agent.as_str());
        }
        dialects::kind(&open, dialects::Kind::Agent);
        let active = open
            .agents()
            .map(|agents| agents.metrics().session_started(name.clone()));
        SubAgent { open, active, name }
    }
}
