use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use oc_otlp::{
    Delivery, DestinationId, DropReason, Ledger,
    encode::{Bounded, DEFAULT_MAX_PAYLOAD_BYTES, SpanEncoder, encode_bounded},
};
use oc_semconv::{gen_ai, mlflow, openclaw, session, user};
use opentelemetry::{
    Context, KeyValue, Value,
    trace::{Link, SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::SpanData;

use super::limits::cut;
use crate::{agent::Identity, diagnostics::emit, sync::lock};

/// Hands MLflow its view of the spans.
///
/// It differs from what other destinations get:
///
/// * Spans of sessions are left out. They count as never created for this destination
///   ([`Ledger::skipped`]).
/// * MLflow reads name, previews and state of a trace from the span without a parent. A span below a
///   parent that MLflow will never see, in another process or recorded by somebody else, has no
///   parent here, and a link to it instead. Below a parent process of ours it keeps its parent.
/// * A span without a type is a `CHAIN`: MLflow shows no type as an unknown one.
/// * Session and user are cut to 250 characters: one longer value fails the whole request.
/// * A request holds at most so many spans, because it is taken or refused as a whole.
#[derive(Debug)]
pub(crate) struct MlflowSpans {
    pub(crate) delivery: Delivery,
    pub(crate) id: DestinationId,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) view: MlflowView,
    /// At least one.
    pub(crate) batch_size: usize,
}

impl MlflowSpans {
    /// Takes spans that the ledger has as handed over.
    pub(crate) fn submit(&self, mut spans: Vec<SpanData>, encoder: &SpanEncoder) {
        let handed_over = spans.len();
        spans.retain_mut(|span| self.view.apply(span));
        let skipped = handed_over - spans.len();
        self.ledger.skipped(self.id, skipped as u64);
        for batch in spans.chunks(self.batch_size.max(1)) {
            let parts = encode_bounded(batch, DEFAULT_MAX_PAYLOAD_BYTES, |spans| {
                Ok::<_, std::convert::Infallible>(Some(encoder.encode(spans)))
            });
            for part in parts {
                let (items, is_sent) = (part.items(), super::is_sent(&part));
                match part {
                    Bounded::Fits(payload) | Bounded::TooLarge(payload) if is_sent => {
                        self.delivery.submit(payload);
                    }
                    _ => {
                        let reason = DropReason::TooLarge;
                        self.ledger.dropped_queued(self.id, items, reason);
                    }
                }
            }
        }
    }
}

/// What MLflow gets to see of a span.
#[derive(Debug)]
pub(crate) struct MlflowView {
    /// Which spans began the part of a trace that is recorded here.
    pub(crate) entries: Arc<Entries>,
    /// The span of a parent process of ours.
    pub(crate) inherited: Option<SpanContext>,
    /// Whether turns lie below the span of their session, which then is the root of their trace.
    pub(crate) keeps_sessions: bool,
}

impl MlflowView {
    /// `inherited` is what the parent process handed over. If that is one of ours it named who it
    /// works for.
    pub(crate) fn new(inherited: &Context, keeps_sessions: bool) -> Self {
        let parent = inherited.span().span_context().clone();
        let is_ours = parent.is_valid() && Identity::of(inherited).is_some();
        Self {
            entries: Arc::default(),
            inherited: is_ours.then_some(parent),
            keeps_sessions,
        }
    }

    /// Changes the span to what MLflow gets; `false` if it gets nothing.
    fn apply(&self, span: &mut SpanData) -> bool {
        if span.name == oc_semconv::span::SESSION && !self.keeps_sessions {
            return false;
        }
        if self.entries.is_first(span) && !self.is_ours(span) {
            detach(span);
        }
        for attribute in &mut span.attributes {
            if let Value::String(text) = &mut attribute.value
                && IDENTITY.contains(&attribute.key.as_str())
                && let Some(short) = cut(text.as_str(), MAX_CHARS)
            {
                *text = short.to_owned().into();
            }
        }
        if !has(span, mlflow::SPAN_TYPE) {
            let chain = mlflow::SpanType::Chain.as_str();
            span.attributes
                .push(KeyValue::new(mlflow::SPAN_TYPE, chain));
        }
        if span.parent_span_id == SpanId::INVALID {
            tell(span);
        }
        true
    }

    /// Whether MLflow gets the remote parent, too: from a parent process, or from whoever asked this
    /// sub-agent.
    fn is_ours(&self, span: &SpanData) -> bool {
        if !span.parent_span_is_remote {
            return false;
        }
        let trace = span.span_context.trace_id();
        let is_inherited = self.inherited.as_ref().is_some_and(|parent| {
            parent.trace_id() == trace && parent.span_id() == span.parent_span_id
        });
        is_inherited || get(span, openclaw::PARENT_AGENT_NAME).is_some()
    }
}

/// The span gets a link in place of its parent.
fn detach(span: &mut SpanData) {
    let parent = SpanContext::new(
        span.span_context.trace_id(),
        span.parent_span_id,
        TraceFlags::SAMPLED,
        span.parent_span_is_remote,
        TraceState::default(),
    );
    span.links.links.push(Link::with_context(parent));
    span.parent_span_id = SpanId::INVALID;
    span.parent_span_is_remote = false;
}

/// What whoever checks an installation looks for.
fn tell(span: &SpanData) {
    emit(|| {
        tracing::debug!(
            target: "oc_telemetry",
            trace_id = format_args!("tr-{:032x}", span.span_context.trace_id()),
            session = get(span, session::ID), user = get(span, user::ID),
            "trace goes to MLflow"
        );
    });
}

fn has(span: &SpanData, key: &str) -> bool {
    let mut attributes = span.attributes.iter();
    attributes.any(|attribute| attribute.key.as_str() == key)
}

fn get<'a>(span: &'a SpanData, key: &str) -> Option<&'a str> {
    let mut attributes = span.attributes.iter();
    let attribute = attributes.find(|attribute| attribute.key.as_str() == key)?;
    match &attribute.value {
        Value::String(text) => Some(text.as_str()),
        _ => None,
    }
}

