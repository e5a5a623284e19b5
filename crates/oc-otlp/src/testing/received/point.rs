use std::{sync::Arc, time::SystemTime};

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{self as proto, exemplar, metric::Data, number_data_point},
};

use super::{
    ReceivedScope, id,
    value::{AttrValue, Attributes, attributes, duplicate_keys},
};

/// A metric data point that arrived, with what its metric says about it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReceivedPoint {
    /// The resource's attributes.
    pub resource: Arc<Attributes>,
    /// The instrumentation scope.
    pub scope: Arc<ReceivedScope>,
    /// The metric's name.
    pub name: String,
    /// The metric's description; empty if it has none.
    pub description: String,
    /// The metric's unit; empty if it has none.
    pub unit: String,
    /// What the metric is.
    pub kind: PointKind,
    /// Whether the metric is a sum that only rises.
    pub monotonic: bool,
    /// Since when the point counts; `Unspecified` for gauges and summaries.
    pub temporality: Temporality,
    /// The attributes.
    pub attributes: Attributes,
    /// Keys that stood more than once among the attributes, which the protocol does not allow.
    pub duplicate_keys: Vec<String>,
    /// Since when the point counts; `None` if the sender left it out.
    pub start: Option<SystemTime>,
    /// When the point was taken.
    pub time: SystemTime,
    /// The value.
    pub value: PointValue,
    /// The exemplars, in the order sent.
    pub exemplars: Vec<ReceivedExemplar>,
}

/// The kinds of metric of the data model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PointKind {
    /// A last value.
    Gauge,
    /// A sum.
    Sum,
    /// A histogram with explicit bounds.
    Histogram,
    /// A histogram with exponential bounds.
    ExponentialHistogram,
    /// Quantiles.
    Summary,
}

/// What a point's value refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Temporality {
    /// Not said, or without meaning for the kind.
    Unspecified,
    /// What came since the last point.
    Delta,
    /// Everything since the start.
    Cumulative,
}

/// The value of a data point.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PointValue {
    /// The sender left the value out ("no recorded value").
    Empty,
    /// An integer of a gauge or a sum.
    Int(i64),
    /// A floating-point number of a gauge or a sum.
    Double(f64),
    /// A histogram with explicit bounds.
    Histogram(HistogramValue),
    /// A histogram with exponential bounds.
    Exponential(ExponentialValue),
    /// Quantiles.
    Summary(SummaryValue),
}

/// The value of a histogram point with explicit bounds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistogramValue {
    /// How many values were recorded.
    pub count: u64,
    /// Their sum.
    pub sum: Option<f64>,
    /// The least of them.
    pub min: Option<f64>,
    /// The greatest of them.
    pub max: Option<f64>,
    /// The upper bounds, each inclusive.
    pub bounds: Vec<f64>,
    /// The counts of the buckets, not cumulated; one more than bounds.
    pub counts: Vec<u64>,
}

/// The value of a histogram point with exponential bounds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExponentialValue {
    /// How many values were recorded.
    pub count: u64,
    /// Their sum.
    pub sum: Option<f64>,
    /// The least of them.
    pub min: Option<f64>,
    /// The greatest of them.
    pub max: Option<f64>,
    /// The scale: the base is 2 to the power of 2 to the power of minus scale.
    pub scale: i32,
    /// How many values count as zero.
    pub zero_count: u64,
    /// The offset and the counts of the buckets above zero.
    pub positive: (i32, Vec<u64>),
    /// The offset and the counts of the buckets below zero.
    pub negative: (i32, Vec<u64>),
}

/// The value of a summary point.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SummaryValue {
    /// How many values were recorded.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// Pairs of quantile and value.
    pub quantiles: Vec<(f64, f64)>,
}

/// A recorded value with the span it was recorded in.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReceivedExemplar {
    /// When it was recorded.
    pub time: SystemTime,
    /// The value; `PointValue::Int` or `PointValue::Double`.
    pub value: PointValue,
    /// The trace id, lower-case hex; `None` outside a span.
    pub trace_id: Option<String>,
    /// The span id, lower-case hex; `None` outside a span.
    pub span_id: Option<String>,
    /// Attributes that the point does not have.
    pub attributes: Attributes,
    /// Keys that stood more than once among the attributes, which the protocol does not allow.
    pub duplicate_keys: Vec<String>,
}

impl ReceivedPoint {
    /// All points of a request, in the order sent.
    pub fn of_request(request: &ExportMetricsServiceRequest) -> Vec<Self> {
        let mut points = Vec::new();
        for group in &request.resource_metrics {
            let resource = super::resource(group.resource.as_ref());
            for part in &group.scope_metrics {
                let scope = super::scope(part.scope.as_ref(), &part.schema_url);
                for metric in &part.metrics {
                    Builder {
                        resource: &resource,
                        scope: &scope,
                        metric,
                    }
                    .points(&mut points);
                }
            }
        }
        points
    }

    /// An attribute of the point.
    pub fn attr(&self, key: &str) -> Option<&AttrValue> {
        self.attributes.get(key)
    }

    /// The number of a gauge or a sum; `None` for other kinds.
    #[expect(
        clippy::cast_precision_loss,
        reason = "values of tests lie far below 2 to the power of 53"
    )]
    pub const fn number(&self) -> Option<f64> {
        match self.value {
            PointValue::Int(value) => Some(value as f64),
            PointValue::Double(value) => Some(value),
            _ => None,
        }
    }

    /// The value of a histogram with explicit bounds; `None` for other kinds.
    pub const fn histogram(&self) -> Option<&HistogramValue> {
        match &self.value {
            PointValue::Histogram(value) => Some(value),
            _ => None,
        }
    }
}

