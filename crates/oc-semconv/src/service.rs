//! `service.*`: the program, on the resource.

/// The name of the service.
///
/// - Type: string
/// - Example: `gateway`
/// - Stability: stable
pub const NAME: &str = "service.name";

/// The version of the service.
///
/// - Type: string
/// - Example: `1.4.2`
/// - Stability: stable
pub const VERSION: &str = "service.version";

/// The group of services this one belongs to.
///
/// - Type: string
/// - Example: `openclaw`
/// - Stability: stable
pub const NAMESPACE: &str = "service.namespace";

/// One running instance of the service.
///
/// - Type: string
/// - Example: `627cc493-f310-47de-96bd-71410b7dec09`
/// - Stability: stable
pub const INSTANCE_ID: &str = "service.instance.id";
