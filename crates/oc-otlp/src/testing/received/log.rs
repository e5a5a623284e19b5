use std::{sync::Arc, time::SystemTime};

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest, logs::v1 as proto,
};

use super::{
    ReceivedScope, id,
    value::{AttrValue, Attributes, attributes, duplicate_keys},
};

/// A log record that arrived.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReceivedLog {
    /// The resource's attributes.
    pub resource: Arc<Attributes>,
    /// The instrumentation scope.
    pub scope: Arc<ReceivedScope>,
    /// When it happened; `None` if the sender left it out.
    pub time: Option<SystemTime>,
    /// When it was seen; `None` if the sender left it out.
    pub observed_time: Option<SystemTime>,
    /// The severity number of the data model: 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20
    /// error, 21–24 fatal; 0 if there is none.
    pub severity_number: i32,
    /// The severity as the source wrote it; empty if there is none.
    pub severity_text: String,
    /// The body; `AttrValue::Empty` if there is none.
    pub body: AttrValue,
    /// The attributes.
    pub attributes: Attributes,
    /// Keys that stood more than once among the attributes, which the protocol does not allow.
    pub duplicate_keys: Vec<String>,
    /// How many attributes the sender dropped.
    pub dropped_attributes: u32,
    /// The trace id, lower-case hex; `None` outside a span.
    pub trace_id: Option<String>,
    /// The span id, lower-case hex; `None` outside a span.
    pub span_id: Option<String>,
    /// The flags: the low eight bits are the W3C trace flags.
    pub flags: u32,
    /// The event's name; empty for a plain record.
    pub event_name: String,
}

impl ReceivedLog {
    /// All records of a request, in the order sent.
    pub fn of_request(request: &ExportLogsServiceRequest) -> Vec<Self> {
        let mut logs = Vec::new();
        for group in &request.resource_logs {
            let resource = super::resource(group.resource.as_ref());
            for part in &group.scope_logs {
                let scope = super::scope(part.scope.as_ref(), &part.schema_url);
                logs.extend(
                    part.log_records
                        .iter()
                        .map(|record| Self::new(&resource, &scope, record)),
                );
            }
        }
        logs
    }

    /// An attribute of the record.
    pub fn attr(&self, key: &str) -> Option<&AttrValue> {
        self.attributes.get(key)
    }

    fn new(
        resource: &Arc<Attributes>,
        scope: &Arc<ReceivedScope>,
        record: &proto::LogRecord,
    ) -> Self {
        Self {
            resource: Arc::clone(resource),
            scope: Arc::clone(scope),
            time: super::optional_time(record.time_unix_nano),
            observed_time: super::optional_time(record.observed_time_unix_nano),
            severity_number: record.severity_number,
            severity_text: record.severity_text.clone(),
            body: record
                .body
                .as_ref()
                .map_or(AttrValue::Empty, AttrValue::from),
            attributes: attributes(&record.attributes),
            duplicate_keys: duplicate_keys(&record.attributes),
            dropped_attributes: record.dropped_attributes_count,
            trace_id: id(&record.trace_id),
            span_id: id(&record.span_id),
            flags: record.flags,
            event_name: record.event_name.clone(),
        }
    }
}
