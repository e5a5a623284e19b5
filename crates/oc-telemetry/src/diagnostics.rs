use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::{Severity, Warning, sync::lock};

/// What the library has to say about itself: the warnings of the configuration, and failures of
/// destinations while it runs.
///
/// The library prints nothing. Warnings stay readable on the handle, bounded in number; what
/// happens later is a `tracing` event with the target `oc_telemetry`, at most one a minute for
/// each kind of event at each destination, so that an outage does not flood the log it is
/// reported in.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    warnings: Mutex<Vec<Warning>>,
    last: Mutex<HashMap<String, Instant>>,
}

/// Warnings kept at most; further ones are only logged.
const MAX_WARNINGS: usize = 256;
/// The shortest time between two events of a kind at a destination.
const INTERVAL: Duration = Duration::from_mins(1);

impl Diagnostics {
    pub(crate) fn new(warnings: Vec<Warning>) -> Arc<Self> {
        Arc::new(Self {
            warnings: Mutex::new(warnings),
            last: Mutex::default(),
        })
    }

    /// All warnings so far, oldest first.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        lock(&self.warnings).clone()
    }

    /// Keeps a warning that came up after the start, and logs it.
    #[cfg(any(feature = "prometheus", feature = "otlp-http"))]
    pub(crate) fn warn(&self, warning: Warning) {
        log(&warning);
        self.keep(warning);
    }

    /// Keeps a warning without logging it: nobody listens yet.
    pub(crate) fn keep(&self, warning: Warning) {
        let mut warnings = lock(&self.warnings);
        // The same port is refused every few seconds: once is enough.
        if warnings.len() < MAX_WARNINGS && !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }

    /// Logs every warning kept so far, once somebody listens.
    pub(crate) fn log_all(&self) {
        for warning in self.warnings() {
            log(&warning);
        }
    }

    /// Whether an event of this kind may be logged now.
    pub(crate) fn permits(&self, kind: &str) -> bool {
        let now = Instant::now();
        let mut last = lock(&self.last);
        match last.get(kind) {
            Some(before) if now.duration_since(*before) < INTERVAL => false,
            _ => {
                // Kinds are named by the library, a few for each destination.
                last.insert(kind.to_owned(), now);
                true
            }
        }
    }
}

/// Emits an event of the library's own. The `tracing` layers that get it are the program's, and
/// one that panics must end neither a task of ours nor the thread that called us.
pub(crate) fn emit(event: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(event));
}

fn log(warning: &Warning) {
    emit(|| match warning.severity() {
        Severity::Info => tracing::info!(target: "oc_telemetry", "{warning}"),
        Severity::Warning => tracing::warn!(target: "oc_telemetry", "{warning}"),
    });
}
