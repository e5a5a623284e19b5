use std::sync::LazyLock;

use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TraceId, TraceState};

use crate::traceparent::TraceParent;
use crate::tracestate::TraceStateHeader;

/// W3C Trace Context, level 2: the fields `traceparent` and `tracestate`.
///
/// - A `traceparent` that is malformed, missing or there twice leaves the context as it was, and
///   `tracestate` is not looked at.
/// - A malformed `tracestate` is dropped whole; the `traceparent` counts all the same.
/// - An unchanged `tracestate` is passed on byte for byte, members that the API's type cannot hold
///   included. It lies beside the span context, as a value of the [`Context`].
///
/// ```
/// use std::collections::HashMap;
///
/// use opentelemetry::propagation::TextMapPropagator;
/// use oc_propagate::TraceContextPropagator;
///
/// let propagator = TraceContextPropagator::new();
/// let mut received = HashMap::new();
/// received.insert(
///     "traceparent".to_owned(),
///     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
/// );
/// let cx = propagator.extract(&received);
///
/// let mut sent = HashMap::new();
/// propagator.inject_context(&cx, &mut sent);
/// assert_eq!(sent, received);
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct TraceContextPropagator;

impl TraceContextPropagator {
    /// The propagator, which has no state.
    pub const fn new() -> Self {
        Self
    }
}

impl TextMapPropagator for TraceContextPropagator {
    /// Writes the span context, if it is valid; `tracestate` only if it is not empty.
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        let span = cx.span();
        let span_context = span.span_context();
        let Some(parent) = TraceParent::from_span_context(span_context) else {
            return;
        };
        injector.set(TRACEPARENT, parent.to_string());

        let header = match cx.get::<Received>() {
            Some(received) if received.trace_id == span_context.trace_id() => received
                .header
                .merge(&received.trace_state, span_context.trace_state()),
            _ => TraceStateHeader::from_trace_state(span_context.trace_state()),
        };
        if !header.is_empty() {
            injector.set(TRACESTATE, header.into_string());
        }
    }

    /// The context with the remote span context, or unchanged if there is no usable one.
    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        let Some(parent) = extract_traceparent(extractor) else {
            return cx.clone();
        };
        let header = extractor
            .get_all(TRACESTATE)
            .and_then(|lines| TraceStateHeader::parse(&lines).ok())
            .unwrap_or_default();
        let trace_state = header.to_trace_state();
        let span_context = parent.to_span_context(trace_state.clone());
        let extracted = cx.with_remote_span_context(span_context);
        if header.is_empty() && cx.get::<Received>().is_none() {
            return extracted;
        }
        extracted.with_value(Received {
            header,
            trace_state,
            trace_id: parent.trace_id(),
        })
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(FIELDS.as_slice())
    }
}

/// What a `tracestate` was when it was received, as a value of the context.
#[derive(Debug)]
struct Received {
    header: TraceStateHeader,
    /// What the API's type holds of it: the span context differs from that once it is changed.
    trace_state: TraceState,
    /// A trace that is started anew below the same context has no part in it.
    trace_id: TraceId,
}

fn extract_traceparent(extractor: &dyn Extractor) -> Option<TraceParent> {
    match extractor.get_all(TRACEPARENT)?.as_slice() {
        [line] => TraceParent::parse(line.as_bytes()).ok(),
        _ => None,
    }
}

static FIELDS: LazyLock<[String; 2]> =
    LazyLock::new(|| [TRACEPARENT.to_owned(), TRACESTATE.to_owned()]);

const TRACEPARENT: &str = "traceparent";

const TRACESTATE: &str = "tracestate";
