//! A host that owns its SDK makes its providers from parts of ours, so that all of ours is there before them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the support functions of a test fail by panicking, as the test does"
)]

use std::{convert::Infallible, future};

use futures_util::FutureExt;
use http::{Request, Response};
use http_body_util::Empty;
use oc_telemetry::{
    Telemetry,
    config::Lookup,
    metrics::{ModelLabels, TokenType},
    opentelemetry::{
        KeyValue, global,
        metrics::{
            BoundCounter, BoundHistogram, Counter, Gauge, Histogram, Meter, MeterProvider,
            UpDownCounter,
        },
    },
    opentelemetry_sdk::{Resource, metrics::SdkMeterProvider, trace::SdkTracerProvider},
    testing::{OtlpReceiver, ReceivedPoint},
    with_span,
};
use tower::{Layer, ServiceExt, service_fn};

/// One telemetry, installed, and everything taken from it and used before the host registers its providers: agent
/// metrics, a layer for HTTP servers, instruments of every kind. Once the host has, all of it is recorded by them.
#[test]
fn the_host_registers_later() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = Telemetry::builder("gateway")
        .with_environment(Lookup::empty())
        .with_otlp_endpoint(receiver.http_endpoint())
        .without_prometheus()
        .without_log_files()
        .with_host_sdk()
        .install()
        .unwrap();
    let agents = telemetry.agent_metrics().clone();
    let layer = telemetry.http_server_layer().unwrap();
    let ours = Instruments::new(&telemetry.meter("ours"));
    let work = |name: &'static str| {
        let service = layer.layer(service_fn(|_: Request<()>| {
            with_span!("inside", {});
            future::ready(Ok::<_, Infallible>(Response::new(
                Empty::<bytes::Bytes>::new(),
            )))
        }));
        with_span!(name, {
            let answer = service.oneshot(Request::get("/").body(()).unwrap());
            answer.now_or_never().unwrap().unwrap();
        });
        let labels = ModelLabels::new("a", "m", "p");
        agents.tokens(&labels, TokenType::Input, 7);
        ours.record();
    };
    work("early");

    let (spans, metrics) = host_providers(&telemetry);
    register(&spans, &metrics);
    work("late");
    work("later");
    let meter = telemetry.meter("observed");
    let observed = meter.u64_observable_gauge("observed");
    let _observed = observed
        .with_callback(|gauge| gauge.observe(5, &[]))
        .build();
    // The host's own meter makes of the same what ours should.
    let direct = Instruments::new(&metrics.meter("direct"));
    direct.record();
    direct.record();

    let report = telemetry.shutdown();
    assert!(report.is_complete(), "{report}");
    let spans = receiver.spans();
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["inside", "GET", "late", "inside", "GET", "later"]);
    assert!(spans.iter().all(|span| span.service() == Some("host")));
    assert!(spans.iter().all(|span| span.scope.name == "oc-telemetry"));
    assert_eq!(spans[0].parent_span_id.as_ref(), Some(&spans[1].span_id));
    assert_eq!(spans[1].parent_span_id.as_ref(), Some(&spans[2].span_id));

    let points = receiver.metrics();
    assert!(
        points
            .iter()
            .all(|point| point.resource["service.name"] == "host")
    );
    let one = |name: &str| {
        let mut found = points.iter().filter(|point| point.name == name);
        let point = found.next().unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(found.next(), None);
        point
    };
    assert_eq!(one("openclaw.session.tokens").number(), Some(14.0));
    assert_eq!(one("observed").number(), Some(5.0));
    let requests = one("http.server.request.duration").histogram().unwrap();
    assert_eq!((requests.count, requests.bounds[0]), (2, 0.005));
    let expected = shapes(&points, "direct");
    assert_eq!(expected.len(), 12, "{expected:#?}");
    assert_eq!(shapes(&points, "ours"), expected);
}

/// Every kind of instrument, and each kind that can be bound.
struct Instruments {
    u64_counter: Counter<u64>,
    f64_counter: Counter<f64>,
    i64_up_down_counter: UpDownCounter<i64>,
    f64_up_down_counter: UpDownCounter<f64>,
    u64_gauge: Gauge<u64>,
    i64_gauge: Gauge<i64>,
    f64_gauge: Gauge<f64>,
    u64_histogram: Histogram<u64>,
    f64_histogram: Histogram<f64>,
    bounded: Histogram<f64>,
    bound: BoundCounter<u64>,
    bound_histogram: BoundHistogram<f64>,
}

macro_rules! instrument {
    ($meter:ident.$name:ident) => {
        $meter
            .$name(stringify!($name))
            .with_unit("s")
            .with_description("d")
            .build()
    };
}

impl Instruments {
    fn new(meter: &Meter) -> Self {
        let labels = [KeyValue::new("a", "b")];
        Self {
            u64_counter: instrument!(meter.u64_counter),
            f64_counter: instrument!(meter.f64_counter),
            i64_up_down_counter: instrument!(meter.i64_up_down_counter),
            f64_up_down_counter: instrument!(meter.f64_up_down_counter),
            u64_gauge: instrument!(meter.u64_gauge),
            i64_gauge: instrument!(meter.i64_gauge),
            f64_gauge: instrument!(meter.f64_gauge),
            u64_histogram: instrument!(meter.u64_histogram),
            f64_histogram: instrument!(meter.f64_histogram),
            bounded: meter
                .f64_histogram("bounded")
                .with_boundaries(vec![1.0, 2.0])
                .build(),
            bound: meter.u64_counter("bound").build().bind(&labels),
            bound_histogram: meter.f64_histogram("bound_histogram").build().bind(&labels),
        }
    }

    fn record(&self) {
        let labels = [KeyValue::new("a", "b")];
        self.u64_counter.add(1, &labels);
        self.f64_counter.add(1.5, &labels);
        self.i64_up_down_counter.add(-1, &labels);
        self.f64_up_down_counter.add(-1.5, &labels);
        self.u64_gauge.record(1, &labels);
        self.i64_gauge.record(-1, &labels);
        self.f64_gauge.record(1.5, &labels);
        self.u64_histogram.record(1, &labels);
        self.f64_histogram.record(1.5, &labels);
        self.bounded.record(1.5, &labels);
        self.bound.add(1);
        self.bound_histogram.record(1.5);
    }
}

/// The points of a scope, without times.
fn shapes(points: &[ReceivedPoint], scope: &str) -> Vec<String> {
    let of_scope = points.iter().filter(|point| point.scope.name == scope);
    let mut shapes: Vec<_> = of_scope
        .map(|point| {
            format!(
                "{} {} {} {:?} {:?} {:?}",
                point.name,
                point.description,
                point.unit,
                point.kind,
                point.attributes,
                point.value
            )
        })
        .collect();
    shapes.sort();
    shapes
}

fn host_providers(telemetry: &Telemetry) -> (SdkTracerProvider, SdkMeterProvider) {
    let resource = Resource::builder_empty().with_service_name("host").build();
    let spans = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_span_processor(telemetry.span_processor().unwrap())
        .build();
    let metrics = SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(telemetry.metric_reader().unwrap())
        .build();
    (spans, metrics)
}

#[expect(clippy::disallowed_methods, reason = "here the test is the host")]
fn register(spans: &SdkTracerProvider, metrics: &SdkMeterProvider) {
    global::set_tracer_provider(spans.clone());
    global::set_meter_provider(metrics.clone());
}
