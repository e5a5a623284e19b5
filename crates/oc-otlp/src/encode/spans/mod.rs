mod group;
#[cfg(test)]
mod tests;

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use opentelemetry::trace::{Event, Link, SpanId, SpanKind, Status};
use opentelemetry_sdk::{Resource, trace::SpanData};

use super::{
    value::{write_attribute, write_attributes, write_scope},
    wire::Writer,
};
use crate::{Payload, Signal};

/// Encodes spans as an `ExportTraceServiceRequest`.
///
/// The request holds one `ResourceSpans`, and in it one `ScopeSpans` for each instrumentation scope
/// in the order in which the scopes first appear. The resource is encoded once, by
/// [`SpanEncoder::new`].
#[derive(Debug, Clone)]
pub struct SpanEncoder {
    /// The field `resource` of `ResourceSpans`.
    resource: Bytes,
    /// The field `schema_url` of `ResourceSpans`; nothing if there is none.
    schema_url: Bytes,
}

impl SpanEncoder {
    /// An encoder for the spans of `resource`.
    pub fn new(resource: &Resource) -> Self {
        let mut w = Writer::with_capacity(0);
        w.message(resource_spans::RESOURCE, RESOURCE_LEN, |w| {
            for (key, value) in resource {
                write_attribute(w, resource::ATTRIBUTES, key, value);
            }
        });
        let mut schema_url = Writer::with_capacity(0);
        schema_url.string(
            resource_spans::SCHEMA_URL,
            resource.schema_url().unwrap_or_default(),
        );
        Self {
            resource: w.into_vec().into(),
            schema_url: schema_url.into_vec().into(),
        }
    }

    /// Encodes `spans`, however many; see [`encode_bounded`](super::encode_bounded) for a limit.
    ///
    /// Times before 1970 become 0, which OTLP reads as unknown, and times after 2554 the largest
    /// value.
    pub fn encode(&self, spans: &[SpanData]) -> Payload {
        let expected = self.resource.len() + spans.len().saturating_mul(SPAN_LEN);
        let mut w = Writer::with_capacity(expected + self.schema_url.len());
        w.message(request::RESOURCE_SPANS, expected, |w| {
            w.encoded(&self.resource);
            for group in group::by_scope(spans) {
                write_scope_spans(w, &group);
            }
            w.encoded(&self.schema_url);
        });
        let mut body = w.into_vec();
        // A payload may wait in a queue for long: don't let it hold much more than it needs.
        if body.capacity() - body.len() > body.len() / 4 {
            body.shrink_to_fit();
        }
        Payload::new(Signal::Traces, body.into(), spans.len() as u64)
    }
}

fn write_scope_spans(w: &mut Writer, group: &group::ScopeGroup<'_>) {
    let expected = group.spans.len().saturating_mul(SPAN_LEN);
    w.message(resource_spans::SCOPE_SPANS, expected, |w| {
        w.message(scope_spans::SCOPE, SCOPE_LEN, |w| {
            write_scope(w, group.scope);
        });
        for span in &group.spans {
            w.message(scope_spans::SPANS, SPAN_LEN, |w| write_span(w, span));
        }
        let schema_url = group.scope.schema_url().unwrap_or_default();
        w.string(scope_spans::SCHEMA_URL, schema_url);
    });
}

fn write_span(w: &mut Writer, source: &SpanData) {
    let context = &source.span_context;
    w.bytes(span::TRACE_ID, &context.trace_id().to_bytes());
    w.bytes(span::SPAN_ID, &context.span_id().to_bytes());
    w.string(span::TRACE_STATE, &context.trace_state().header());
    if source.parent_span_id != SpanId::INVALID {
        w.bytes(span::PARENT_SPAN_ID, &source.parent_span_id.to_bytes());
    }
    w.string(span::NAME, &source.name);
    w.uint(span::KIND, kind(&source.span_kind));
    w.fixed64(span::START_TIME, unix_nanos(source.start_time));
    w.fixed64(span::END_TIME, unix_nanos(source.end_time));
    write_attributes(w, span::ATTRIBUTES, &source.attributes);
    w.uint(span::DROPPED_ATTRIBUTES, source.dropped_attributes_count);
    for event in &source.events.events {
        w.message(span::EVENTS, SMALL_PART_LEN, |w| write_event(w, event));
    }
    w.uint(span::DROPPED_EVENTS, source.events.dropped_count);
    for link in &source.links.links {
        w.message(span::LINKS, SMALL_PART_LEN, |w| write_link(w, link));
    }
    w.uint(span::DROPPED_LINKS, source.links.dropped_count);
    w.message(span::STATUS, 0, |w| write_status(w, &source.status));
    let trace_flags = context.trace_flags().to_u8();
    w.fixed32(
        span::FLAGS,
        flags(trace_flags, source.parent_span_is_remote),
    );
}

