//! `network.*`: the connection below a request.

/// The application protocol; recorded for HTTP only where it is not `http`.
///
/// - Type: string
/// - Example: `http`
/// - Stability: stable
pub const PROTOCOL_NAME: &str = "network.protocol.name";

/// The version of that protocol, as negotiated.
///
/// - Type: string
/// - Example: `1.1`
/// - Stability: stable
pub const PROTOCOL_VERSION: &str = "network.protocol.version";

/// The transport.
///
/// - Type: enum: `tcp`, `udp`, `quic`, `pipe`, `unix`
/// - Example: `tcp`
/// - Stability: stable
pub const TRANSPORT: &str = "network.transport";

/// The address at the other end of the connection.
///
/// - Type: string
/// - Example: `203.0.113.9`
/// - Stability: stable
pub const PEER_ADDRESS: &str = "network.peer.address";

/// The port at the other end of the connection.
///
/// - Type: int
/// - Example: `443`
/// - Stability: stable
pub const PEER_PORT: &str = "network.peer.port";
