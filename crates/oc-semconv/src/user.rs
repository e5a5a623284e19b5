//! `user.*`: the person a turn is for.

/// The user. On every span below a turn; never a metric label.
///
/// - Type: string
/// - Example: `shadowman`
/// - Stability: development
pub const ID: &str = "user.id";
