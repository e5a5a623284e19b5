//! oc-telemetry.

pub mod attributes;
pub mod clock;
pub mod config;
pub mod console;
pub mod metrics;
#[cfg(feature = "tower")]
pub mod middleware;
pub mod span;
#[cfg(feature = "testing")]
pub mod testing;
pub mod value;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

mod builder;
mod destination;
mod diagnostics;
mod error;
mod global;
mod guard;
mod logs;
mod macros;
mod pipeline;
mod propagation;
mod recorder;
mod report;
mod resource;
mod start;
mod telemetry;
mod warning;

/// Names of attributes and metrics.
pub use oc_semconv as semconv;
/// W3C trace context and baggage, and their carriers.
pub use oc_propagate as propagate;
pub use opentelemetry;
pub use opentelemetry_sdk;
#[cfg(feature = "prometheus")]
pub use prometheus;
pub use tracing;
pub use tracing_subscriber;

pub use oc_otlp::{Counts, DropReason, Signal, transport::Compression};

pub use builder::TelemetryBuilder;
pub use destination::Destination;
pub use error::{InitError, InitErrorKind};
pub use guard::TelemetryGuard;
pub use pipeline::{logs::OcLogProcessor, metrics::OcMetricReader, spans::OcSpanProcessor};
pub use recorder::Recorder;
pub use report::{FlushReport, ShutdownReport};
pub use telemetry::Telemetry;
pub use warning::{Origin, Severity, Warning};
