//! From everything that was said to one decided configuration.

use super::{CodeSettings, Config, Lookup};

/// Decides every setting. Never fails: what is wrong is left out and becomes a warning.
pub(crate) fn resolve(code: CodeSettings, lookup: &Lookup) -> Config {
    let _ = lookup;
    let batch = super::BatchConfig {
        schedule_delay: std::time::Duration::from_secs(5),
        max_queue_size: 2048,
        max_export_batch_size: 512,
        export_timeout: std::time::Duration::from_secs(30),
    };
    Config {
        sdk_disabled: false,
        host_owns_sdk: false,
        resource: super::ResourceConfig {
            service_name: code.default_service_name.unwrap_or_default(),
            attributes: code.resource_attributes,
        },
        propagators: vec![super::Propagator::TraceContext, super::Propagator::Baggage],
        traces: super::TracesConfig {
            destinations: code.traces.destinations.unwrap_or_default(),
            sampler: code.sampler.unwrap_or_default(),
            limits: super::SpanLimits {
                attributes: 128,
                events: 128,
                links: 128,
                attributes_per_event: 128,
                attributes_per_link: 128,
                value_length: None,
            },
            batch,
        },
        metrics: super::MetricsConfig {
            destinations: code.metrics.destinations.unwrap_or_default(),
            interval: std::time::Duration::from_secs(60),
            timeout: std::time::Duration::from_secs(30),
            temporality: code.temporality.unwrap_or_default(),
            name_prefix: code.metric_name_prefix,
            prometheus: code.prometheus.unwrap_or(super::PrometheusConfig::Off),
        },
        logs: super::LogsConfig {
            destinations: code.logs.destinations.unwrap_or_default(),
            limits: super::LogLimits {
                attributes: 128,
                value_length: None,
            },
            batch,
            dir: code.log_dir,
            filter: code.log_filter,
        },
        capture_content: code.capture_content.unwrap_or_default(),
        warnings: Vec::new(),
        sources: Vec::new(),
    }
}
