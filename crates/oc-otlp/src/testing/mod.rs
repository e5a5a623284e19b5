//! An OTLP server in the test's process that decodes and keeps what arrives.
//!
//! For tests only; outside the semver promise. Nothing here is meant for production: the receiver
//! keeps all it gets until [`OtlpReceiver::clear`].
//!
//! ```
//! use std::time::Duration;
//!
//! use oc_otlp::testing::OtlpReceiver;
//!
//! let receiver = OtlpReceiver::start()?;
//! // Point an exporter at `receiver.http_endpoint()` or `receiver.grpc_endpoint()`, export, then:
//! let spans = receiver.wait_for_spans(0, Duration::from_secs(10));
//! assert!(spans.is_empty());
//! # Ok::<(), oc_otlp::testing::StartReceiverError>(())
//! ```

mod grpc;
mod http;
mod received;
mod receiver;
mod request;
mod script;
mod server;
mod store;
#[cfg(test)]
mod tests;
mod tls;

pub use opentelemetry_proto;

pub use received::{
    AttrValue, Attributes, ExponentialValue, HistogramValue, PointKind, PointValue, ReceivedEvent,
    ReceivedExemplar, ReceivedLink, ReceivedLog, ReceivedPoint, ReceivedScope, ReceivedSpan,
    SummaryValue, Temporality,
};
pub use receiver::{OtlpReceiver, StartReceiverError};
pub use request::{Outcome, Protocol, ReceivedRequest};
pub use script::Script;
