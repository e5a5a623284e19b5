//! `error.*`: why an operation failed.

/// The kind of error: a type name, a status code, or `_OTHER`. Absent when the operation succeeded.
///
/// - Type: string, of low cardinality
/// - Example: `timeout`
/// - Stability: stable
pub const TYPE: &str = "error.type";
