use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, any_value::Value},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    metrics::v1::{
        AggregationTemporality, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
        ResourceMetrics, ScopeMetrics, Sum, metric::Data, number_data_point,
    },
    resource::v1::Resource,
    trace::v1 as proto,
};

pub(super) fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

fn resource() -> Resource {
    Resource {
        attributes: vec![attribute(
            "service.name",
            Value::StringValue("gateway".into()),
        )],
        ..Resource::default()
    }
}

pub(super) fn trace() -> ExportTraceServiceRequest {
    let span = proto::Span {
        trace_id: (0..16).collect(),
        span_id: (0x10..0x18).collect(),
        parent_span_id: (0x20..0x28).collect(),
        flags: 0x101,
        name: "chat m".into(),
        kind: proto::span::SpanKind::Client.into(),
        start_time_unix_nano: 1_000_000_000,
        end_time_unix_nano: 1_003_000_000,
        attributes: vec![
            attribute("model", Value::StringValue("m".into())),
            attribute("tokens", Value::IntValue(7)),
            attribute(
                "list",
                Value::ArrayValue(ArrayValue {
                    values: vec![AnyValue {
                        value: Some(Value::BoolValue(true)),
                    }],
                }),
            ),
        ],
        events: vec![proto::span::Event {
            name: "first".into(),
            ..Default::default()
        }],
        links: vec![proto::span::Link {
            span_id: vec![0x30; 8],
            ..Default::default()
        }],
        status: Some(proto::Status {
            code: proto::status::StatusCode::Error.into(),
            message: "late".into(),
        }),
        ..Default::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![proto::ResourceSpans {
            resource: Some(resource()),
            scope_spans: vec![proto::ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: "scope".into(),
                    ..Default::default()
                }),
                spans: vec![span],
                ..Default::default()
            }],
            ..Default::default()
        }],
    }
}

pub(super) fn metrics() -> ExportMetricsServiceRequest {
    let cumulative = AggregationTemporality::Cumulative.into();
    let sum = Data::Sum(Sum {
        data_points: vec![NumberDataPoint {
            attributes: vec![attribute("tool", Value::StringValue("t".into()))],
            value: Some(number_data_point::Value::AsInt(3)),
            ..Default::default()
        }],
        aggregation_temporality: cumulative,
        is_monotonic: true,
    });
    let histogram = Data::Histogram(Histogram {
        data_points: vec![HistogramDataPoint {
            count: 2,
            sum: Some(1.5),
            bucket_counts: vec![1, 1],
            explicit_bounds: vec![1.0],
            ..Default::default()
        }],
        aggregation_temporality: cumulative,
    });
    let metric = |name: &str, data| Metric {
        name: name.to_owned(),
        data: Some(data),
        ..Default::default()
    };
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(resource()),
            scope_metrics: vec![ScopeMetrics {
                metrics: vec![metric("calls", sum), metric("seconds", histogram)],
                ..Default::default()
            }],
            ..Default::default()
        }],
    }
}

pub(super) fn logs() -> ExportLogsServiceRequest {
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(resource()),
            scope_logs: vec![ScopeLogs {
                log_records: vec![LogRecord {
                    severity_number: 9,
                    body: Some(AnyValue {
                        value: Some(Value::StringValue("hello".into())),
                    }),
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        }],
    }
}
