use std::{fmt, sync::Arc};

use oc_semconv::metrics::HTTP_SERVER_REQUEST_DURATION;
use opentelemetry::{
    metrics::{Histogram, Meter},
    propagation::TextMapPropagator,
};
use tower_layer::Layer;

use super::service::HttpServer;
use crate::recorder::Recorder;

/// Adds server spans and request durations to an HTTP service; see the [module](super).
///
/// All options are here, none on the service.
#[derive(Clone)]
pub struct HttpServerLayer<R = ()> {
    settings: Settings,
    route: Arc<R>,
}

impl HttpServerLayer {
    /// A layer that records spans by `recorder`, reads their parents with `propagator`, and
    /// creates `http.server.request.duration` on `meter`.
    ///
    /// It knows no routes, drops inbound baggage, and takes the scheme for `http`.
    pub fn new(
        recorder: Recorder,
        propagator: Arc<dyn TextMapPropagator + Send + Sync>,
        meter: &Meter,
    ) -> Self {
        let metric = &HTTP_SERVER_REQUEST_DURATION;
        let duration = meter
            .f64_histogram(metric.name)
            .with_unit(metric.unit)
            .with_description(metric.description)
            .with_boundaries(metric.boundaries.to_vec())
            .build();
        Self {
            settings: Settings {
                recorder,
                propagator,
                duration,
                trust_baggage: false,
                default_scheme: "http",
            },
            route: Arc::new(()),
        }
    }
}

impl<R> HttpServerLayer<R> {
    /// Takes the route of each request from `hook`. Default: no routes.
    pub fn with_route_hook<H>(self, hook: H) -> HttpServerLayer<H> {
        HttpServerLayer {
            settings: self.settings,
            route: Arc::new(hook),
        }
    }

    /// Whether the baggage of a request's headers is taken over. Default: no.
    ///
    /// Baggage becomes attributes and travels on to others. Trust it only where every client is
    /// one of your own.
    pub fn with_trusted_baggage(mut self, trust: bool) -> Self {
        self.settings.trust_baggage = trust;
        self
    }

    /// Says that the server speaks TLS: `url.scheme` is `https` where the request itself does not
    /// tell. Default `http`.
    pub fn with_https(mut self) -> Self {
        self.settings.default_scheme = "https";
        self
    }
}

impl<S, R> Layer<S> for HttpServerLayer<R> {
    type Service = HttpServer<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        HttpServer::new(
            inner,
            Arc::new(self.settings.clone()),
            Arc::clone(&self.route),
        )
    }
}

impl<R> fmt::Debug for HttpServerLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServerLayer")
            .field("recorder", &self.settings.recorder)
            .field("propagator", &self.settings.propagator)
            .field("trust_baggage", &self.settings.trust_baggage)
            .field("default_scheme", &self.settings.default_scheme)
            .finish_non_exhaustive()
    }
}

/// What the layer gives to its services.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) recorder: Recorder,
    pub(super) propagator: Arc<dyn TextMapPropagator + Send + Sync>,
    pub(super) duration: Histogram<f64>,
    pub(super) trust_baggage: bool,
    pub(super) default_scheme: &'static str,
}
