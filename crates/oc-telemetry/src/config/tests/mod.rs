//! From variables, file text and code to the decided configuration.

use oc_otlp::Signal;

use super::*;
use crate::warning::{Origin, Severity, Warning};

mod arbitrary;
mod bad_input;
mod destinations;
mod drift;
mod mlflow;
mod precedence;
mod values;

/// Resolves variables alone.
fn env<const N: usize>(variables: [(&str, &str); N]) -> Config {
    resolve(CodeSettings::default(), &Lookup::from_map(variables))
}

/// Resolves a file's text alone.
fn file(text: &str) -> Config {
    both([], text)
}

/// Resolves variables and a file's text.
fn both<const N: usize>(variables: [(&str, &str); N], text: &str) -> Config {
    let code = CodeSettings {
        config_text: Some(text.to_owned()),
        ..CodeSettings::default()
    };
    resolve(code, &Lookup::from_map(variables))
}

fn destinations(config: &Config, signal: Signal) -> &[DestinationConfig] {
    match signal {
        Signal::Traces => &config.traces.destinations,
        Signal::Metrics => &config.metrics.destinations,
        Signal::Logs => &config.logs.destinations,
    }
}

/// The signal's OTLP receiver.
fn otlp(config: &Config, signal: Signal) -> Option<&OtlpConfig> {
    destinations(config, signal)
        .iter()
        .find_map(|destination| match destination {
            DestinationConfig::Otlp(otlp) => Some(otlp),
            DestinationConfig::Console => None,
        })
}

/// The signal's URL, or nothing where OTLP is off.
fn url(config: &Config, signal: Signal) -> &str {
    otlp(config, signal).map_or("", |otlp| &otlp.url)
}

/// The URLs of traces, metrics and logs.
fn urls(config: &Config) -> [&str; 3] {
    [Signal::Traces, Signal::Metrics, Signal::Logs].map(|signal| url(config, signal))
}

/// The warnings, without notices, as they are printed.
fn warnings(config: &Config) -> Vec<String> {
    config
        .warnings
        .iter()
        .filter(|warning| warning.severity() == Severity::Warning)
        .map(Warning::to_string)
        .collect()
}

fn headers(otlp: Option<&OtlpConfig>) -> Vec<(&str, &str)> {
    otlp.into_iter()
        .flat_map(|otlp| &otlp.headers)
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}
