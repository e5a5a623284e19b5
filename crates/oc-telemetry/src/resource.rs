use opentelemetry::KeyValue;
use opentelemetry_sdk::{Resource, resource::TelemetryResourceDetector};

use crate::config::ResourceConfig;

/// The resource of all three signals.
///
/// Built from nothing: the SDK's own builder would read the environment by itself. The detector
/// kept here only names the SDK and its version.
pub(crate) fn build(config: &ResourceConfig) -> Resource {
    let attributes = config
        .attributes
        .iter()
        .map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes([
            KeyValue::new("telemetry.distro.name", env!("CARGO_PKG_NAME")),
            KeyValue::new("telemetry.distro.version", env!("CARGO_PKG_VERSION")),
        ])
        .with_attributes(attributes)
        .with_attribute(KeyValue::new("service.name", config.service_name.clone()))
        .build()
}
