mod split;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use prost::Message;

use crate::{Payload, Signal};

/// Encodes one collection as `ExportMetricsServiceRequest`s of at most `max_bytes` each.
///
/// A collection that is larger is cut between metrics, and a metric with many points between its
/// points; each part carries the resource, scope and metric that its points belong to. Only a
/// payload with a single point may exceed the limit: that point does so alone, and the caller
/// decides whether to send it. The limit holds for the bytes before compression.
///
/// The payloads' items are data points. There is no payload if there are none: an empty request is
/// not sent. All payloads of one call have the same [generation](Payload::generation), above that
/// of every earlier call in the process.
pub fn encode_metrics(metrics: &ResourceMetrics, max_bytes: usize) -> Vec<Payload> {
    let generation = GENERATION.fetch_add(1, Ordering::Relaxed);
    split::split(ExportMetricsServiceRequest::from(metrics), max_bytes)
        .into_iter()
        .map(|(request, points)| {
            Payload::new(Signal::Metrics, request.encode_to_vec().into(), points)
                .with_generation(generation)
        })
        .collect()
}

/// Above zero, the generation of payloads that have none.
static GENERATION: AtomicU64 = AtomicU64::new(1);
