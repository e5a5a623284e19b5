//! Where settings are read, and the one place where it is decided which of them counts.
//!
//! Precedence, highest first: code, the signal's environment variable, the general environment
//! variable, the section `diagnostics.otel` of `openclaw.json`, the default. Empty is unset. A
//! malformed value leaves a [`Warning`](crate::Warning) and is then unset. [`SETTINGS`] lists
//! every setting and [`markdown`] prints them as a page.

mod code;
mod env;
mod resolve;
mod types;

pub use env::Lookup;
pub use types::{
    JaegerRemoteSampler, Propagator, Protocol, RootSampler, SamplerConfig, Temporality,
};

pub(crate) use code::{CodeSettings, OtlpOverrides};
pub(crate) use resolve::resolve;
pub(crate) use types::{
    BatchConfig, CaptureContent, Config, DestinationConfig, LogLimits, LogsConfig, MetricsConfig,
    OtlpConfig, PrometheusConfig, ResourceConfig, Source, SpanLimits, TracesConfig,
};
