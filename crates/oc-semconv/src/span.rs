//! Names of spans that no convention names. Their definitions are in [`crate::spans`].

/// The span of a whole session.
///
/// - Stability: development
pub const SESSION: &str = crate::spans::SESSION.id;

/// The span of one user message.
///
/// - Stability: development
pub const MESSAGE_PROCESS: &str = crate::spans::MESSAGE_PROCESS.id;
