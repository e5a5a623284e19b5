//! The random flag of W3C Trace Context level 2, which the SDK does not set.
//!
//! It says that the right-most seven bytes of the trace id are random, so that samplers may decide by them. Who starts a
//! trace with a random id sets it, and who continues a trace passes it on (section "Random Trace ID Flag"). The SDK
//! starts every trace without it and clears it where it does not sample.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    Context, KeyValue,
    trace::{Span, SpanContext, SpanId, Status, TraceContextExt, TraceFlags},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{Span as SdkSpan, SpanData, SpanProcessor},
};

/// The flag that says that a trace id is random.
const RANDOM: TraceFlags = TraceFlags::new(0x02);

/// `parent` with `span`, which was started below it, as its span. The span carries the flag if its trace does: one that
/// goes on has the parent's, one that begins here has it if our ids are random.
pub(crate) fn in_context<S>(parent: &Context, span: S, ids_are_random: bool) -> Context
where
    S: Span + Send + Sync + 'static,
{
    let context = span.span_context();
    if has_flag(context) {
        return parent.with_span(span);
    }
    let is_random = {
        let origin = parent.span();
        let origin = origin.span_context();
        if origin.is_valid() {
            has_flag(origin) && origin.trace_id() == context.trace_id()
        } else {
            ids_are_random && context.is_valid()
        }
    };
    if is_random {
        let context = with_flag(context);
        parent.with_span(RandomSpan { span, context })
    } else {
        parent.with_span(span)
    }
}

/// The same context with the flag.
fn with_flag(context: &SpanContext) -> SpanContext {
    SpanContext::new(
        context.trace_id(),
        context.span_id(),
        context.trace_flags() | RANDOM,
        context.is_remote(),
        context.trace_state().clone(),
    )
}

fn has_flag(context: &SpanContext) -> bool {
    context.trace_flags() & RANDOM == RANDOM
}

/// A span with a context that has the flag. The spans below it inherit that, as far as they are sampled.
struct RandomSpan<S> {
    span: S,
    context: SpanContext,
}

impl<S: Span> Span for RandomSpan<S> {
    fn add_event_with_timestamp<T>(
        &mut self,
        name: T,
        timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) where
        T: Into<Cow<'static, str>>,
    {
        self.span
            .add_event_with_timestamp(name, timestamp, attributes);
    }

    fn span_context(&self) -> &SpanContext {
        &self.context
    }

    fn is_recording(&self) -> bool {
        self.span.is_recording()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.span.set_attribute(attribute);
    }

    fn set_status(&mut self, status: Status) {
        self.span.set_status(status);
    }

    fn update_name<T>(&mut self, new_name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        self.span.update_name(new_name);
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        self.span.add_link(span_context, attributes);
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        self.span.end_with_timestamp(timestamp);
    }
}

/// The processor of a provider whose ids are random. What it is handed of the first span of a trace is the SDK's own
/// context, without the flag.
#[derive(Debug)]
pub(crate) struct RandomRoots<P>(pub(crate) P);

impl<P: SpanProcessor> SpanProcessor for RandomRoots<P> {
    fn on_start(&self, span: &mut SdkSpan, cx: &Context) {
        self.0.on_start(span, cx);
    }

    fn on_end(&self, mut span: SpanData) {
        if span.parent_span_id == SpanId::INVALID {
            span.span_context = with_flag(&span.span_context);
        }
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}
