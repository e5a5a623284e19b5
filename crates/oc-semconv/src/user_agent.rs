//! `user_agent.*`: the program that sent a request.

/// The value of the `User-Agent` header.
///
/// - Type: string
/// - Example: `curl/8.16.0`
/// - Stability: stable
pub const ORIGINAL: &str = "user_agent.original";
