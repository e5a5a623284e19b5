//! oc-telemetry.

pub mod config;
pub mod metrics;
mod recorder;
mod warning;

pub use recorder::Recorder;
pub use warning::{Origin, Severity, Warning};
