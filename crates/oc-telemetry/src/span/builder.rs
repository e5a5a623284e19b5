//! From a name to a started span.

use std::{borrow::Cow, fmt, future::Future};

use opentelemetry::{
    Context, Key, KeyValue,
    trace::{Link, SpanBuilder as SdkSpanBuilder, SpanContext, SpanKind},
};

use super::{
    Span, WithSpan,
    draft::{self, Draft},
};
use crate::{Recorder, value::IntoValue};

/// A span that is about to start. Made by [`span`](super::span).
#[must_use = "a span starts with `start`, `in_scope` or `wrap`"]
pub struct SpanBuilder {
    recorder: Option<Recorder>,
    parent: Option<Context>,
    sdk: SdkSpanBuilder,
}

impl SpanBuilder {
    pub(super) fn new(name: Cow<'static, str>) -> Self {
        Self {
            recorder: None,
            parent: None,
            sdk: SdkSpanBuilder::from_name(name),
        }
    }

    /// What the span stands for. Default: [`SpanKind::Internal`].
    pub fn kind(mut self, kind: SpanKind) -> Self {
        self.sdk.span_kind = Some(kind);
        self
    }

    /// An attribute from the start on, seen by samplers too. A value of `None` adds nothing.
    pub fn attribute(mut self, key: impl Into<Key>, value: impl IntoValue) -> Self {
        draft::push_attribute(&mut self.sdk, key, value);
        self
    }

    /// Attributes from the start on, ready made.
    pub fn attributes(mut self, attributes: impl IntoIterator<Item = KeyValue>) -> Self {
        self.sdk
            .attributes
            .get_or_insert_default()
            .extend(attributes);
        self
    }

    /// The context that the span continues: its span is the parent, and its baggage and recorder go on. Default: the
    /// current context.
    pub fn parent(mut self, parent: Context) -> Self {
        self.parent = Some(parent);
        self
    }

    /// Another span that this one has to do with, though not as its child. An invalid one is left out.
    pub fn link(mut self, to: SpanContext, attributes: Vec<KeyValue>) -> Self {
        if to.is_valid() {
            let links = self.sdk.links.get_or_insert_default();
            links.push(Link::new(to, attributes, 0));
        }
        self
    }

    /// What records the span and all below it. Default: the recorder of the parent context, else the current one, else
    /// the installed one.
    pub fn recorder(mut self, recorder: &Recorder) -> Self {
        self.recorder = Some(recorder.clone());
        self
    }

    /// Starts the span. It is not made the current one: see [`Span::scope`].
    pub fn start(self) -> Span {
        Draft::new(self.recorder, self.parent).start_as(self.sdk)
    }

    /// Runs `body` in the span, which ends with it.
    pub fn in_scope<R>(self, body: impl FnOnce() -> R) -> R {
        self.start().in_scope(body)
    }

    /// Starts the span now and puts it around `future`.
    pub fn wrap<F: Future>(self, future: F) -> WithSpan<F> {
        self.start().wrap(future)
    }
}

impl fmt::Debug for SpanBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanBuilder")
            .field("name", &self.sdk.name)
            .field("kind", &self.sdk.span_kind)
            .finish_non_exhaustive()
    }
}
