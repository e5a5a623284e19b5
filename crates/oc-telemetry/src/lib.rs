//! oc-telemetry.

pub mod clock;
pub mod config;
pub mod metrics;
#[cfg(feature = "testing")]
pub mod testing;
mod recorder;
mod warning;

pub use recorder::Recorder;
pub use warning::{Origin, Severity, Warning};
