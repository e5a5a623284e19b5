//! Which traces are recorded.

use std::time::Duration;

use super::{Resolver, Sourced};
use crate::config::{
    JaegerRemoteSampler, RootSampler, SamplerConfig,
    parse::{self, Problem},
    text::members,
};

const VARIABLE: &str = "OTEL_TRACES_SAMPLER";
const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";

pub(super) fn sampler(r: &mut Resolver<'_>) -> SamplerConfig {
    let from_env = r.in_env(VARIABLE, |text| {
        let name = text.to_ascii_lowercase();
        let (parent_based, root) = match name.strip_prefix("parentbased_") {
            Some(root) => (true, root),
            None => (false, name.as_str()),
        };
        let root = match root {
            "always_on" => Kind::AlwaysOn,
            "always_off" => Kind::AlwaysOff,
            "traceidratio" => Kind::TraceIdRatio,
            "jaeger_remote" => Kind::JaegerRemote,
            _ => return Err(Problem::expected(EXPECTED)),
        };
        Ok((parent_based, root))
    });
    let from_env = with_argument(r, from_env);
    let candidates = [
        r.in_code(VARIABLE, r.code.sampler.clone()),
        from_env,
        r.in_file("diagnostics.otel.sampleRate", r.file.sample_rate)
            .map(|rate| {
                rate.map(|rate| SamplerConfig::parent_based(RootSampler::TraceIdRatio(rate)))
            }),
    ];
    let picked = r.pick("traces.sampler", candidates);
    picked.map(|sampler| sampler.value).unwrap_or_default()
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    AlwaysOn,
    AlwaysOff,
    TraceIdRatio,
    JaegerRemote,
}

fn with_argument(
    r: &Resolver<'_>,
    sampler: Option<Sourced<(bool, Kind)>>,
) -> Option<Sourced<SamplerConfig>> {
    let kind = sampler.as_ref().map(|sampler| sampler.value.1);
    let root = match kind {
        Some(Kind::TraceIdRatio) => {
            let ratio = r.in_env(ARGUMENT, parse::ratio);
            RootSampler::TraceIdRatio(ratio.map_or(1.0, |ratio| ratio.value))
        }
        Some(Kind::JaegerRemote) => RootSampler::JaegerRemote(jaeger_remote(r)),
        other => {
            if let Some(argument) = r.in_env(ARGUMENT, parse::text) {
                r.warnings.push(argument.warning(format!(
                    "has no effect, because {VARIABLE} names no sampler with an argument"
                )));
            }
            match other? {
                Kind::AlwaysOff => RootSampler::AlwaysOff,
                _ => RootSampler::AlwaysOn,
            }
        }
    };
    sampler.map(|sampler| sampler.map(|(parent_based, _)| SamplerConfig { parent_based, root }))
}

/// `endpoint=…,pollingIntervalMs=…,initialSamplingRate=…`, each optional.
///
/// Configuration specification, "General SDK Configuration". A bad part is left out.
fn jaeger_remote(r: &Resolver<'_>) -> JaegerRemoteSampler {
    let mut sampler = JaegerRemoteSampler::default();
    let Some(argument) = r.in_env(ARGUMENT, parse::text) else {
        return sampler;
    };
    for member in members(&argument.value) {
        let (key, value) = member.split_once('=').unwrap_or((member, ""));
        let value = value.trim();
        let result = match key.trim() {
            "endpoint" => endpoint(value).map(|endpoint| sampler.endpoint = endpoint),
            "pollingIntervalMs" => {
                parse::millis(value).map(|interval: Duration| sampler.polling_interval = interval)
            }
            "initialSamplingRate" => {
                parse::ratio(value).map(|rate| sampler.initial_sampling_rate = rate)
            }
            _ => {
                let problem =
                    Problem::expected("endpoint=…, pollingIntervalMs=… or initialSamplingRate=…");
                r.warnings.push(argument.warning(problem.describe(member)));
                continue;
            }
        };
        if let Err(problem) = result {
            let message = format!("{}: {}", key.trim(), problem.describe(value));
            r.warnings.push(argument.warning(message));
        }
    }
    sampler
}

fn endpoint(text: &str) -> Result<String, Problem> {
    text.parse::<http::Uri>()
        .ok()
        .filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")))
        .filter(|uri| uri.host().is_some_and(|host| !host.is_empty()))
        .map(|_| text.to_owned())
        // A URL may hold a key: not shown.
        .ok_or_else(|| Problem::hidden("expected a URL with http or https"))
}

const EXPECTED: &str = "always_on, always_off, traceidratio or jaeger_remote, or one of these \
                        after parentbased_";
