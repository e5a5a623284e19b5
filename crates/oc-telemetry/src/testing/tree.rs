use oc_otlp::testing::{AttrValue, ReceivedSpan};
use opentelemetry::trace::Status;

use crate::console::{TreeSpan, short_number};

impl From<&ReceivedSpan> for TreeSpan {
    fn from(span: &ReceivedSpan) -> Self {
        let mut tree_span = Self::new(&span.trace_id, &span.span_id, &span.name);
        tree_span.parent_span_id.clone_from(&span.parent_span_id);
        tree_span.kind = span.kind.clone();
        tree_span.start = span.start;
        tree_span.end = span.end;
        tree_span.attributes = span
            .attributes
            .iter()
            .map(|(key, value)| {
                let text = match value {
                    AttrValue::Double(number) => short_number(*number),
                    other => other.to_string(),
                };
                (key.clone(), text)
            })
            .collect();
        tree_span.error = match &span.status {
            Status::Error { description } => Some(description.to_string()),
            Status::Unset | Status::Ok => None,
        };
        tree_span.service = span.service().map(str::to_owned);
        tree_span
    }
}

#[cfg(test)]
mod tests {
    use oc_otlp::testing::opentelemetry_proto::tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        common::v1::{AnyValue, KeyValue, any_value::Value},
        resource::v1::Resource,
        trace::v1::{ResourceSpans, ScopeSpans, Span, Status as ProtoStatus},
    };

    use super::*;
    use crate::console::{TraceTree, check_whole};

    fn attribute(key: &str, value: Value) -> KeyValue {
        KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue { value: Some(value) }),
            ..KeyValue::default()
        }
    }

    fn of_service(service: &str, span: Span) -> ResourceSpans {
        let name = Value::StringValue(service.to_owned());
        ResourceSpans {
            resource: Some(Resource {
                attributes: vec![attribute("service.name", name)],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                spans: vec![span],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }
    }

    /// Spans of two processes, as they come off the wire, print as one tree.
    #[test]
    fn received_spans_as_a_tree() {
        let root = Span {
            trace_id: vec![0xab; 16],
            span_id: vec![1; 8],
            name: "turn".to_owned(),
            kind: 2,
            start_time_unix_nano: 1_000_000,
            end_time_unix_nano: 3_500_000,
            attributes: vec![attribute("http.response.status_code", Value::IntValue(500))],
            ..Span::default()
        };
        let child = Span {
            parent_span_id: vec![1; 8],
            span_id: vec![2; 8],
            name: "invoke_agent".to_owned(),
            kind: 1,
            status: Some(ProtoStatus {
                code: 2,
                message: "no model".to_owned(),
            }),
            ..root.clone()
        };
        let spans = ReceivedSpan::of_request(&ExportTraceServiceRequest {
            resource_spans: vec![of_service("child", child), of_service("gateway", root)],
        });
        assert_eq!(check_whole(&spans), Ok(()));
        assert_eq!(
            TraceTree::from_spans(&spans)[0].render(),
            "\
trace abababababababababababababababab  2 spans  2.5 ms
turn             SERVER    2.5 ms  http.response.status_code=500
└─ invoke_agent  INTERNAL  2.5 ms  service=child  http.response.status_code=500  ERROR no model
"
        );
    }
}
