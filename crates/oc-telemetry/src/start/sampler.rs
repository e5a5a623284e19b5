use opentelemetry_sdk::trace::{Sampler, ShouldSample};

use crate::config::{Config, RootSampler, SamplerConfig};

/// The SDK's sampler for a configuration.
pub(super) fn build(config: &mut Config, io: &oc_otlp::IoRuntime) -> Box<dyn ShouldSample> {
    let SamplerConfig {
        parent_based, root, ..
    } = config.traces.sampler.clone();
    let root = match root {
        RootSampler::AlwaysOn => Sampler::AlwaysOn,
        RootSampler::AlwaysOff => Sampler::AlwaysOff,
        RootSampler::TraceIdRatio(ratio) => Sampler::TraceIdRatioBased(ratio),
        RootSampler::JaegerRemote(remote) => jaeger_remote(&remote, config, io),
    };
    if parent_based {
        Box::new(Sampler::ParentBased(Box::new(root)))
    } else {
        Box::new(root)
    }
}

#[cfg(any())]
fn jaeger_remote(
    remote: &crate::config::JaegerRemoteSampler,
    config: &mut Config,
    io: &oc_otlp::IoRuntime,
) -> Sampler {
    match super::jaeger::sampler(remote, &config.resource.service_name, io) {
        Ok(sampler) => sampler,
        Err(problem) => {
            config.warn(
                "traces.sampler",
                format!(
                    "the remote sampler cannot be used: {problem}; traces are sampled at its \
                     initial rate {}",
                    remote.initial_sampling_rate
                ),
            );
            Sampler::TraceIdRatioBased(remote.initial_sampling_rate)
        }
    }
}

#[cfg(not(any()))]
fn jaeger_remote(
    remote: &crate::config::JaegerRemoteSampler,
    config: &mut Config,
    _io: &oc_otlp::IoRuntime,
) -> Sampler {
    config.warn(
        "traces.sampler",
        format!(
            "jaeger_remote needs oc-telemetry's feature jaeger-remote-sampler; traces are sampled \
             at its initial rate {}",
            remote.initial_sampling_rate
        ),
    );
    Sampler::TraceIdRatioBased(remote.initial_sampling_rate)
}
