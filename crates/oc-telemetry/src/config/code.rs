//! What the program set on the builder: everything optional, nothing decided.

use std::{path::PathBuf, time::Duration};

use oc_otlp::{Signal, transport::Compression};

use super::{
    CaptureContent, DestinationConfig, PrometheusConfig, Propagator, Protocol, SamplerConfig,
    Temporality,
};
use crate::{Warning, mlflow::MlflowSettings};

/// The builder's settings. `None` and empty mean "not set in code".
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeSettings {
    /// The service's name if nobody else names it: the builder's argument.
    pub(crate) default_service_name: Option<String>,
    /// The service's name whatever the environment says.
    pub(crate) service_name: Option<String>,
    /// Win over attributes of the same key in the environment.
    pub(crate) resource_attributes: Vec<(String, String)>,
    pub(crate) sdk_disabled: Option<bool>,
    pub(crate) host_owns_sdk: Option<bool>,
    pub(crate) propagators: Option<Vec<Propagator>>,
    /// OTLP for all signals.
    pub(crate) otlp: OtlpOverrides,
    /// OTLP and destinations of one signal.
    pub(crate) traces: SignalOverrides,
    pub(crate) metrics: SignalOverrides,
    pub(crate) logs: SignalOverrides,
    pub(crate) sampler: Option<SamplerConfig>,
    pub(crate) span_limits: SpanLimitOverrides,
    pub(crate) log_limits: LogLimitOverrides,
    pub(crate) span_batch: BatchOverrides,
    pub(crate) log_batch: BatchOverrides,
    pub(crate) metric_interval: Option<Duration>,
    pub(crate) metric_timeout: Option<Duration>,
    pub(crate) temporality: Option<Temporality>,
    pub(crate) metric_name_prefix: Option<String>,
    pub(crate) prometheus: Option<PrometheusConfig>,
    pub(crate) log_dir: Option<PathBuf>,
    pub(crate) log_filter: Option<String>,
    pub(crate) capture_content: Option<CaptureContent>,
    pub(crate) mlflow: Option<MlflowSettings>,
    pub(crate) mlflow_off: bool,
    /// What was said in code and cannot be done.
    pub(crate) warnings: Vec<Warning>,
    /// Where `openclaw.json` lies.
    pub(crate) config_path: Option<PathBuf>,
    /// Its text, instead of reading the file.
    pub(crate) config_text: Option<String>,
}

impl CodeSettings {
    pub(crate) fn signal(&self, signal: Signal) -> &SignalOverrides {
        match signal {
            Signal::Traces => &self.traces,
            Signal::Metrics => &self.metrics,
            Signal::Logs => &self.logs,
        }
    }

    pub(crate) fn signal_mut(&mut self, signal: Signal) -> &mut SignalOverrides {
        match signal {
            Signal::Traces => &mut self.traces,
            Signal::Metrics => &mut self.metrics,
            Signal::Logs => &mut self.logs,
        }
    }
}

/// What code says about one signal.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignalOverrides {
    pub(crate) otlp: OtlpOverrides,
    /// Exactly these, whatever the environment and the file say. Empty: nowhere.
    pub(crate) destinations: Option<Vec<DestinationConfig>>,
    /// Beside the resolved ones.
    pub(crate) more_destinations: Vec<DestinationConfig>,
}

/// OTLP settings made in code, for one signal or for all.
#[derive(Clone, Default)]
pub(crate) struct OtlpOverrides {
    /// For all signals a base to which HTTP appends the signal's path; for one signal exact.
    pub(crate) endpoint: Option<String>,
    pub(crate) protocol: Option<Protocol>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) compression: Option<Compression>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) client_cert: Option<PathBuf>,
    pub(crate) client_key: Option<PathBuf>,
}

impl std::fmt::Debug for OtlpOverrides {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OtlpOverrides")
            .field("protocol", &self.protocol)
            .field("compression", &self.compression)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SpanLimitOverrides {
    pub(crate) attributes: Option<u32>,
    pub(crate) events: Option<u32>,
    pub(crate) links: Option<u32>,
    pub(crate) attributes_per_event: Option<u32>,
    pub(crate) attributes_per_link: Option<u32>,
    pub(crate) value_length: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LogLimitOverrides {
    pub(crate) attributes: Option<u32>,
    pub(crate) value_length: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BatchOverrides {
    pub(crate) schedule_delay: Option<Duration>,
    pub(crate) max_queue_size: Option<usize>,
    pub(crate) max_export_batch_size: Option<usize>,
    pub(crate) export_timeout: Option<Duration>,
}
