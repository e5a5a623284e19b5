use opentelemetry_sdk::trace::{Sampler, ShouldSample};

use crate::config::{Config, JaegerRemoteSampler, RootSampler, SamplerConfig};

/// The sampler for a configuration.
pub(super) fn build(config: &mut Config, io: &oc_otlp::IoRuntime) -> Box<dyn ShouldSample> {
    let SamplerConfig {
        parent_based, root, ..
    } = config.traces.sampler.clone();
    let root: Box<dyn ShouldSample> = match root {
        RootSampler::AlwaysOn => Box::new(Sampler::AlwaysOn),
        RootSampler::AlwaysOff => Box::new(Sampler::AlwaysOff),
        RootSampler::TraceIdRatio(ratio) => Box::new(Sampler::TraceIdRatioBased(ratio)),
        RootSampler::JaegerRemote(remote) => jaeger_remote(&remote, config, io),
    };
    if parent_based {
        Box::new(Sampler::ParentBased(root))
    } else {
        root
    }
}

#[cfg(feature = "jaeger-remote-sampler")]
fn jaeger_remote(
    remote: &JaegerRemoteSampler,
    config: &mut Config,
    io: &oc_otlp::IoRuntime,
) -> Box<dyn ShouldSample> {
    let (service, roots) = (&config.resource.service_name, &config.system_roots);
    match super::jaeger::sampler(remote, service, roots, io) {
        Ok(sampler) => Box::new(sampler),
        Err(error) => {
            config.warn(
                "traces.sampler",
                format!(
                    "the remote sampler cannot be used: {error}; traces are sampled at its \
                     initial rate {}",
                    remote.initial_sampling_rate
                ),
            );
            Box::new(Sampler::TraceIdRatioBased(remote.initial_sampling_rate))
        }
    }
}

#[cfg(not(feature = "jaeger-remote-sampler"))]
fn jaeger_remote(
    remote: &JaegerRemoteSampler,
    config: &mut Config,
    _io: &oc_otlp::IoRuntime,
) -> Box<dyn ShouldSample> {
    config.warn(
        "traces.sampler",
        format!(
            "jaeger_remote needs oc-telemetry's feature jaeger-remote-sampler; traces are sampled \
             at its initial rate {}",
            remote.initial_sampling_rate
        ),
    );
    Box::new(Sampler::TraceIdRatioBased(remote.initial_sampling_rate))
}
