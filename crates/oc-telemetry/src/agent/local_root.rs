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

/// What a turn adds to the local root of its trace, whatever span that is and whoever made it.
///
/// MLflow reads name, previews and state from the root alone, and the root is usually the span of
/// the HTTP server, which knows nothing of turns. A local root registers when it starts; a turn
/// leaves attributes for it; they are added when it ends.
#[derive(Debug, Default)]
pub(crate) struct LocalRoots {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    roots: HashMap<TraceId, Root>,
    order: VecDeque<TraceId>,
}

#[derive(Debug)]
struct Root {
    span: SpanId,
    attributes: Vec<KeyValue>,
    error: Option<Status>,
}

/// Local roots that may be open at once; beyond it the oldest gets nothing added.
const MAX_ROOTS: usize = 10_000;

impl LocalRoots {
    /// A span without a parent in this process has started.
    pub(crate) fn started(&self, span: &SpanContext) {
        let mut open = lock(&self.open);
        let Open { roots, order } = &mut *open;
        let trace = span.trace_id();
        // The first local root of a trace is the one that counts: a second one is below it.
        if roots.contains_key(&trace) {
            return;
        }
        while roots.len() >= MAX_ROOTS
            && let Some(oldest) = order.pop_front()
        {
            roots.remove(&oldest);
        }
        // Traces that have ended are left in the order until there are as many of them as of others.
        if order.len() >= 2 * MAX_ROOTS {
            order.retain(|trace| roots.contains_key(trace));
        }
        roots.insert(
            trace,
            Root {
                span: span.span_id(),
                attributes: Vec::new(),
                error: None,
            },
        );
        order.push_back(trace);
    }

    /// Leaves attributes for the local root of a trace. Later ones of the same key win.
    pub(crate) fn promote(&self, trace: TraceId, attributes: impl IntoIterator<Item = KeyValue>) {
        if let Some(root) = lock(&self.open).roots.get_mut(&trace) {
            for attribute in attributes {
                root.attributes.retain(|other| other.key != attribute.key);
                root.attributes.push(attribute);
            }
        }
    }

    /// The turn failed; the local root says so unless it has a state of its own.
    pub(crate) fn promote_error(&self, trace: TraceId, description: String) {
        if let Some(root) = lock(&self.open).roots.get_mut(&trace) {
            root.error = Some(Status::error(description));
        }
    }

    /// A span without a parent in this process has ended: what was left for it is added.
    pub(crate) fn ended(&self, span: &mut SpanData) {
        let trace = span.span_context.trace_id();
        let mut open = lock(&self.open);
        let is_root = open
            .roots
            .get(&trace)
            .is_some_and(|root| root.span == span.span_context.span_id());
        if !is_root {
            return;
        }
        let root = open.roots.remove(&trace);
        drop(open);
        let Some(root) = root else { return };
        for attribute in root.attributes {
            // What the span says of itself stands.
            if !span.attributes.iter().any(|own| own.key == attribute.key) {
                span.attributes.push(attribute);
            }
        }
        if let (Status::Unset, Some(error)) = (&span.status, root.error) {
            span.status = error;
        }
    }
}
