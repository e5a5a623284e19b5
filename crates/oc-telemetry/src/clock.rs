//! Wall-clock time that a test can set.
//!
//! It serves all that this library stamps or rotates by itself. The OpenTelemetry SDK reads the
//! system's clock for the start and end of spans and for metric points; it offers no way to replace
//! that.

use std::{fmt, time::SystemTime};

/// Where the library takes wall-clock time from.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> SystemTime;
}

/// The system's clock: the default.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "there is nothing to set on the system's clock"
)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
