//! `exception.*`: an error recorded as an event.

/// The type of the error.
///
/// - Type: string
/// - Example: `std::io::Error`
/// - Stability: stable
pub const TYPE: &str = "exception.type";

/// The text of the error.
///
/// - Type: string
/// - Example: `connection refused`
/// - Stability: stable
pub const MESSAGE: &str = "exception.message";

/// The backtrace, as the runtime prints it.
///
/// - Type: string
/// - Example: `at gateway::turn::run`
/// - Stability: stable
pub const STACKTRACE: &str = "exception.stacktrace";
