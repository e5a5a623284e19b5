use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{
        ExponentialHistogram, Gauge, Histogram, Metric, ResourceMetrics, ScopeMetrics, Sum,
        Summary, metric::Data,
    },
};
use prost::Message;

/// Cuts a request into requests of at most `max_bytes` each, with the number of points in each.
///
/// A request with a single point may be larger. Metrics without points are left out, and with them
/// scopes and resources in which nothing else is.
pub(super) fn split(
    request: ExportMetricsServiceRequest,
    max_bytes: usize,
) -> Vec<(ExportMetricsServiceRequest, u64)> {
    let points = points_in(&request);
    if points == 0 {
        return Vec::new();
    }
    if request.encoded_len() <= max_bytes {
        return vec![(request, points)];
    }
    let mut cut = Cut::new(max_bytes);
    for mut resource in request.resource_metrics {
        let scopes = std::mem::take(&mut resource.scope_metrics);
        cut.enter_resource(resource);
        for mut scope in scopes {
            let metrics = std::mem::take(&mut scope.metrics);
            cut.enter_scope(scope);
            for metric in metrics {
                cut.add_metric(metric);
            }
        }
    }
    cut.finish()
}

/// Fills one request after the other.
///
/// Lengths are counted from above, with the widest prefix for every nested message, so that a
/// request is never larger than its count.
struct Cut {
    max_bytes: usize,
    done: Vec<(ExportMetricsServiceRequest, u64)>,
    request: ExportMetricsServiceRequest,
    points: u64,
    bytes: usize,
    /// The resource and the scope of what comes next, without their contents.
    resource: ResourceMetrics,
    scope: ScopeMetrics,
    /// Whether they stand at the end of the request that is being filled.
    resource_is_open: bool,
    scope_is_open: bool,
}

impl Cut {
    fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            done: Vec::new(),
            request: ExportMetricsServiceRequest::default(),
            points: 0,
            bytes: 0,
            resource: ResourceMetrics::default(),
            scope: ScopeMetrics::default(),
            resource_is_open: false,
            scope_is_open: false,
        }
    }

    fn enter_resource(&mut self, resource: ResourceMetrics) {
        self.resource = resource;
        self.resource_is_open = false;
        self.scope_is_open = false;
    }

    fn enter_scope(&mut self, scope: ScopeMetrics) {
        self.scope = scope;
        self.scope_is_open = false;
    }

    fn add_metric(&mut self, mut metric: Metric) {
        match metric.data.take() {
            None => {}
            Some(Data::Gauge(Gauge { data_points })) => {
                self.add_points(&metric, data_points, |data_points| {
                    Data::Gauge(Gauge { data_points })
                });
            }
            Some(Data::Sum(sum)) => self.add_points(&metric, sum.data_points, |data_points| {
                Data::Sum(Sum { data_points, ..sum })
            }),
            Some(Data::Histogram(histogram)) => {
                self.add_points(&metric, histogram.data_points, |data_points| {
                    Data::Histogram(Histogram {
                        data_points,
                        ..histogram
                    })
                });
            }
            Some(Data::ExponentialHistogram(histogram)) => {
                self.add_points(&metric, histogram.data_points, |data_points| {
                    Data::ExponentialHistogram(ExponentialHistogram {
                        data_points,
                        ..histogram
                    })
                });
            }
            Some(Data::Summary(Summary { data_points })) => {
                self.add_points(&metric, data_points, |data_points| {
                    Data::Summary(Summary { data_points })
                });
            }
        }
    }

    /// Adds the points of one metric; `metric` is the rest of it.
    fn add_points<P: Message>(
        &mut self,
        metric: &Metric,
        points: Vec<P>,
        data: impl Fn(Vec<P>) -> Data,
    ) {
        let metric_bytes = message_bytes(metric) + DATA_BYTES;
        let mut part = Vec::new();
        let mut part_bytes = metric_bytes;
        for point in points {
            let point_bytes = message_bytes(&point);
            let bytes = self.bytes_before(part_bytes).saturating_add(point_bytes);
            if bytes > self.max_bytes && (self.points > 0 || !part.is_empty()) {
                self.push(metric, std::mem::take(&mut part), &data, part_bytes);
                self.close_request();
                part_bytes = metric_bytes;
            }
            part_bytes = part_bytes.saturating_add(point_bytes);
            part.push(point);
        }
        self.push(metric, part, &data, part_bytes);
    }

    /// The size of the request with a metric of `metric_bytes` at its end.
    fn bytes_before(&self, metric_bytes: usize) -> usize {
        let mut bytes = self.bytes.saturating_add(metric_bytes);
        if !self.resource_is_open {
            bytes = bytes.saturating_add(message_bytes(&self.resource));
        }
        if !self.scope_is_open {
            bytes = bytes.saturating_add(message_bytes(&self.scope));
        }
        bytes
    }

    fn push<P>(
        &mut self,
        metric: &Metric,
        points: Vec<P>,
        data: &impl Fn(Vec<P>) -> Data,
        bytes: usize,
    ) {
        if points.is_empty() {
            return;
        }
        self.bytes = self.bytes_before(bytes);
        self.points += points.len() as u64;
        if !self.resource_is_open {
            self.request.resource_metrics.push(self.resource.clone());
            self.resource_is_open = true;
        }
        let Some(resource) = self.request.resource_metrics.last_mut() else {
            return;
        };
        if !self.scope_is_open {
            resource.scope_metrics.push(self.scope.clone());
            self.scope_is_open = true;
        }
        if let Some(scope) = resource.scope_metrics.last_mut() {
            scope.metrics.push(Metric {
                data: Some(data(points)),
                ..metric.clone()
            });
        }
    }

    fn close_request(&mut self) {
        let points = std::mem::take(&mut self.points);
        let request = std::mem::take(&mut self.request);
        if points > 0 {
            self.done.push((request, points));
        }
        self.bytes = 0;
        self.resource_is_open = false;
        self.scope_is_open = false;
    }

    fn finish(mut self) -> Vec<(ExportMetricsServiceRequest, u64)> {
        self.close_request();
        self.done
    }
}

fn points_in(request: &ExportMetricsServiceRequest) -> u64 {
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

/// A nested message with its key and its length, at most: every field number here is below 16 and
/// no message reaches 4 GiB.
fn message_bytes(message: &impl Message) -> usize {
    message.encoded_len().saturating_add(PREFIX_BYTES)
}

const PREFIX_BYTES: usize = 6;

/// What a metric's `data` adds to its points: its prefix, a temporality and a flag.
const DATA_BYTES: usize = PREFIX_BYTES + 4;
