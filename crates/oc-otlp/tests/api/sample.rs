//! Payloads, and a transport of each protocol to send them with.

use std::{sync::Arc, time::Duration};

use oc_otlp::{
    IoRuntime, Payload, Signal,
    testing::{
        OtlpReceiver,
        opentelemetry_proto::tonic::{
            collector::{
                logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
                trace::v1::ExportTraceServiceRequest,
            },
            logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
            metrics::v1::{
                Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric::Data,
            },
            trace::v1::{ResourceSpans, ScopeSpans, Span},
        },
    },
    transport::{
        Accepted, Endpoint, EndpointError, GrpcTransport, HttpTransport, SendError, Transport,
    },
};
use prost::Message;

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The forms of transport, both of which have to pass every test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Form {
    Http,
    Grpc,
}

impl Form {
    pub(crate) const ALL: [Self; 2] = [Self::Http, Self::Grpc];

    pub(crate) fn endpoint(self, receiver: &OtlpReceiver, signal: Signal) -> Endpoint {
        Endpoint::new(match self {
            Self::Http => receiver.http_url(signal),
            Self::Grpc => receiver.grpc_endpoint(),
        })
    }

    pub(crate) fn transport(self, endpoint: &Endpoint) -> Result<Sender, EndpointError> {
        let transport: Arc<dyn Transport> = match self {
            Self::Http => Arc::new(HttpTransport::new(endpoint)?),
            Self::Grpc => Arc::new(GrpcTransport::new(endpoint)?),
        };
        Ok(Sender {
            transport,
            io: IoRuntime::start("test-io").unwrap(),
        })
    }
}

/// A transport with the thread that it runs on.
pub(crate) struct Sender {
    transport: Arc<dyn Transport>,
    io: IoRuntime,
}

impl Sender {
    pub(crate) fn send(&self, payload: &Payload) -> Result<Accepted, SendError> {
        let transport = Arc::clone(&self.transport);
        let payload = payload.clone();
        self.io
            .wait(PATIENCE, async move { transport.send(&payload).await })
            .expect("an attempt ends by itself")
    }
}

pub(crate) fn payload(signal: Signal) -> Payload {
    let body = match signal {
        Signal::Traces => traces("sent").encode_to_vec(),
        Signal::Metrics => metrics().encode_to_vec(),
        Signal::Logs => logs().encode_to_vec(),
    };
    Payload::new(signal, body.into(), 1)
}

fn traces(name: &str) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            scope_spans: vec![ScopeSpans {
                spans: vec![Span {
                    trace_id: vec![1; 16],
                    span_id: vec![2; 8],
                    name: name.to_owned(),
                    ..Span::default()
                }],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}

fn metrics() -> ExportMetricsServiceRequest {
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            scope_metrics: vec![ScopeMetrics {
                metrics: vec![Metric {
                    name: "sent".to_owned(),
                    data: Some(Data::Gauge(Gauge {
                        data_points: vec![NumberDataPoint::default()],
                    })),
                    ..Metric::default()
                }],
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    }
}

fn logs() -> ExportLogsServiceRequest {
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            scope_logs: vec![ScopeLogs {
                log_records: vec![LogRecord {
                    severity_text: "sent".to_owned(),
                    ..LogRecord::default()
                }],
                ..ScopeLogs::default()
            }],
            ..ResourceLogs::default()
        }],
    }
}
