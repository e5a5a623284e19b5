//! Names of spans that no convention names.

/// The span of a whole session.
///
/// - Stability: development
pub const SESSION: &str = "openclaw.session";

/// The span of one user message.
///
/// - Stability: development
pub const MESSAGE_PROCESS: &str = "message.process";
