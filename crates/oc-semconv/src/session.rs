//! `session.*`: the session that groups the traces of a conversation.

/// The session. On every span and log record below a turn; never a metric label.
///
/// - Type: string
/// - Example: `agent:shadowman:main`
/// - Stability: development
pub const ID: &str = "session.id";

/// The session this one continues.
///
/// - Type: string
/// - Example: `agent:shadowman:old`
/// - Stability: development
pub const PREVIOUS_ID: &str = "session.previous_id";
