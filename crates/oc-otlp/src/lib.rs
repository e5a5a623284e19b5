//! OTLP delivery that loses nothing silently.
//!
//! The parts know each other only through bytes and counts:
//!
//! ```text
//! spans, metrics, logs ──encode──▶ Payload ──▶ Delivery (one a destination) ──▶ Transport
//!                                               └────────── Ledger ◀────────────┘
//! ```
//!
//! * [`encode`] turns the SDK's data into the bytes of an OTLP export request.
//! * [`Payload`] is those bytes with the number of items in them.
//! * [`transport`] carries a payload once, over HTTP or gRPC, and says what became of it.
//! * [`Delivery`] owns a destination: its queue, its retries, its throttle clock.
//! * [`Ledger`] counts every item that was created until it is exported, rejected or dropped.
//! * [`IoRuntime`] is the thread on which all of it runs, apart from the host's own runtime.
//!
//! # Crate features
//!
//! * `http` (default): OTLP/HTTP with protobuf bodies, over hyper.
//! * `grpc`: OTLP/gRPC, over tonic's client on the same hyper connector.
//! * `testing`: an OTLP server in the test's process that decodes and keeps what arrives. Outside
//!   the semver promise.

pub mod encode;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;

mod backoff;
mod delivery;
mod ledger;
mod payload;
mod runtime;
mod signal;

pub use delivery::{Delivery, DeliveryConfig, DeliveryEvent, OnDeliveryEvent, Throttle};
pub use ledger::{Counts, DestinationId, DropReason, Ledger, LedgerSnapshot};
pub use payload::Payload;
pub use runtime::{IoRuntime, StartRuntimeError};
pub use signal::Signal;
