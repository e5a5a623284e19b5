use std::sync::Arc;

use opentelemetry::{KeyValue, metrics::MeterProvider};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{
        Aggregation, Instrument, InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Stream,
        Temporality, reader::MetricReader,
    },
};

use opentelemetry_proto::tonic::metrics::v1::metric::Data;

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

    let payloads = encode_metrics(&collected, usize::MAX);
    assert_eq!(payloads.len(), 1);
    let payload = &payloads[0];

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

    assert!(encode_metrics(&collected, 0).is_empty());
    assert!(encode_metrics(&ResourceMetrics::default(), 0).is_empty());
}

/// A collection above the limit is cut, also inside one metric; payloads keep to the limit and hold
/// together what was collected, each point once and in order.
#[test]
fn a_large_collection_is_cut() {
    let (provider, reader) = provider();
    for scope in ["one", "two"] {
        let meter = provider.meter(scope);
        for name in ["a", "b", "c"] {
            let counter = meter.u64_counter(name).with_description("counts").build();
            let histogram = meter.f64_histogram(format!("{name}.h")).build();
            for n in 0..300 {
                counter.add(1, &[KeyValue::new("series", n)]);
                histogram.record(0.5, &[KeyValue::new("series", n)]);
            }
        }
    }
    let mut collected = ResourceMetrics::default();
    reader.collect(&mut collected).unwrap();
    let whole = ExportMetricsServiceRequest::from(&collected);

    for max_bytes in [0, 500, 4_000, 50_000, whole.encoded_len()] {
        let payloads = encode_metrics(&collected, max_bytes);

        let items: u64 = payloads.iter().map(Payload::items).sum();
        assert_eq!(items, 2 * 3 * 2 * 300);
        let mut series = Vec::new();
        for payload in &payloads {
            let size = payload.body().len();
            assert!(size <= max_bytes || payload.items() == 1, "{size} bytes");
            assert_eq!(payload.generation(), payloads[0].generation());
            let request = ExportMetricsServiceRequest::decode(payload.body().clone()).unwrap();
            let before = series.len();
            flatten(&request, &mut series);
            assert_eq!((series.len() - before) as u64, payload.items());
        }
        let mut expected = Vec::new();
        flatten(&whole, &mut expected);
        assert_eq!(series, expected);
        let least = whole.encoded_len().div_ceil(max_bytes.max(1)).min(3600);
        assert!(payloads.len() >= least, "limit {max_bytes}");
        assert!(payloads.len() <= 2 * least, "limit {max_bytes}");
    }
}

/// Each collection is of a newer generation than the one before, and than payloads of none.
#[test]
fn generations_count_up() {
    let (provider, reader) = provider();
    provider.meter("m").u64_counter("c").build().add(1, &[]);
    let mut collected = ResourceMetrics::default();
    reader.collect(&mut collected).unwrap();
    let generation = || encode_metrics(&collected, usize::MAX)[0].generation();
    let (first, second) = (generation(), generation());
    assert!(0 < first && first < second, "{first}, {second}");
}

/// Every point as text, with everything that stands around it.
fn flatten(request: &ExportMetricsServiceRequest, series: &mut Vec<String>) {
    for resource in &request.resource_metrics {
        for scope in &resource.scope_metrics {
            for metric in &scope.metrics {
                let mut add = |around: &dyn std::fmt::Debug, point: &dyn std::fmt::Debug| {
                    series.push(format!(
                        "{:?} {} {:?} {} {} {} {} {around:?} {point:?}",
                        resource.resource,
                        resource.schema_url,
                        scope.scope,
                        scope.schema_url,
                        metric.name,
                        metric.description,
                        metric.unit
                    ));
                };
                match metric.data.as_ref().unwrap() {
                    Data::Sum(sum) => {
                        let around = (sum.aggregation_temporality, sum.is_monotonic);
                        sum.data_points.iter().for_each(|p| add(&around, p));
                    }
                    Data::Histogram(histogram) => {
                        let around = histogram.aggregation_temporality;
                        histogram.data_points.iter().for_each(|p| add(&around, p));
                    }
                    other => panic!("not recorded: {other:?}"),
                }
            }
        }
    }
}
