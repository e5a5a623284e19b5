//! The tower layer for HTTP servers. Here is the support for its tests: services, a body, and a
//! fixture that keeps spans and durations.

mod context;
mod end;
mod head;

use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    future::{self, Future},
    sync::Arc,
    task::{Context as TaskContext, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty};
use oc_propagate::{BaggagePropagator, TraceContextPropagator};
use oc_telemetry::middleware::{HttpServerLayer, ResponseBody};
use opentelemetry::{KeyValue, metrics::MeterProvider, propagation::TextMapCompositePropagator};
use opentelemetry_sdk::metrics::{
    SdkMeterProvider,
    data::{AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics},
    reader::MetricReader,
};
use tower::{Service, service_fn};

use crate::{
    ended::{EndedSpans, attribute},
    readers::SharedReader,
};

struct Fixture {
    spans: EndedSpans,
    meters: SdkMeterProvider,
    reader: SharedReader,
}

impl Fixture {
    fn new() -> Self {
        let reader = SharedReader::new();
        let meters = SdkMeterProvider::builder()
            .with_reader(reader.clone())
            .build();
        Self {
            spans: EndedSpans::new(),
            meters,
            reader,
        }
    }

    fn layer(&self) -> HttpServerLayer {
        let propagator = TextMapCompositePropagator::new(vec![
            Box::new(TraceContextPropagator::new()),
            Box::new(BaggagePropagator::new()),
        ]);
        HttpServerLayer::new(
            self.spans.recorder(),
            Arc::new(propagator),
            &self.meters.meter("test"),
        )
    }

    /// The labels of each series of the duration, and its count as `value.count`.
    fn durations(&self) -> Vec<BTreeMap<String, String>> {
        let mut collected = ResourceMetrics::default();
        self.reader.collect(&mut collected).unwrap();
        collected
            .scope_metrics()
            .flat_map(ScopeMetrics::metrics)
            .filter(|metric| metric.name() == "http.server.request.duration")
            .flat_map(|metric| {
                let AggregatedMetrics::F64(MetricData::Histogram(histogram)) = metric.data() else {
                    panic!("not a histogram");
                };
                histogram.data_points().map(|point| {
                    point
                        .attributes()
                        .map(|kv| (kv.key.to_string(), kv.value.to_string()))
                        .chain([("value.count".to_owned(), point.count().to_string())])
                        .collect()
                })
            })
            .collect()
    }
}

/// A body of given frames, after which it ends or fails. It never says that it is at its end.
struct Frames {
    queue: VecDeque<&'static str>,
    fails: bool,
    on_poll: Option<Box<dyn Fn() + Send>>,
}

impl Frames {
    fn new<const N: usize>(frames: [&'static str; N]) -> Self {
        Self {
            queue: frames.into(),
            fails: false,
            on_poll: None,
        }
    }

    fn then_fail(mut self) -> Self {
        self.fails = true;
        self
    }

    fn on_poll(mut self, action: impl Fn() + Send + 'static) -> Self {
        self.on_poll = Some(Box::new(action));
        self
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(on_poll) = &self.on_poll {
            on_poll();
        }
        Poll::Ready(match self.queue.pop_front() {
            Some(frame) => Some(Ok(Frame::data(Bytes::from_static(frame.as_bytes())))),
            None if self.fails => Some(Err(std::io::Error::other("hidden"))),
            None => None,
        })
    }
}

/// A service that answers with this status and no body.
fn answer(
    status: StatusCode,
) -> impl Service<Request<()>, Response = Response<Empty<Bytes>>, Error = Infallible, Future: Send> + Clone
{
    service_fn(move |_: Request<()>| {
        let mut response = Response::new(Empty::new());
        *response.status_mut() = status;
        future::ready(Ok(response))
    })
}

/// A service that answers with a stream.
fn streams(
    frames: [&'static str; 2],
) -> impl Service<Request<()>, Response = Response<Frames>, Error = Infallible> {
    service_fn(move |_: Request<()>| future::ready(Ok(Response::new(Frames::new(frames)))))
}

fn request() -> Request<()> {
    Request::get("/").body(()).unwrap()
}

/// The value of a future that does not wait.
fn now<F: Future>(future: F) -> F::Output {
    futures_util::FutureExt::now_or_never(future).unwrap()
}

/// Runs a request to the end of its body.
fn finish<F, B, E>(response: F) -> Result<HeaderMap, E>
where
    F: Future<Output = Result<Response<ResponseBody<B>>, E>>,
    B: Body<Error: std::fmt::Debug>,
{
    let response = now(response)?;
    let (parts, body) = response.into_parts();
    assert!(now(body.collect()).is_ok());
    Ok(parts.headers)
}

fn error_type(fixture: &Fixture) -> Option<String> {
    attribute(&fixture.spans.one().attributes, "error.type")
}

/// All attributes as lines, sorted.
fn texts(attributes: &[KeyValue]) -> Vec<String> {
    let mut texts: Vec<_> = attributes
        .iter()
        .map(|kv| format!("{}={}", kv.key, kv.value))
        .collect();
    texts.sort();
    texts
}
