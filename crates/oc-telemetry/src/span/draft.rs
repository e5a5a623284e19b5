//! Whether a span is recorded, and by whom, before anything else about it is worked out.

use std::{borrow::Cow, fmt};

use opentelemetry::{
    Context, Key, KeyValue,
    trace::{SpanBuilder, SpanKind},
};

use super::Span;
use crate::{Recorder, context, value::IntoValue};

/// A span of which it is known whether anybody records it, before anything else about it is worked out.
pub struct Draft {
    recorder: Option<Recorder>,
    parent: Option<Context>,
    sdk: SpanBuilder,
}

impl Draft {
    /// A draft for the given recorder and parent, each `None` where the context decides.
    pub fn new(recorder: Option<Recorder>, parent: Option<Context>) -> Self {
        let (recorder, parent) = match (recorder, parent) {
            // The usual case: one look at the current context answers both.
            (None, None) => context::map_current(|cx| {
                Recorder::of(cx).map(|recorder| (recorder.clone(), cx.clone()))
            })
            .flatten()
            .unzip(),
            (None, Some(parent)) => {
                let recorder = parent.get::<Recorder>().cloned();
                (recorder.or_else(Recorder::current), Some(parent))
            }
            (Some(recorder), parent) => (
                Some(recorder),
                Some(parent.unwrap_or_else(context::current)),
            ),
        };
        Self {
            recorder,
            parent,
            sdk: SpanBuilder::default(),
        }
    }

    /// Whether there is a recorder: if not, name and attributes need not be worked out.
    #[inline]
    pub fn is_on(&self) -> bool {
        self.recorder.is_some()
    }

    /// Sets the name.
    pub fn name(&mut self, name: impl Into<Cow<'static, str>>) {
        self.sdk.name = name.into();
    }

    /// Sets the kind.
    pub fn kind(&mut self, kind: SpanKind) {
        self.sdk.span_kind = Some(kind);
    }

    /// Adds an attribute.
    pub fn attribute(&mut self, key: impl Into<Key>, value: impl IntoValue) {
        push_attribute(&mut self.sdk, key, value);
    }

    /// Starts the span, or makes one that records nothing.
    pub fn start(mut self) -> Span {
        let sdk = std::mem::take(&mut self.sdk);
        self.start_as(sdk)
    }

    /// Starts `sdk` where the draft says.
    pub(super) fn start_as(self, sdk: SpanBuilder) -> Span {
        let started = match (&self.recorder, &self.parent) {
            (Some(recorder), Some(parent)) => recorder.start(sdk, parent),
            _ => None,
        };
        match started {
            Some(context) => Span::started(context),
            None => Span::off(self.parent),
        }
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("name", &self.sdk.name)
            .field("on", &self.is_on())
            .finish_non_exhaustive()
    }
}

/// Adds an attribute unless its value is none.
pub(super) fn push_attribute(sdk: &mut SpanBuilder, key: impl Into<Key>, value: impl IntoValue) {
    if let Some(value) = value.into_value() {
        let attributes = sdk.attributes.get_or_insert_default();
        attributes.push(KeyValue::new(key, value));
    }
}
