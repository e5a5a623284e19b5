use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::HeaderMap;
use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    metrics::v1::metric::Data,
};
use prost::{DecodeError, Message};

use crate::Signal;

/// A request that arrived, whatever it was answered.
#[derive(Clone)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// How it came.
    pub protocol: Protocol,
    /// What it carried; `None` if the path is none of OTLP's.
    pub signal: Option<Signal>,
    /// The path.
    pub path: String,
    /// The headers or gRPC metadata.
    pub headers: HeaderMap,
    /// The number of the connection it came on, from 1 in the order of arrival.
    pub connection: u64,
    /// The size of the body in bytes as it was sent: compressed, with gRPC's framing.
    pub wire_size: usize,
    /// Whether the body was compressed.
    pub compressed: bool,
    /// The body, decompressed and without framing; empty if it could not be read.
    pub body: Bytes,
    /// The number of spans, data points or log records in it.
    pub items: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Why the receiver refused it by itself, if it did: wrong path, type or encoding.
    pub problem: Option<String>,
    decoded: Option<Decoded>,
}

/// The protocols of OTLP that the receiver speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// OTLP/HTTP with protobuf bodies.
    Http,
    /// OTLP/gRPC.
    Grpc,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It hangs: no answer yet.
    Pending,
    /// Its items were taken, whether or not the client was told.
    Accepted,
    /// It was answered with a failure.
    Refused,
    /// It was never answered: the connection was closed, or the client gave up.
    Unanswered,
}

#[derive(Clone)]
enum Decoded {
    Traces(Arc<ExportTraceServiceRequest>),
    Metrics(Arc<ExportMetricsServiceRequest>),
    Logs(Arc<ExportLogsServiceRequest>),
}

impl ReceivedRequest {
    /// The decoded request, if it carried traces.
    pub fn traces(&self) -> Option<&ExportTraceServiceRequest> {
        match &self.decoded {
            Some(Decoded::Traces(request)) => Some(request),
            _ => None,
        }
    }

    /// The decoded request, if it carried metrics.
    pub fn metrics(&self) -> Option<&ExportMetricsServiceRequest> {
        match &self.decoded {
            Some(Decoded::Metrics(request)) => Some(request),
            _ => None,
        }
    }

    /// The decoded request, if it carried logs.
    pub fn logs(&self) -> Option<&ExportLogsServiceRequest> {
        match &self.decoded {
            Some(Decoded::Logs(request)) => Some(request),
            _ => None,
        }
    }

    /// A header's value as text; `None` if it is absent or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(super) fn new(
        protocol: Protocol,
        signal: Option<Signal>,
        connection: u64,
        head: &http::request::Parts,
    ) -> Self {
        Self {
            protocol,
            signal,
            path: head.uri.path().to_owned(),
            headers: head.headers.clone(),
            connection,
            wire_size: 0,
            compressed: false,
            body: Bytes::new(),
            items: 0,
            outcome: Outcome::Refused,
            problem: None,
            decoded: None,
        }
    }

    /// Decodes the body as what the path says it is.
    pub(super) fn decode(&mut self, body: Bytes) -> Result<(), DecodeError> {
        self.body = body;
        let decoded = match self.signal {
            None => return Ok(()),
            Some(Signal::Traces) => Decoded::Traces(Arc::new(Message::decode(self.body.clone())?)),
            Some(Signal::Metrics) => {
                Decoded::Metrics(Arc::new(Message::decode(self.body.clone())?))
            }
            Some(Signal::Logs) => Decoded::Logs(Arc::new(Message::decode(self.body.clone())?)),
        };
        self.items = decoded.items();
        self.decoded = Some(decoded);
        Ok(())
    }
}

impl fmt::Debug for ReceivedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedRequest")
            .field("protocol", &self.protocol)
            .field("path", &self.path)
            .field("connection", &self.connection)
            .field("wire_size", &self.wire_size)
            .field("compressed", &self.compressed)
            .field("items", &self.items)
            .field("outcome", &self.outcome)
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}

impl Decoded {
    fn items(&self) -> u64 {
        let items = match self {
            Self::Traces(request) => request
                .resource_spans
                .iter()
                .flat_map(|group| &group.scope_spans)
                .map(|scope| scope.spans.len())
                .sum::<usize>(),
            Self::Metrics(request) => request
                .resource_metrics
                .iter()
                .flat_map(|group| &group.scope_metrics)
                .flat_map(|scope| &scope.metrics)
                .map(|metric| match &metric.data {
                    None => 0,
                    Some(Data::Gauge(data)) => data.data_points.len(),
                    Some(Data::Sum(data)) => data.data_points.len(),
                    Some(Data::Histogram(data)) => data.data_points.len(),
                    Some(Data::ExponentialHistogram(data)) => data.data_points.len(),
                    Some(Data::Summary(data)) => data.data_points.len(),
                })
                .sum(),
            Self::Logs(request) => request
                .resource_logs
                .iter()
                .flat_map(|group| &group.scope_logs)
                .map(|scope| scope.log_records.len())
                .sum(),
        };
        items as u64
    }
}
