//! The resolved configuration: plain data, every value decided.

use std::{borrow::Cow, fmt, net::SocketAddr, path::PathBuf, time::Duration};

use oc_otlp::transport::{Compression, Endpoint};

use crate::{
    mlflow::MlflowConfig,
    warning::{Origin, Warning},
};

/// Everything that the builder needs to know, decided.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// `OTEL_SDK_DISABLED`: record and export nothing; propagation stays on.
    pub(crate) sdk_disabled: bool,
    /// `OPENCLAW_OTEL_PRELOADED`: the host owns the SDK, set no global.
    pub(crate) host_owns_sdk: bool,
    pub(crate) resource: ResourceConfig,
    /// In the order given, without repetition. Empty for `none`.
    pub(crate) propagators: Vec<Propagator>,
    pub(crate) traces: TracesConfig,
    pub(crate) metrics: MetricsConfig,
    pub(crate) logs: LogsConfig,
    pub(crate) capture_content: CaptureContent,
    /// `None` is off.
    pub(crate) mlflow: Option<MlflowConfig>,
    pub(crate) system_roots: SystemRoots,
    /// What was wrong, in the order in which it was found; at most 64.
    pub(crate) warnings: Vec<Warning>,
    /// Where each value that is not a default came from.
    pub(crate) sources: Vec<Source>,
}

impl Config {
    /// Where the value of `topic`, such as `traces.endpoint`, came from; `None` for a default.
    pub(crate) fn source(&self, topic: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.topic == topic)
    }

    /// Adds a warning about the value of `topic`, which names whoever set it.
    ///
    /// For parts that find out later that a setting does not work, such as a certificate file
    /// that is not PEM.
    pub(crate) fn warn(&mut self, topic: &str, message: impl Into<String>) {
        let warning = match self.source(topic) {
            Some(source) => Warning::new(source.setting.clone(), source.origin.clone(), message),
            None => Warning::new(topic.to_owned(), Origin::Default, message),
        };
        self.warnings.push(warning);
    }
}

/// Who decided one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// What was decided, such as `traces.endpoint` or `metrics.interval`.
    pub(crate) topic: Cow<'static, str>,
    /// The variable or key that decided it.
    pub(crate) setting: Cow<'static, str>,
    pub(crate) origin: Origin,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ResourceConfig {
    pub(crate) service_name: String,
    /// Without `service.name`; no key twice.
    pub(crate) attributes: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub(crate) struct TracesConfig {
    pub(crate) destinations: Vec<DestinationConfig>,
    pub(crate) sampler: SamplerConfig,
    pub(crate) limits: SpanLimits,
    pub(crate) batch: BatchConfig,
}

#[derive(Debug, Clone)]
pub(crate) struct MetricsConfig {
    pub(crate) destinations: Vec<DestinationConfig>,
    /// How often metrics are pushed.
    pub(crate) interval: Duration,
    /// How long one collection and push may take.
    pub(crate) timeout: Duration,
    pub(crate) temporality: Temporality,
    /// Replaces `openclaw.` at the start of our own metric names.
    pub(crate) name_prefix: Option<String>,
    #[cfg_attr(
        not(feature = "prometheus"),
        allow(dead_code, reason = "decided all the same, but there is no page")
    )]
    pub(crate) prometheus: PrometheusConfig,
}

#[derive(Debug, Clone)]
pub(crate) struct LogsConfig {
    pub(crate) destinations: Vec<DestinationConfig>,
    pub(crate) limits: LogLimits,
    pub(crate) batch: BatchConfig,
    /// Where the JSONL files lie; `None` where there is no home folder and nobody named one.
    pub(crate) dir: Option<PathBuf>,
    /// The filter directives as written (`OPENCLAW_LOG`, else `RUST_LOG`).
    pub(crate) filter: Option<String>,
}

/// One place that a signal goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DestinationConfig {
    Otlp(OtlpConfig),
    Console,
}

/// Where the certificates lie that the system trusts; nothing for where it keeps them anyway.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SystemRoots {
    pub(crate) file: Option<PathBuf>,
    pub(crate) dirs: Vec<PathBuf>,
}

impl SystemRoots {
    pub(crate) fn apply(&self, endpoint: Endpoint) -> Endpoint {
        endpoint.with_system_roots_from(self.file.clone(), self.dirs.iter().cloned())
    }
}

/// An OTLP receiver. Its `Debug` shows header names, not values, and nothing of the URL that may be
/// a secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct OtlpConfig {
    /// The destination's name in the ledger and in reports.
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    /// `http` or `https`. HTTP: complete, with the signal's path. gRPC: the origin.
    pub(crate) url: String,
    /// Lower-case valid names, valid values. Secrets.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) compression: Compression,
    /// How long one attempt may take.
    pub(crate) timeout: Duration,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) client_cert: Option<PathBuf>,
    pub(crate) client_key: Option<PathBuf>,
}

impl fmt::Debug for OtlpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("OtlpConfig")
            .field("name", &self.name)
            .field("protocol", &self.protocol)
            .field("url", &redacted(&self.url))
            .field("headers", &headers)
            .field("compression", &self.compression)
            .field("timeout", &self.timeout)
            .field("ca_file", &self.ca_file)
            .field("client_cert", &self.client_cert)
            .field("client_key", &self.client_key)
            .finish()
    }
}

/// Without user name, password and query.
fn redacted(url: &str) -> String {
    Endpoint::new(url).redacted_url()
}

/// How OTLP is spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// `http/protobuf`, the default.
    #[default]
    HttpProtobuf,
    /// `grpc`.
    Grpc,
}