/// The spans with which traces entered what is recorded here.
///
/// A span whose parent is not open here may be such an entry, or lie below a span that was recorded
/// here and has ended. They are told apart by who was there first: bounded, the oldest traces are
/// forgotten.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    first: HashMap<TraceId, Entry>,
    order: VecDeque<TraceId>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    span: SpanId,
    parent: SpanId,
}

impl Entries {
    /// A span has started that is a local root; `parent` is invalid or not open here.
    pub(crate) fn started(&self, span: &SpanContext, parent: &SpanContext) {
        let mut known = lock(&self.known);
        let Known { first, order } = &mut *known;
        if first.contains_key(&span.trace_id()) {
            return;
        }
        if order.len() >= MAX_TRACES
            && let Some(oldest) = order.pop_front()
        {
            first.remove(&oldest);
        }
        let entry = Entry {
            span: span.span_id(),
            parent: parent.span_id(),
        };
        first.insert(span.trace_id(), entry);
        order.push_back(span.trace_id());
    }

    /// Whether its trace entered with this span, or with one below the same parent. Of a trace that
    /// is not known it did if the parent is remote.
    fn is_first(&self, span: &SpanData) -> bool {
        if span.parent_span_id == SpanId::INVALID {
            return false;
        }
        let trace = span.span_context.trace_id();
        match lock(&self.known).first.get(&trace) {
            Some(entry) => {
                entry.span == span.span_context.span_id() || entry.parent == span.parent_span_id
            }
            None => span.parent_span_is_remote,
        }
    }
}

/// What names session and user; MLflow takes the conversation for the session.
const IDENTITY: [&str; 3] = [session::ID, gen_ai::CONVERSATION_ID, user::ID];
/// The longest metadata value that MLflow's tables hold for a session.
const MAX_CHARS: usize = 250;
/// Traces that are remembered: more than are open at once.
const MAX_TRACES: usize = 10_000;

#[cfg(test)]
mod tests;
