use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
};

use opentelemetry::{
    KeyValue, SpanId, TraceId,
    trace::{SpanContext, Status},
};
use opentelemetry_sdk::trace::SpanData;

use crate::sync::lock;

/// What a turn adds to the local root above it, whatever span that is and whoever made it.
///
/// MLflow reads name, previews and state from the root alone, and the root is usually the span of
/// the HTTP server, which knows nothing of turns. Every span inherits the local root of its parent
/// when it starts; a turn leaves attributes for the root of its own span; they are added when the
/// root ends. One trace may have many local roots at once: each request of a caller is one.
#[derive(Debug, Default)]
pub(crate) struct LocalRoots {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    spans: HashMap<Key, OpenSpan>,
    /// In the order of their start; those that have ended are left in for a while.
    order: VecDeque<Key>,
}

type Key = (TraceId, SpanId);

#[derive(Debug)]
struct OpenSpan {
    root: SpanId,
    /// Whether turns may leave something for it. Only roots are asked.
    takes: bool,
    /// Of a root only, and only once there is something.
    promoted: Option<Box<Promoted>>,
}

#[derive(Debug, Default)]
struct Promoted {
    attributes: Vec<KeyValue>,
    error: Option<Status>,
}

/// Spans that may be open at once; beyond it the oldest is forgotten and gets nothing added.
const MAX_SPANS: usize = 65_536;
/// Spans that have ended are cleared from the order when they are more than the open ones by this.
const SLACK: usize = 1024;

impl LocalRoots {
    /// A span has started. Whether it is a local root: its parent is not among the open spans.
    ///
    /// A parent in another process is not, unless this process called itself. Neither is a span that
    /// somebody else records here.
    pub(crate) fn started(&self, span: &SpanContext, parent: &SpanContext) -> bool {
        let key = key_of(span);
        let mut open = lock(&self.open);
        let Open { spans, order } = &mut *open;
        let inherited = spans.get(&key_of(parent)).map(|parent| parent.root);
        while spans.len() >= MAX_SPANS
            && let Some(oldest) = order.pop_front()
        {
            spans.remove(&oldest);
        }
        if order.len() > 2 * spans.len() + SLACK {
            order.retain(|key| spans.contains_key(key));
        }
        let span = OpenSpan {
            root: inherited.unwrap_or(key.1),
            takes: true,
            promoted: None,
        };
        spans.insert(key, span);
        order.push_back(key);
        inherited.is_none()
    }

    /// Nothing is left for this span: more than one turn may be below it.
    pub(crate) fn takes_nothing(&self, span: &SpanContext) {
        if let Some(span) = lock(&self.open).spans.get_mut(&key_of(span)) {
            span.takes = false;
        }
    }

    /// Leaves attributes for the local root of an open span. Later ones of the same key win.
    pub(crate) fn promote(
        &self,
        span: &SpanContext,
        attributes: impl IntoIterator<Item = KeyValue>,
    ) {
        self.change(span, |promoted| {
            for attribute in attributes {
                let mut known = promoted.attributes.iter_mut();
                match known.find(|known| known.key == attribute.key) {
                    Some(known) => *known = attribute,
                    None => promoted.attributes.push(attribute),
                }
            }
        });
    }

    /// The turn failed; the local root of its span says so unless it has a state of its own.
    pub(crate) fn promote_error(&self, span: &SpanContext, description: String) {
        self.change(span, |promoted| {
            promoted.error = Some(Status::error(description));
        });
    }

    /// A span has ended: what was left for it is added.
    pub(crate) fn ended(&self, span: &mut SpanData) {
        let ended = lock(&self.open).spans.remove(&key_of(&span.span_context));
        let Some(promoted) = ended.and_then(|ended| ended.promoted) else {
            return;
        };
        for attribute in promoted.attributes {
            // What the span says of itself stands.
            if !span.attributes.iter().any(|own| own.key == attribute.key) {
                span.attributes.push(attribute);
            }
        }
        if let (Status::Unset, Some(error)) = (&span.status, promoted.error) {
            span.status = error;
        }
    }

    fn change(&self, span: &SpanContext, change: impl FnOnce(&mut Promoted)) {
        let mut open = lock(&self.open);
        let Some(root) = open.spans.get(&key_of(span)).map(|span| span.root) else {
            return;
        };
        if let Some(root) = open.spans.get_mut(&(span.trace_id(), root))
            && root.takes
        {
            change(root.promoted.get_or_insert_default());
        }
    }
}

fn key_of(span: &SpanContext) -> Key {
    (span.trace_id(), span.span_id())
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{TraceFlags, TraceState};

    use super::*;

    fn context(span: u64) -> SpanContext {
        let (trace, span) = (TraceId::from(1), SpanId::from(span));
        let flags = TraceFlags::SAMPLED;
        SpanContext::new(trace, span, flags, false, TraceState::default())
    }

    /// However many spans are left open, only so many are kept, the latest ones; those that end leave
    /// nothing behind.
    #[test]
    fn memory_is_bounded() {
        let roots = LocalRoots::default();
        for span in 1..=MAX_SPANS as u64 + 1 {
            assert!(roots.started(&context(span), &SpanContext::NONE));
        }
        assert_eq!(lock(&roots.open).spans.len(), MAX_SPANS);
        assert_eq!(lock(&roots.open).order.len(), MAX_SPANS);
        let last = context(MAX_SPANS as u64 + 1);
        assert!(!roots.started(&context(MAX_SPANS as u64 + 2), &last));
        assert!(roots.started(&context(MAX_SPANS as u64 + 3), &context(1)));

        let roots = LocalRoots::default();
        for span in 1..=10 * SLACK as u64 {
            roots.started(&context(span), &SpanContext::NONE);
            let mut ended = crate::pipeline::test_span::test_span(span, "work", 0);
            ended.span_context = context(span);
            roots.ended(&mut ended);
        }
        assert!(lock(&roots.open).spans.is_empty());
        assert!(lock(&roots.open).order.len() <= SLACK + 1);
    }
}
