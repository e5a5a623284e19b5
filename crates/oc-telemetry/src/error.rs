//! The errors of starting.

use std::{error::Error, fmt};

/// Why telemetry could not be built or installed.
///
/// Only mistakes of the program are errors. Whatever is wrong with the environment, a
/// configuration file, a port or a folder is a [`Warning`](crate::Warning), and the program runs.
#[derive(Debug)]
pub struct InitError {
    kind: InitErrorKind,
}

/// What kind of mistake an [`InitError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InitErrorKind {
    /// The service name given to [`Telemetry::builder`](crate::Telemetry::builder) is empty.
    EmptyServiceName,
    /// [`install`](crate::Telemetry::install) was called before in this process.
    AlreadyInstalled,
    /// The `prometheus::Registry` given is fed by another OpenTelemetry exporter already.
    RegistryInUse,
}

impl InitError {
    pub(crate) const fn new(kind: InitErrorKind) -> Self {
        Self { kind }
    }

    /// The kind of mistake.
    pub const fn kind(&self) -> InitErrorKind {
        self.kind
    }
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            InitErrorKind::EmptyServiceName => {
                "the service name is empty: give Telemetry::builder a name such as \"gateway\""
            }
            InitErrorKind::AlreadyInstalled => {
                "telemetry is installed already: keep the first guard, or use Telemetry::build() \
                 for an instance of its own"
            }
            InitErrorKind::RegistryInUse => {
                "the prometheus registry is fed by another OpenTelemetry exporter: give each \
                 telemetry a registry of its own"
            }
        })
    }
}

impl Error for InitError {}
