//! `server.*`: the server of a request, as its client sees it.

/// The name or address of the server.
///
/// - Type: string
/// - Example: `api.example.com`
/// - Stability: stable
pub const ADDRESS: &str = "server.address";

/// The port of the server.
///
/// - Type: int
/// - Example: `443`
/// - Stability: stable
pub const PORT: &str = "server.port";
