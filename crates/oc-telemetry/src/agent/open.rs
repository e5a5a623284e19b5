use std::{
    future::Future,
    thread,
    time::{Duration, Instant},
};

use opentelemetry::{
    Context, KeyValue,
    context::FutureExt as _,
    trace::{SpanContext, SpanKind, Status, TraceContextExt},
};

use super::{Agents, Identity};
use crate::{
    Recorder,
    context::attach,
    span::{ErrorType, Failure, Span, SpanBuilder},
    value::IntoValue,
};

/// The part that all typed spans have in common: a span, its context, and one outcome.
#[derive(Debug)]
pub(super) struct Open {
    span: Option<Span>,
    context: Context,
    agents: Option<Agents>,
    started: Instant,
    made_in_panic: bool,
}

/// How a typed span ended.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Ok,
    Failed(Failure),
}

impl Outcome {
    pub(super) fn error_type(&self) -> Option<&str> {
        match self {
            Self::Ok => None,
            Self::Failed(failure) => Some(failure.error_type()),
        }
    }
}

impl Open {
    /// Starts `builder` below `parent`; everything below the span carries `identity`. The span itself
    /// has it from its start, so that samplers see it, whoever records.
    pub(super) fn start(
        mut builder: SpanBuilder,
        parent: &Context,
        identity: Option<Identity>,
    ) -> Self {
        let agents = Agents::of(parent);
        let parent = match identity {
            Some(identity) => parent.with_value(identity),
            None => parent.clone(),
        };
        let mut below = parent.clone();
        if let Some(identity) = Identity::of(&parent)
            && Recorder::of(&parent).is_some()
        {
            builder = builder.attributes(identity.attributes());
            below = Identity::stated_below(&parent);
        }
        let span = builder.parent(below).start();
        let mut context = span.context();
        if Identity::is_stated(&context) {
            // There is no span after all: the next one has nothing stated.
            context = parent;
        }
        Self {
            context,
            span: Some(span),
            agents,
            started: Instant::now(),
            made_in_panic: thread::panicking(),
        }
    }

    pub(super) fn agents(&self) -> Option<&Agents> {
        self.agents.as_ref()
    }

    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    pub(super) fn span_context(&self) -> SpanContext {
        self.context.span().span_context().clone()
    }

    pub(super) fn identity(&self) -> Identity {
        Identity::of(&self.context).cloned().unwrap_or_default()
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn set(&self, key: &'static str, value: impl IntoValue) {
        if let Some(span) = &self.span {
            span.set_attribute(key, value);
        }
    }

    pub(super) fn set_all(&self, attributes: impl IntoIterator<Item = KeyValue>) {
        if self.span.as_ref().is_some_and(Span::is_recording) {
            self.context.span().set_attributes(attributes);
        }
    }

    pub(super) fn event(&self, name: &'static str, attributes: Vec<KeyValue>) {
        if let Some(span) = &self.span {
            span.add_event(name, attributes);
        }
    }

    pub(super) fn link(&self, to: SpanContext) {
        if let Some(span) = &self.span {
            span.add_link(to, Vec::new());
        }
    }

    pub(super) fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        let _attached = attach(self.context.clone());
        body()
    }

    /// Runs a future below the span; its result is the outcome.
    pub(super) fn wrap<F: Future>(&self, future: F) -> opentelemetry::context::WithContext<F> {
        future.with_context(self.context.clone())
    }

    pub(super) fn is_open(&self) -> bool {
        self.span.is_some()
    }

    /// Ends the span with an outcome; `None` if it has ended.
    pub(super) fn end(&mut self, outcome: &Outcome) -> Option<()> {
        let span = self.span.take()?;
        match outcome {
            Outcome::Ok => self.context.span().set_status(Status::Ok),
            Outcome::Failed(failure) => span.fail(failure.clone()),
        }
        span.end();
        Some(())
    }

    /// The outcome of a body's result.
    pub(super) fn outcome_of<T, E: ErrorType>(&self, result: &Result<T, E>) -> Outcome {
        match result {
            Ok(_) => Outcome::Ok,
            Err(error) => Outcome::Failed(self.failure_of(error)),
        }
    }

    /// An error's type, and what it says where content is captured: errors quote what they choked on.
    pub(super) fn failure_of(&self, error: &impl ErrorType) -> Failure {
        if self.agents.as_ref().is_some_and(Agents::captures_errors) {
            Failure::from_error(error)
        } else {
            Failure::new(error.error_type(), "")
        }
    }

    /// What a span that nobody gave an outcome has come to.
    pub(super) fn abandoned(&self) -> Outcome {
        let what = if thread::panicking() && !self.made_in_panic {
            "panic"
        } else {
            "cancelled"
        };
        Outcome::Failed(Failure::new(what, what))
    }
}

/// A builder for an internal span.
pub(super) fn internal(name: String) -> SpanBuilder {
    crate::span::span(name).kind(SpanKind::Internal)
}