impl Protocol {
    /// The protocol as `OTEL_EXPORTER_OTLP_PROTOCOL` names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HttpProtobuf => "http/protobuf",
            Self::Grpc => "grpc",
        }
    }
}

/// What a point of a pushed counter or histogram covers.
///
/// OTLP metric exporter specification, "Additional Environment Variable Configuration".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Temporality {
    /// Everything since the start. The default, and what `/metrics` always shows.
    #[default]
    Cumulative,
    /// What is new since the last push; up-down counters stay cumulative.
    Delta,
    /// Delta for counters and histograms, cumulative for observable counters: needs least memory.
    LowMemory,
}

/// A format in which context crosses process boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Propagator {
    /// W3C Trace Context: `traceparent` and `tracestate`.
    TraceContext,
    /// W3C Baggage: `baggage`.
    Baggage,
}

/// Which traces are recorded.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SamplerConfig {
    /// Whether a span with a parent follows the parent's decision.
    pub parent_based: bool,
    /// Decides for root spans, and for all when `parent_based` is off.
    pub root: RootSampler,
}

impl SamplerConfig {
    /// `root` decides for every span.
    pub const fn new(root: RootSampler) -> Self {
        Self {
            parent_based: false,
            root,
        }
    }

    /// `root` decides for root spans; every other span follows its parent.
    pub const fn parent_based(root: RootSampler) -> Self {
        Self {
            parent_based: true,
            root,
        }
    }
}

impl Default for SamplerConfig {
    /// `parentbased_always_on`.
    fn default() -> Self {
        Self::parent_based(RootSampler::AlwaysOn)
    }
}

/// How a root span is decided on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RootSampler {
    /// Every trace.
    AlwaysOn,
    /// No trace.
    AlwaysOff,
    /// This share of the traces, from 0 to 1, by trace id.
    TraceIdRatio(f64),
    /// What Jaeger's adaptive sampling says (feature `jaeger-remote-sampler`).
    JaegerRemote(JaegerRemoteSampler),
}

/// Settings of Jaeger's remote sampler.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct JaegerRemoteSampler {
    /// Where strategies are served. Default `http://localhost:5778/sampling`.
    pub endpoint: String,
    /// How often they are asked for. Default 5 minutes.
    pub polling_interval: Duration,
    /// The share of traces, from 0 to 1, recorded until the first answer. Default 0.001.
    pub initial_sampling_rate: f64,
}

/// A URL may hold a password.
impl fmt::Debug for JaegerRemoteSampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JaegerRemoteSampler")
            .field("endpoint", &redacted(&self.endpoint))
            .field("polling_interval", &self.polling_interval)
            .field("initial_sampling_rate", &self.initial_sampling_rate)
            .finish()
    }
}

impl Default for JaegerRemoteSampler {
    fn default() -> Self {
        Self {
            endpoint: "http://localhost:5778/sampling".to_owned(),
            polling_interval: Duration::from_mins(5),
            initial_sampling_rate: 0.001,
        }
    }
}

/// What one span may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanLimits {
    pub(crate) attributes: u32,
    pub(crate) events: u32,
    pub(crate) links: u32,
    pub(crate) attributes_per_event: u32,
    pub(crate) attributes_per_link: u32,
    /// In characters; `None` is unlimited.
    pub(crate) value_length: Option<u32>,
}

impl CaptureContent {
    /// All classes of content, as attributes of spans.
    pub const fn everything_on_spans() -> Self {
        Self {
            on_spans: true,
            in_events: false,
            input_messages: true,
            output_messages: true,
            tool_inputs: true,
            tool_outputs: true,
            system_prompt: true,
            tool_definitions: true,
        }
    }
}

/// What one log record may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogLimits {
    pub(crate) attributes: u32,
    /// In characters; `None` is unlimited.
    pub(crate) value_length: Option<u32>,
}

/// How spans or log records are batched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchConfig {
    pub(crate) schedule_delay: Duration,
    pub(crate) max_queue_size: usize,
    /// Never more than `max_queue_size`.
    pub(crate) max_export_batch_size: usize,
    /// How long one attempt to send a batch may take, beside the destination's own timeout.
    pub(crate) export_timeout: Option<Duration>,
}

/// How `/metrics` is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrometheusConfig {
    /// No pull reader.
    Off,
    /// A pull reader whose page the program serves itself.
    #[cfg_attr(
        not(feature = "prometheus"),
        allow(dead_code, reason = "decided all the same, but there is no page")
    )]
    Mounted,
    /// A pull reader and a listener of ours.
    Listen(SocketAddr),
}

/// Which content may leave the process. All off unless somebody says so.
#[expect(
    clippy::struct_excessive_bools,
    reason = "one independent switch for each class of content, as openclaw.json has them"
)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaptureContent {
    /// Captured content becomes span attributes.
    pub on_spans: bool,
    /// Captured content becomes events, and log bodies go out by OTLP.
    pub in_events: bool,
    /// What users and tools say to a model.
    pub input_messages: bool,
    /// What a model answers.
    pub output_messages: bool,
    /// The arguments of tool calls.
    pub tool_inputs: bool,
    /// The results of tool calls.
    pub tool_outputs: bool,
    /// System instructions.
    pub system_prompt: bool,
    /// The definitions of the tools offered to a model.
    pub tool_definitions: bool,
}

impl CaptureContent {
    /// What a plain `true` means: everything on spans and events, but never the system prompt.
    pub(crate) const fn all_but_system_prompt() -> Self {
        Self {
            on_spans: true,
            in_events: true,
            input_messages: true,
            output_messages: true,
            tool_inputs: true,
            tool_outputs: true,
            system_prompt: false,
            tool_definitions: true,
        }
    }
}
