//! A span that has started, from its start to its end.

use std::{
    borrow::Cow,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use opentelemetry::{
    Context, Key, KeyValue,
    trace::{SpanContext, Status, TraceContextExt},
};

use super::{Failure, WithSpan};
use crate::{
    context::{self, Attached},
    value::IntoValue,
};

/// A started span, which ends when it is dropped or by [`end`](Self::end).
///
/// It is not the current span by itself. [`scope`](Self::scope) makes it that for a while, [`in_scope`](Self::in_scope)
/// and [`wrap`](Self::wrap) for the rest of its life. Where nobody records, all of this does nothing.
///
/// Dropped by a panic that began after its start, it ends as failed with `error.type` `panic`.
#[derive(Debug)]
#[must_use = "the span ends when this is dropped"]
pub struct Span {
    /// The context with this span in it; without a span of ours the one given as parent, if any.
    context: Option<Context>,
    /// Whether there is a span of ours that has not ended.
    open: bool,
    /// A span made in a destructor during unwinding is not failed by that panic.
    made_in_panic: bool,
}

impl Span {
    pub(super) fn started(context: Context) -> Self {
        Self {
            context: Some(context),
            open: true,
            made_in_panic: thread::panicking(),
        }
    }

    pub(super) const fn off(parent: Option<Context>) -> Self {
        Self {
            context: parent,
            open: false,
            made_in_panic: false,
        }
    }

    /// Whether anything set on this span is kept: there is a recorder and the span is sampled.
    pub fn is_recording(&self) -> bool {
        self.open
            && self
                .context
                .as_ref()
                .is_some_and(|cx| cx.span().is_recording())
    }

    /// The span's ids and flags. Invalid where there is no span.
    pub fn span_context(&self) -> SpanContext {
        match &self.context {
            Some(context) => context.span().span_context().clone(),
            None => SpanContext::NONE,
        }
    }

    /// The context that has this span as its current one: to be made the parent of work elsewhere, or to be propagated.
    /// The current context where there is no span.
    pub fn context(&self) -> Context {
        self.context.clone().unwrap_or_else(context::current)
    }

    /// Sets an attribute. A value of `None` sets nothing.
    pub fn set_attribute(&self, key: impl Into<Key>, value: impl IntoValue) {
        if let Some(context) = self.recorded()
            && let Some(value) = value.into_value()
        {
            context.span().set_attribute(KeyValue::new(key, value));
        }
    }

    /// Adds an event with the present time.
    pub fn add_event(&self, name: impl Into<Cow<'static, str>>, attributes: Vec<KeyValue>) {
        if let Some(context) = self.recorded() {
            context.span().add_event(name, attributes);
        }
    }

    /// Links another span that became known after the start. Samplers do not see it.
    pub fn add_link(&self, to: SpanContext, attributes: Vec<KeyValue>) {
        if let Some(context) = self.recorded()
            && to.is_valid()
        {
            context.span().add_link(to, attributes);
        }
    }

    /// Gives the span another name.
    pub fn update_name(&self, name: impl Into<Cow<'static, str>>) {
        if let Some(context) = self.recorded() {
            context.span().update_name(name);
        }
    }

    /// Marks the span as failed: status and `error.type`. It goes on until it ends.
    pub fn fail(&self, failure: Failure) {
        if let Some(context) = self.recorded() {
            let (error_type, description) = failure.into_parts();
            let span = context.span();
            span.set_attribute(KeyValue::new(oc_semconv::error::TYPE, error_type));
            span.set_status(Status::Error { description });
        }
    }

    /// Runs `body` with this span as the current one. The span does not end with it.
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        let _attached = self.attach();
        body()
    }

    /// Runs `body` in the span, which ends with it. What `body` returns is not looked at; see
    /// [`in_scope_with`](Self::in_scope_with).
    pub fn in_scope<R>(self, body: impl FnOnce() -> R) -> R {
        self.in_scope_with(body, |_| None)
    }

    /// Runs `body` in the span, which ends with it; `outcome` says whether what it returned is a failure.
    ///
    /// `outcome` is asked only if the span is recording.
    pub fn in_scope_with<R>(
        self,
        body: impl FnOnce() -> R,
        outcome: impl FnOnce(&R) -> Option<Failure>,
    ) -> R {
        // Locals are dropped in reverse: a panic first restores the context and then ends the span.
        let span = self;
        let result = {
            let _attached = span.attach();
            body()
        };
        span.settle(&result, outcome);
        result
    }

    /// Puts the span around `future`. What the future returns is not looked at; see [`wrap_with`](Self::wrap_with).
    pub fn wrap<F: Future>(self, future: F) -> WithSpan<F> {
        WithSpan::new(self, future, None)
    }

    /// Puts the span around `future`; `outcome` says whether what it returned is a failure.
    ///
    /// `outcome` is asked only if the span is recording.
    pub fn wrap_with<F: Future>(
        self,
        future: F,
        outcome: fn(&F::Output) -> Option<Failure>,
    ) -> WithSpan<F> {
        WithSpan::new(self, future, Some(outcome))
    }

    /// Ends the span now.
    pub fn end(mut self) {
        self.finish();
    }

    /// Makes the span's context the current one, if it has any.
    pub(super) fn attach(&self) -> Option<Attached> {
        self.context.clone().map(context::attach)
    }

    /// Whether the span changes anything around its body.
    pub(super) const fn is_off(&self) -> bool {
        self.context.is_none()
    }

    /// Records what `outcome` makes of `result`.
    pub(super) fn settle<R>(&self, result: &R, outcome: impl FnOnce(&R) -> Option<Failure>) {
        if !self.is_recording() {
            return;
        }
        // Part of this is the error type's own code. Its panic must not become one of the body.
        let outcome = catch_unwind(AssertUnwindSafe(|| outcome(result)));
        if let Ok(Some(failure)) = outcome {
            self.fail(failure);
        }
    }

    /// Ends the span, once.
    pub(super) fn finish(&mut self) {
        if self.open {
            if let Some(context) = &self.context {
                context.span().end();
            }
            self.open = false;
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.open
    }

    /// The context, if it holds an open span of ours. The SDK itself checks whether that records.
    fn recorded(&self) -> Option<&Context> {
        self.context.as_ref().filter(|_| self.open)
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if self.open && !self.made_in_panic && thread::panicking() {
            self.fail(Failure::panic());
        }
        self.finish();
    }
}
