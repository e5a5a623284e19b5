//! The end of telemetry.

use std::{ops::Deref, time::Duration};

use crate::{ShutdownReport, Telemetry};

/// Keeps the installed telemetry alive and ends it.
///
/// Hold it until the end of `main` and call [`shutdown`](Self::shutdown) to learn what was
/// delivered. Dropping it does the same within the shutdown timeout
/// ([`with_shutdown_timeout`](crate::TelemetryBuilder::with_shutdown_timeout)), without a panic and
/// without printing.
///
/// It dereferences to the [`Telemetry`] it ends.
#[derive(Debug)]
#[must_use = "telemetry ends when the guard is dropped: bind it to a variable that lives as long as the program"]
pub struct TelemetryGuard {
    telemetry: Telemetry,
}

impl TelemetryGuard {
    pub(crate) const fn new(telemetry: Telemetry) -> Self {
        Self { telemetry }
    }

    /// Stops recording, sends what waits, and says what became of everything. Takes at most the
    /// shutdown timeout (default 2 s), in total, for all signals.
    ///
    /// Works from any thread, inside or outside any async runtime; it blocks the calling thread.
    pub fn shutdown(self) -> ShutdownReport {
        self.telemetry.shutdown()
    }

    /// [`shutdown`](Self::shutdown) with another deadline.
    pub fn shutdown_within(self, timeout: Duration) -> ShutdownReport {
        self.telemetry.shutdown_within(timeout)
    }
}

impl Deref for TelemetryGuard {
    type Target = Telemetry;

    fn deref(&self) -> &Telemetry {
        &self.telemetry
    }
}

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        // Repeated after an explicit shutdown, which is free.
        self.telemetry.end_in_drop();
    }
}
