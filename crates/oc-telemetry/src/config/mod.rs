//! Where settings are read, and the one place where it is decided which of them counts.
//!
//! Precedence, highest first: code, the signal's environment variable, the general environment
//! variable, the section `diagnostics.otel` of `openclaw.json`, the default. Empty is unset. A
//! malformed value leaves a [`Warning`](crate::Warning) and is then unset. [`SETTINGS`] lists
//! every setting and [`markdown`] prints them as a page.

mod code;
mod collect;
mod env;
mod file;
mod parse;
mod reference;
mod resolve;
mod settings;
mod text;
mod types;

pub use env::Lookup;
pub use reference::markdown;
pub use settings::{SETTINGS, Setting, Topic};
pub use types::{
    CaptureContent, JaegerRemoteSampler, Propagator, Protocol, RootSampler, SamplerConfig,
    Temporality,
};

pub(crate) use code::{CodeSettings, OtlpOverrides};
pub(crate) use resolve::resolve;
pub(crate) use text::echo_path;
pub(crate) use types::{
    BatchConfig, Config, DestinationConfig, LogLimits, LogsConfig, MetricsConfig, OtlpConfig,
    PrometheusConfig, ResourceConfig, Source, SpanLimits, SystemRoots, TracesConfig,
};

#[cfg(test)]
mod tests;
