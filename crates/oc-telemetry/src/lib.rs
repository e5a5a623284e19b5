//! oc-telemetry.

pub mod attribute;
pub mod clock;
pub mod config;
pub mod console;
pub mod metrics;
#[cfg(feature = "testing")]
pub mod testing;
mod macros;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod recorder;
pub mod span;
mod warning;

pub use recorder::Recorder;
pub use warning::{Origin, Severity, Warning};
