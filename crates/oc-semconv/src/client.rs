//! `client.*`: the client of a request, behind proxies where that is known.

/// The address of the client.
///
/// - Type: string
/// - Example: `203.0.113.7`
/// - Stability: stable
pub const ADDRESS: &str = "client.address";

/// The port of the client.
///
/// - Type: int
/// - Example: `51234`
/// - Stability: stable
pub const PORT: &str = "client.port";
