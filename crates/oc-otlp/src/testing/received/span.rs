use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{
        self as proto, span::SpanKind as ProtoKind, status::StatusCode as ProtoStatusCode,
    },
};

use super::{
    ReceivedScope, id,
    value::{AttrValue, Attributes, attributes, duplicate_keys},
};

/// A span that arrived.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReceivedSpan {
    /// The resource's attributes.
    pub resource: Arc<Attributes>,
    /// The instrumentation scope.
    pub scope: Arc<ReceivedScope>,
    /// The trace id, lower-case hex.
    pub trace_id: String,
    /// The span id, lower-case hex.
    pub span_id: String,
    /// The parent's span id, lower-case hex; `None` for a root.
    pub parent_span_id: Option<String>,
    /// The W3C `tracestate`; empty if there is none.
    pub trace_state: String,
    /// The flags: the low eight bits are the W3C trace flags, bits 8 and 9 say whether the parent
    /// is remote.
    pub flags: u32,
    /// The name.
    pub name: String,
    /// The kind; a kind that the sender left out reads as `Internal`.
    pub kind: SpanKind,
    /// When it started.
    pub start: SystemTime,
    /// When it ended.
    pub end: SystemTime,
    /// The attributes.
    pub attributes: Attributes,
    /// Keys that stood more than once among the attributes, which the protocol does not allow.
    pub duplicate_keys: Vec<String>,
    /// How many attributes the sender dropped.
    pub dropped_attributes: u32,
    /// The events, in the order sent.
    pub events: Vec<ReceivedEvent>,
    /// How many events the sender dropped.
    pub dropped_events: u32,
    /// The links, in the order sent.
    pub links: Vec<ReceivedLink>,
    /// How many links the sender dropped.
    pub dropped_links: u32,
    /// The status.
    pub status: Status,
}

/// An event of a span.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReceivedEvent {
    /// When it happened.
    pub time: SystemTime,
    /// The name.
    pub name: String,
    /// The attributes.
    pub attributes: Attributes,
    /// Keys that stood more than once among the attributes, which the protocol does not allow.
    pub duplicate_keys: Vec<String>,
}

/// A link of a span to another.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReceivedLink {
    /// The other's trace id, lower-case hex.
    pub trace_id: String,
    /// The other's span id, lower-case hex.
    pub span_id: String,
    /// The other's `tracestate`; empty if there is none.
    pub trace_state: String,
    /// The flags, as [`ReceivedSpan::flags`].
    pub flags: u32,
    /// The attributes.
    pub attributes: Attributes,
    /// Keys that stood more than once among the attributes, which the protocol does not allow.
    pub duplicate_keys: Vec<String>,
}

impl ReceivedSpan {
    /// All spans of a request, in the order sent.
    pub fn of_request(request: &ExportTraceServiceRequest) -> Vec<Self> {
        let mut spans = Vec::new();
        for group in &request.resource_spans {
            let resource = super::resource(group.resource.as_ref());
            for part in &group.scope_spans {
                let scope = super::scope(part.scope.as_ref(), &part.schema_url);
                spans.extend(
                    part.spans
                        .iter()
                        .map(|span| Self::new(&resource, &scope, span)),
                );
            }
        }
        spans
    }

    /// An attribute of the span.
    pub fn attr(&self, key: &str) -> Option<&AttrValue> {
        self.attributes.get(key)
    }

    /// The resource's `service.name`, if it has one.
    pub fn service(&self) -> Option<&str> {
        self.resource
            .get("service.name")
            .and_then(AttrValue::as_str)
    }

    /// End minus start; zero if the end lies before the start.
    pub fn duration(&self) -> Duration {
        self.end.duration_since(self.start).unwrap_or_default()
    }

    /// Whether the status is an error.
    pub fn is_error(&self) -> bool {
        matches!(self.status, Status::Error { .. })
    }

    fn new(resource: &Arc<Attributes>, scope: &Arc<ReceivedScope>, span: &proto::Span) -> Self {
        Self {
            resource: Arc::clone(resource),
            scope: Arc::clone(scope),
            trace_id: id(&span.trace_id).unwrap_or_default(),
            span_id: id(&span.span_id).unwrap_or_default(),
            parent_span_id: id(&span.parent_span_id),
            trace_state: span.trace_state.clone(),
            flags: span.flags,
            name: span.name.clone(),
            kind: kind(span.kind),
            start: super::time(span.start_time_unix_nano),
            end: super::time(span.end_time_unix_nano),
            attributes: attributes(&span.attributes),
            duplicate_keys: duplicate_keys(&span.attributes),
            dropped_attributes: span.dropped_attributes_count,
            events: span.events.iter().map(ReceivedEvent::new).collect(),
            dropped_events: span.dropped_events_count,
            links: span.links.iter().map(ReceivedLink::new).collect(),
            dropped_links: span.dropped_links_count,
            status: status(span.status.as_ref()),
        }
    }
}

impl ReceivedEvent {
    fn new(event: &proto::span::Event) -> Self {
        Self {
            time: super::time(event.time_unix_nano),
            name: event.name.clone(),
            attributes: attributes(&event.attributes),
            duplicate_keys: duplicate_keys(&event.attributes),
        }
    }
}

impl ReceivedLink {
    fn new(link: &proto::span::Link) -> Self {
        Self {
            trace_id: id(&link.trace_id).unwrap_or_default(),
            span_id: id(&link.span_id).unwrap_or_default(),
            trace_state: link.trace_state.clone(),
            flags: link.flags,
            attributes: attributes(&link.attributes),
            duplicate_keys: duplicate_keys(&link.attributes),
        }
    }
}

fn kind(number: i32) -> SpanKind {
    match ProtoKind::try_from(number) {
        Ok(ProtoKind::Server) => SpanKind::Server,
        Ok(ProtoKind::Client) => SpanKind::Client,
        Ok(ProtoKind::Producer) => SpanKind::Producer,
        Ok(ProtoKind::Consumer) => SpanKind::Consumer,
        Ok(ProtoKind::Internal | ProtoKind::Unspecified) | Err(_) => SpanKind::Internal,
    }
}

fn status(status: Option<&proto::Status>) -> Status {
    match status.map(|status| (ProtoStatusCode::try_from(status.code), &status.message)) {
        Some((Ok(ProtoStatusCode::Ok), _)) => Status::Ok,
        Some((Ok(ProtoStatusCode::Error), message)) => Status::error(message.clone()),
        Some((Ok(ProtoStatusCode::Unset) | Err(_), _)) | None => Status::Unset,
    }
}
