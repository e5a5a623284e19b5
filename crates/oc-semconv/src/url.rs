//! `url.*`: parts of URLs. Credentials and query values of known secrets never belong here.

/// The scheme.
///
/// - Type: string
/// - Example: `https`
/// - Stability: stable
pub const SCHEME: &str = "url.scheme";

/// The path.
///
/// - Type: string
/// - Example: `/v1/messages`
/// - Stability: stable
pub const PATH: &str = "url.path";

/// The query, without the question mark.
///
/// - Type: string
/// - Example: `page=2`
/// - Stability: stable
pub const QUERY: &str = "url.query";

/// The whole URL, without user name and password.
///
/// - Type: string
/// - Example: `https://api.example.com/v1/messages`
/// - Stability: stable
pub const FULL: &str = "url.full";
