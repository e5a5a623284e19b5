//! Server spans and request durations for HTTP servers, as a tower layer.
//!
//! [`HttpServerLayer`] works with every server over the types of the `http` crate: axum, tonic,
//! hyper with `tower`. It makes the `SERVER` span of the HTTP conventions and records
//! `http.server.request.duration`.
//!
//! * The span is named `{method} {route}`, or `{method}` where there is no route. The route comes
//!   from a [`RouteHook`]; for axum there is [`AxumMatchedPath`] (feature `axum`).
//! * Its parent is taken from the request's headers by the propagator that the layer is given.
//!   Baggage from outside is dropped unless the layer is told to trust it.
//! * The inner service, its future and the response body run with the span as the current one.
//! * It ends when the response body has ended, so streamed answers are measured whole. A request
//!   that is given up, before its response or in the middle of the body, ends its span too, with
//!   `error.type` `cancelled`.
//! * Status 5xx is an error, 4xx is not: the client made it.
//!
//! Query strings are not recorded, nor any header but `User-Agent` and the host.
//!
//! Suppressed telemetry makes the layer transparent: no span, no measurement.

mod body;
mod future;
mod layer;
mod make_span;
mod request;
mod route;
mod service;

pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use layer::HttpServerLayer;
#[cfg(feature = "axum")]
pub use route::AxumMatchedPath;
pub use route::RouteHook;
pub use service::HttpServer;
