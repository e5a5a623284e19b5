use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{Metric, metric::Data},
};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use prost::Message;

use crate::{Payload, Signal};

/// Encodes one collection as an `ExportMetricsServiceRequest`.
///
/// The payload's items are data points. `None` if there are none: an empty request is not sent.
pub fn encode_metrics(metrics: &ResourceMetrics) -> Option<Payload> {
    encode_request(&ExportMetricsServiceRequest::from(metrics))
}

fn encode_request(request: &ExportMetricsServiceRequest) -> Option<Payload> {
    let items = data_points(request);
    (items > 0).then(|| Payload::new(Signal::Metrics, request.encode_to_vec().into(), items))
}

fn data_points(request: &ExportMetricsServiceRequest) -> u64 {
    request
        .resource_metrics
        .iter()
        .flat_map(|resource| &resource.scope_metrics)
        .flat_map(|scope| &scope.metrics)
        .map(|metric| points_of(metric) as u64)
        .sum()
}

fn points_of(metric: &Metric) -> usize {
    match &metric.data {
        None => 0,
        Some(Data::Gauge(gauge)) => gauge.data_points.len(),
        Some(Data::Sum(sum)) => sum.data_points.len(),
        Some(Data::Histogram(histogram)) => histogram.data_points.len(),
        Some(Data::ExponentialHistogram(histogram)) => histogram.data_points.len(),
        Some(Data::Summary(summary)) => summary.data_points.len(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use opentelemetry::{KeyValue, metrics::MeterProvider};
    use opentelemetry_sdk::{
        error::OTelSdkResult,
        metrics::{
            Aggregation, Instrument, InstrumentKind, ManualReader, Pipeline, SdkMeterProvider,
            Stream, Temporality, reader::MetricReader,
        },
    };

    use super::*;

    /// A `ManualReader` that the provider and the test share.
    #[derive(Debug, Clone)]
    struct SharedReader(Arc<ManualReader>);

    impl MetricReader for SharedReader {
        fn register_pipeline(&self, pipeline: std::sync::Weak<Pipeline>) {
            self.0.register_pipeline(pipeline);
        }

        fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
            self.0.collect(metrics)
        }

        fn force_flush(&self) -> OTelSdkResult {
            self.0.force_flush()
        }

        fn shutdown_with_timeout(&self, timeout: std::time::Duration) -> OTelSdkResult {
            self.0.shutdown_with_timeout(timeout)
        }

        fn temporality(&self, kind: InstrumentKind) -> Temporality {
            self.0.temporality(kind)
        }
    }

    fn provider() -> (SdkMeterProvider, SharedReader) {
        let reader = SharedReader(Arc::new(ManualReader::builder().build()));
        let exponential = |instrument: &Instrument| {
            let aggregation = Aggregation::Base2ExponentialHistogram {
                max_size: 20,
                max_scale: 5,
                record_min_max: true,
            };
            (instrument.name() == "exponential").then(|| {
                let stream = Stream::builder().with_aggregation(aggregation);
                stream.build().unwrap()
            })
        };
        let provider = SdkMeterProvider::builder()
            .with_reader(reader.clone())
            .with_view(exponential)
            .build();
        (provider, reader)
    }

    /// Points of every kind of instrument are counted, and the bytes decode to what was collected.
    #[test]
    fn every_data_point_is_counted() {
        let (provider, reader) = provider();
        let meter = provider.meter("test");
        let of = |n: i64| [KeyValue::new("series", n)];
        for n in 0..3 {
            meter.u64_counter("counter").build().add(1, &of(n));
        }
        for n in 0..5 {
            meter.i64_gauge("gauge").build().record(-7, &of(n));
        }
        for n in 0..7 {
            meter.f64_histogram("histogram").build().record(0.5, &of(n));
            meter.f64_histogram("histogram").build().record(0.7, &of(n));
        }
        for n in 0..11 {
            let histogram = meter.f64_histogram("exponential").build();
            histogram.record(0.5, &of(n));
        }
        let mut collected = ResourceMetrics::default();
        reader.collect(&mut collected).unwrap();

        let payload = encode_metrics(&collected).unwrap();

        assert_eq!(payload.signal(), Signal::Metrics);
        assert_eq!(payload.items(), 3 + 5 + 7 + 11);
        let decoded = ExportMetricsServiceRequest::decode(payload.body().clone()).unwrap();
        assert_eq!(decoded, ExportMetricsServiceRequest::from(&collected));
    }

    /// No recording, and no instrument at all: nothing to send.
    #[test]
    fn no_data_point_is_no_payload() {
        let (provider, reader) = provider();
        let _unused = provider.meter("test").u64_counter("counter").build();
        let mut collected = ResourceMetrics::default();
        reader.collect(&mut collected).unwrap();

        assert!(encode_metrics(&collected).is_none());
        assert!(encode_metrics(&ResourceMetrics::default()).is_none());
    }
}