/// What the points of one metric have in common.
struct Builder<'a> {
    resource: &'a Arc<Attributes>,
    scope: &'a Arc<ReceivedScope>,
    metric: &'a proto::Metric,
}

impl Builder<'_> {
    fn points(&self, into: &mut Vec<ReceivedPoint>) {
        match &self.metric.data {
            None => {}
            Some(Data::Gauge(gauge)) => {
                into.extend(
                    gauge
                        .data_points
                        .iter()
                        .map(|point| self.number(PointKind::Gauge, point)),
                );
            }
            Some(Data::Sum(sum)) => {
                into.extend(sum.data_points.iter().map(|point| ReceivedPoint {
                    monotonic: sum.is_monotonic,
                    temporality: super::temporality(sum.aggregation_temporality),
                    ..self.number(PointKind::Sum, point)
                }));
            }
            Some(Data::Histogram(histogram)) => {
                into.extend(histogram.data_points.iter().map(|point| ReceivedPoint {
                    temporality: super::temporality(histogram.aggregation_temporality),
                    ..self.histogram(point)
                }));
            }
            Some(Data::ExponentialHistogram(histogram)) => {
                into.extend(histogram.data_points.iter().map(|point| ReceivedPoint {
                    temporality: super::temporality(histogram.aggregation_temporality),
                    ..self.exponential(point)
                }));
            }
            Some(Data::Summary(summary)) => {
                into.extend(summary.data_points.iter().map(|point| self.summary(point)));
            }
        }
    }

    fn number(&self, kind: PointKind, point: &proto::NumberDataPoint) -> ReceivedPoint {
        let value = match point.value {
            Some(number_data_point::Value::AsInt(value)) => PointValue::Int(value),
            Some(number_data_point::Value::AsDouble(value)) => PointValue::Double(value),
            None => PointValue::Empty,
        };
        ReceivedPoint {
            attributes: attributes(&point.attributes),
            duplicate_keys: duplicate_keys(&point.attributes),
            start: super::optional_time(point.start_time_unix_nano),
            time: super::time(point.time_unix_nano),
            exemplars: exemplars(&point.exemplars),
            ..self.point(kind, value)
        }
    }

    fn histogram(&self, point: &proto::HistogramDataPoint) -> ReceivedPoint {
        let value = PointValue::Histogram(HistogramValue {
            count: point.count,
            sum: point.sum,
            min: point.min,
            max: point.max,
            bounds: point.explicit_bounds.clone(),
            counts: point.bucket_counts.clone(),
        });
        ReceivedPoint {
            attributes: attributes(&point.attributes),
            duplicate_keys: duplicate_keys(&point.attributes),
            start: super::optional_time(point.start_time_unix_nano),
            time: super::time(point.time_unix_nano),
            exemplars: exemplars(&point.exemplars),
            ..self.point(PointKind::Histogram, value)
        }
    }

    fn exponential(&self, point: &proto::ExponentialHistogramDataPoint) -> ReceivedPoint {
        let buckets = |buckets: &Option<proto::exponential_histogram_data_point::Buckets>| {
            buckets
                .as_ref()
                .map(|buckets| (buckets.offset, buckets.bucket_counts.clone()))
                .unwrap_or_default()
        };
        let value = PointValue::Exponential(ExponentialValue {
            count: point.count,
            sum: point.sum,
            min: point.min,
            max: point.max,
            scale: point.scale,
            zero_count: point.zero_count,
            positive: buckets(&point.positive),
            negative: buckets(&point.negative),
        });
        ReceivedPoint {
            attributes: attributes(&point.attributes),
            duplicate_keys: duplicate_keys(&point.attributes),
            start: super::optional_time(point.start_time_unix_nano),
            time: super::time(point.time_unix_nano),
            exemplars: exemplars(&point.exemplars),
            ..self.point(PointKind::ExponentialHistogram, value)
        }
    }

    fn summary(&self, point: &proto::SummaryDataPoint) -> ReceivedPoint {
        let value = PointValue::Summary(SummaryValue {
            count: point.count,
            sum: point.sum,
            quantiles: point
                .quantile_values
                .iter()
                .map(|pair| (pair.quantile, pair.value))
                .collect(),
        });
        ReceivedPoint {
            attributes: attributes(&point.attributes),
            duplicate_keys: duplicate_keys(&point.attributes),
            start: super::optional_time(point.start_time_unix_nano),
            time: super::time(point.time_unix_nano),
            ..self.point(PointKind::Summary, value)
        }
    }

    /// A point with what the metric says; the rest is filled in by the caller.
    fn point(&self, kind: PointKind, value: PointValue) -> ReceivedPoint {
        ReceivedPoint {
            resource: Arc::clone(self.resource),
            scope: Arc::clone(self.scope),
            name: self.metric.name.clone(),
            description: self.metric.description.clone(),
            unit: self.metric.unit.clone(),
            kind,
            monotonic: false,
            temporality: Temporality::Unspecified,
            attributes: Attributes::new(),
            duplicate_keys: Vec::new(),
            start: None,
            time: super::time(0),
            value,
            exemplars: Vec::new(),
        }
    }
}

fn exemplars(exemplars: &[proto::Exemplar]) -> Vec<ReceivedExemplar> {
    exemplars
        .iter()
        .map(|exemplar| ReceivedExemplar {
            time: super::time(exemplar.time_unix_nano),
            value: match exemplar.value {
                Some(exemplar::Value::AsInt(value)) => PointValue::Int(value),
                Some(exemplar::Value::AsDouble(value)) => PointValue::Double(value),
                None => PointValue::Empty,
            },
            trace_id: id(&exemplar.trace_id),
            span_id: id(&exemplar.span_id),
            attributes: attributes(&exemplar.filtered_attributes),
            duplicate_keys: duplicate_keys(&exemplar.filtered_attributes),
        })
        .collect()
}