fn write_event(w: &mut Writer, source: &Event) {
    w.fixed64(event::TIME, unix_nanos(source.timestamp));
    w.string(event::NAME, &source.name);
    write_attributes(w, event::ATTRIBUTES, &source.attributes);
    w.uint(event::DROPPED_ATTRIBUTES, source.dropped_attributes_count);
}

fn write_link(w: &mut Writer, source: &Link) {
    let context = &source.span_context;
    w.bytes(link::TRACE_ID, &context.trace_id().to_bytes());
    w.bytes(link::SPAN_ID, &context.span_id().to_bytes());
    w.string(link::TRACE_STATE, &context.trace_state().header());
    write_attributes(w, link::ATTRIBUTES, &source.attributes);
    w.uint(link::DROPPED_ATTRIBUTES, source.dropped_attributes_count);
    let trace_flags = context.trace_flags().to_u8();
    w.fixed32(link::FLAGS, flags(trace_flags, context.is_remote()));
}

fn write_status(w: &mut Writer, source: &Status) {
    match source {
        Status::Unset => {}
        Status::Ok => w.uint(status::CODE, 1),
        Status::Error { description } => {
            w.string(status::MESSAGE, description);
            w.uint(status::CODE, 2);
        }
    }
}

const fn kind(kind: &SpanKind) -> u32 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

/// The W3C flags in the low byte, and whether the parent, or the linked span, is remote.
///
/// `SpanFlags` of trace.proto. The SDK always knows whether the context is remote, so the bit that
/// says so is always set.
fn flags(trace_flags: u8, is_remote: bool) -> u32 {
    const HAS_IS_REMOTE: u32 = 0x100;
    const IS_REMOTE: u32 = 0x200;

    let remote = if is_remote { IS_REMOTE } else { 0 };
    u32::from(trace_flags) | HAS_IS_REMOTE | remote
}

fn unix_nanos(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since_epoch
        .as_secs()
        .saturating_mul(1_000_000_000)
        .saturating_add(u64::from(since_epoch.subsec_nanos()))
}

// Guesses at lengths, in bytes. They decide how much room is left for a length, never what is
// written.
const RESOURCE_LEN: usize = 256;
const SCOPE_LEN: usize = 32;
const SPAN_LEN: usize = 384;
const SMALL_PART_LEN: usize = 64;

// Field numbers of opentelemetry.proto.collector.trace.v1, .trace.v1 and .resource.v1. Fields are
// written in the order of their numbers.

mod request {
    pub(super) const RESOURCE_SPANS: u32 = 1;
}

mod resource_spans {
    pub(super) const RESOURCE: u32 = 1;
    pub(super) const SCOPE_SPANS: u32 = 2;
    pub(super) const SCHEMA_URL: u32 = 3;
}

mod resource {
    pub(super) const ATTRIBUTES: u32 = 1;
}

mod scope_spans {
    pub(super) const SCOPE: u32 = 1;
    pub(super) const SPANS: u32 = 2;
    pub(super) const SCHEMA_URL: u32 = 3;
}

mod span {
    pub(super) const TRACE_ID: u32 = 1;
    pub(super) const SPAN_ID: u32 = 2;
    pub(super) const TRACE_STATE: u32 = 3;
    pub(super) const PARENT_SPAN_ID: u32 = 4;
    pub(super) const NAME: u32 = 5;
    pub(super) const KIND: u32 = 6;
    pub(super) const START_TIME: u32 = 7;
    pub(super) const END_TIME: u32 = 8;
    pub(super) const ATTRIBUTES: u32 = 9;
    pub(super) const DROPPED_ATTRIBUTES: u32 = 10;
    pub(super) const EVENTS: u32 = 11;
    pub(super) const DROPPED_EVENTS: u32 = 12;
    pub(super) const LINKS: u32 = 13;
    pub(super) const DROPPED_LINKS: u32 = 14;
    pub(super) const STATUS: u32 = 15;
    pub(super) const FLAGS: u32 = 16;
}

mod event {
    pub(super) const TIME: u32 = 1;
    pub(super) const NAME: u32 = 2;
    pub(super) const ATTRIBUTES: u32 = 3;
    pub(super) const DROPPED_ATTRIBUTES: u32 = 4;
}

mod link {
    pub(super) const TRACE_ID: u32 = 1;
    pub(super) const SPAN_ID: u32 = 2;
    pub(super) const TRACE_STATE: u32 = 3;
    pub(super) const ATTRIBUTES: u32 = 4;
    pub(super) const DROPPED_ATTRIBUTES: u32 = 5;
    pub(super) const FLAGS: u32 = 6;
}

mod status {
    pub(super) const MESSAGE: u32 = 2;
    pub(super) const CODE: u32 = 3;
}
