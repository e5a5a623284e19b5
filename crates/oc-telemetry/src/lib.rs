//! oc-telemetry.

pub mod config;
pub mod metrics;
mod warning;

pub use warning::{Origin, Severity, Warning};
