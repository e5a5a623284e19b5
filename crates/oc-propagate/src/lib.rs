//! W3C trace context and baggage to the letter, and carriers for them.
//!
//! ```
//! use oc_propagate::carrier::{HeaderExtractor, inject_headers};
//! use oc_propagate::{BaggagePropagator, TraceContextPropagator};
//! use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
//! use opentelemetry::trace::TraceContextExt;
//!
//! let propagator = TextMapCompositePropagator::new(vec![
//!     Box::new(TraceContextPropagator::new()),
//!     Box::new(BaggagePropagator::new()),
//! ]);
//!
//! let received = http::Request::builder()
//!     .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03")
//!     .header("tracestate", "foo@=1")
//!     .header("tracestate", "bar=2")
//!     .header("baggage", "discount=5%25")
//!     .body(())?;
//! let cx = propagator.extract(&HeaderExtractor::new(received.headers()));
//! assert!(cx.span().span_context().is_sampled());
//!
//! let mut sent = http::HeaderMap::new();
//! inject_headers(&cx, &propagator, &mut sent);
//! assert_eq!(sent["tracestate"], "foo@=1,bar=2");
//! assert_eq!(sent["baggage"], "discount=5%25");
//! # Ok::<(), http::Error>(())
//! ```
//!
//! # What is here
//!
//! - [`TraceParent`], [`TraceStateHeader`], [`BaggageHeader`]: the headers by themselves. A
//!   `traceparent` is parsed and written without allocation.
//! - [`TraceContextPropagator`], [`BaggagePropagator`]: the API's `TextMapPropagator` over them.
//! - [`carrier`]: HTTP headers, the environment of a process, the environment of a child.
//!
//! Nothing here records, logs, reads the environment or changes a global. All input is taken for
//! hostile: it is bounded by the limits of the specifications, and never repeated in an error.

mod baggage;
pub mod carrier;
mod error;
mod grammar;
mod propagator;
mod traceparent;
mod tracestate;

pub use baggage::{BaggageHeader, BaggageMember, BaggageProperty};
pub use error::{
    ParseTraceParentError, ParseTraceParentErrorKind, ParseTraceStateError,
    ParseTraceStateErrorKind,
};
pub use propagator::{BaggagePropagator, TraceContextPropagator};
pub use traceparent::TraceParent;
pub use tracestate::TraceStateHeader;

/// Keeps the example of the README true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
