//! What a program says about its telemetry before it starts.

#[cfg(feature = "prometheus")]
use std::net::SocketAddr;
use std::{path::PathBuf, sync::Arc, time::Duration};

use oc_otlp::{Signal, transport::Compression};
use opentelemetry_sdk::trace::IdGenerator;

use crate::{
    Destination, InitError, Telemetry, TelemetryGuard,
    agent::{AgentSettings, Dialect, SpanNaming},
    clock::{Clock, SystemClock},
    config::{
        CaptureContent, CodeSettings, Lookup, PrometheusConfig, Propagator, Protocol,
        SamplerConfig, Temporality,
    },
    mlflow::MlflowSettings,
    privacy::{Redactor, SessionHash},
    start,
};

/// Settings of a [`Telemetry`]; made by [`Telemetry::builder`].
///
/// What is not set here is taken from the environment, then from `openclaw.json`, then from the
/// defaults: JSONL logs in `~/.openclaw/logs`, `/metrics` on `127.0.0.1:9464`, OTLP off. Setters do
/// no work and never fail; [`build`](Self::build) and [`install`](Self::install) do the work.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build()` or `install()` is called"]
pub struct TelemetryBuilder {
    pub(crate) settings: CodeSettings,
    pub(crate) environment: Lookup,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) id_generator: Option<Box<dyn IdGenerator>>,
    pub(crate) log_files: bool,
    pub(crate) agents: AgentSettings,
    pub(crate) redactor: Redactor,
    pub(crate) shutdown_timeout: Duration,
    #[cfg(feature = "prometheus")]
    pub(crate) registry: Option<prometheus::Registry>,
}

/// The time a shutdown may take unless somebody says otherwise.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

impl TelemetryBuilder {
    pub(crate) fn new(service_name: String) -> Self {
        Self {
            settings: CodeSettings {
                default_service_name: Some(service_name),
                ..CodeSettings::default()
            },
            environment: Lookup::process(),
            clock: Arc::new(SystemClock),
            id_generator: None,
            log_files: true,
            agents: AgentSettings::default(),
            redactor: Redactor::new(),
            shutdown_timeout: SHUTDOWN_TIMEOUT,
            #[cfg(feature = "prometheus")]
            registry: None,
        }
    }

    /// Builds the telemetry and sets nothing global: the program passes it around, or uses it in a
    /// test or beside another one. Events and spans of the `tracing` crate reach it through
    /// [`tracing_layer`](Telemetry::tracing_layer), which [`install`](Self::install) adds by itself.
    ///
    /// # Errors
    ///
    /// [`EmptyServiceName`](crate::InitErrorKind::EmptyServiceName) and
    /// [`RegistryInUse`](crate::InitErrorKind::RegistryInUse). Bad settings from outside are
    /// [warnings](Telemetry::warnings).
    pub fn build(self) -> Result<Telemetry, InitError> {
        start::telemetry(self)
    }

    /// [`build`](Self::build) and [`Telemetry::install`] in one: what most programs want.
    ///
    /// # Errors
    ///
    /// Those of both.
    pub fn install(self) -> Result<TelemetryGuard, InitError> {
        self.build()?.install()
    }

    /// The resource's `service.name`, whatever `OTEL_SERVICE_NAME` says. The name given to
    /// [`Telemetry::builder`] holds only as long as nobody else names the service.
    pub fn with_service_name(mut self, name: impl Into<String>) -> Self {
        self.settings.service_name = Some(name.into());
        self
    }

    /// An attribute of the resource, such as `service.version`. Wins over
    /// `OTEL_RESOURCE_ATTRIBUTES`.
    pub fn with_resource_attribute(
        mut self,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        let attributes = &mut self.settings.resource_attributes;
        attributes.push((key.into(), value.into()));
        self
    }

    /// Switches OTLP on, for all three signals: the base to which HTTP appends `/v1/traces` and so
    /// on. Variable `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn with_otlp_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.settings.otlp.endpoint = Some(endpoint.into());
        self
    }

    /// Switches OTLP on for one signal, with a complete URL. Variables
    /// `OTEL_EXPORTER_OTLP_{TRACES,METRICS,LOGS}_ENDPOINT`.
    pub fn with_signal_endpoint(mut self, signal: Signal, endpoint: impl Into<String>) -> Self {
        let otlp = &mut self.settings.signal_mut(signal).otlp;
        otlp.endpoint = Some(endpoint.into());
        self
    }

    /// How OTLP is spoken. Default [`Protocol::HttpProtobuf`]; variable
    /// `OTEL_EXPORTER_OTLP_PROTOCOL`.
    pub fn with_otlp_protocol(mut self, protocol: Protocol) -> Self {
        self.settings.otlp.protocol = Some(protocol);
        self
    }

    /// A header sent to the OTLP endpoint. Variable `OTEL_EXPORTER_OTLP_HEADERS`.
    pub fn with_otlp_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let headers = &mut self.settings.otlp.headers;
        headers.push((name.into(), value.into()));
        self
    }

    /// How OTLP bodies are compressed. Default not at all; variable
    /// `OTEL_EXPORTER_OTLP_COMPRESSION`.
    pub fn with_otlp_compression(mut self, compression: Compression) -> Self {
        self.settings.otlp.compression = Some(compression);
        self
    }

    /// How long one OTLP request may take. Default 10 s; variable `OTEL_EXPORTER_OTLP_TIMEOUT`.
    pub fn with_otlp_timeout(mut self, timeout: Duration) -> Self {
        self.settings.otlp.timeout = Some(timeout);
        self
    }

    /// A PEM file with the certificates trusted for OTLP instead of the system's. Variable
    /// `OTEL_EXPORTER_OTLP_CERTIFICATE`.
    pub fn with_otlp_ca_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.settings.otlp.ca_file = Some(file.into());
        self
    }

    /// PEM files with the client's certificate and key for OTLP. Variables
    /// `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and `OTEL_EXPORTER_OTLP_CLIENT_KEY`.
    pub fn with_otlp_client_identity(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.settings.otlp.client_cert = Some(certificate.into());
        self.settings.otlp.client_key = Some(key.into());
        self
    }

    /// One more destination, beside those that settings name. May be called several times.
    pub fn with_destination(mut self, destination: Destination) -> Self {
        destination.add_to(&mut self.settings);
        self
    }

    /// One more destination: MLflow, beside OTLP. Default off, unless environment or file name a
    /// server; variable `MLFLOW_TRACKING_URI`, keys `diagnostics.mlflow`. See [`mlflow`](crate::mlflow).
    pub fn with_mlflow(mut self, settings: MlflowSettings) -> Self {
        self.settings.mlflow = Some(settings);
        self.settings.mlflow_off = false;
        self
    }

    /// No MLflow, whatever environment and file say.
    pub fn without_mlflow(mut self) -> Self {
        self.settings.mlflow_off = true;
        self
    }

    /// Which traces are recorded. Default every trace, following the parent's decision; variable
    /// `OTEL_TRACES_SAMPLER`.
    pub fn with_sampler(mut self, sampler: SamplerConfig) -> Self {
        self.settings.sampler = Some(sampler);
        self
    }

    /// The formats in which context crosses process boundaries. Default trace context and
    /// baggage; variable `OTEL_PROPAGATORS`.
    pub fn with_propagators(mut self, propagators: impl IntoIterator<Item = Propagator>) -> Self {
        self.settings.propagators = Some(propagators.into_iter().collect());
        self
    }

    /// The longest string an attribute may hold, in characters. Default unlimited; variable
    /// `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`.
    pub fn with_value_length_limit(mut self, characters: u32) -> Self {
        self.settings.span_limits.value_length = Some(characters);
        self.settings.log_limits.value_length = Some(characters);
        self
    }

    /// How many ended spans may wait. Default 2048; variable `OTEL_BSP_MAX_QUEUE_SIZE`. However many
    /// are allowed, together they take no more than about 32 MiB.
    pub fn with_span_queue_size(mut self, spans: usize) -> Self {
        self.settings.span_batch.max_queue_size = Some(spans);
        self
    }

    /// How often metrics are pushed over OTLP. Default 60 s; variable
    /// `OTEL_METRIC_EXPORT_INTERVAL`.
    pub fn with_metric_interval(mut self, interval: Duration) -> Self {
        self.settings.metric_interval = Some(interval);
        self
    }

    /// What a pushed point covers. Default everything since the start; variable
    /// `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`.
    pub fn with_temporality(mut self, temporality: Temporality) -> Self {
        self.settings.temporality = Some(temporality);
        self
    }

    /// Replaces `openclaw.` at the start of the names of our own metrics. Key
    /// `diagnostics.otel.metricNamePrefix`.
    pub fn with_metric_name_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.metric_name_prefix = Some(prefix.into());
        self
    }

    /// Where `/metrics` is served. Default `127.0.0.1:9464`; port 0 picks a free one
    /// ([`Telemetry::metrics_addr`]). Variables `OTEL_EXPORTER_PROMETHEUS_HOST` and `_PORT`.
    #[cfg(feature = "prometheus")]
    pub fn with_prometheus_addr(mut self, addr: SocketAddr) -> Self {
        self.settings.prometheus = Some(PrometheusConfig::Listen(addr));
        self
    }

    /// No listener of ours: the program mounts [`Telemetry::metrics_page`] in its own server.
    #[cfg(feature = "prometheus")]
    pub fn without_prometheus_listener(mut self) -> Self {
        self.settings.prometheus = Some(PrometheusConfig::Mounted);
        self
    }

    /// No `/metrics` at all.
    pub fn without_prometheus(mut self) -> Self {
        self.settings.prometheus = Some(PrometheusConfig::Off);
        self
    }

    /// The registry that the page shows, with whatever the program registers there itself.
    /// Default: a new one.
    #[cfg(feature = "prometheus")]
    pub fn with_prometheus_registry(mut self, registry: prometheus::Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// The folder of the log files. Default `~/.openclaw/logs`; variable `OPENCLAW_LOG_DIR`.
    pub fn with_log_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.settings.log_dir = Some(folder.into());
        self
    }

    /// How the spans of model calls and tools are named. Default: as the GenAI conventions say.
    pub fn with_span_naming(mut self, naming: SpanNaming) -> Self {
        self.agents.naming = naming;
        self
    }

    /// Puts turns below the span of their session, so that a session is one trace. Default: one trace
    /// a message, linked with the session.
    pub fn with_turns_below_session(mut self) -> Self {
        self.agents.turns_below_session = true;
        self
    }

    /// Sends session ids as keyed hashes: the same everywhere, telling nothing. On spans, in logs, in
    /// baggage and in the environments of child processes.
    pub fn with_session_hash(mut self, hash: SessionHash) -> Self {
        self.agents.session_hash = Some(hash);
        self
    }

    /// Takes secrets out of everything that leaves the process. The default knows the keys of the
    /// known vendors and much else; this is the place for hooks of one's own.
    pub fn with_redactor(mut self, redactor: Redactor) -> Self {
        self.redactor = redactor;
        self
    }

    /// Sets the attributes that another kind of receiver reads beside those of the conventions.
    pub fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.agents.dialects.switch_on(dialect);
        self
    }

    /// Which content is captured: nothing by default. Variable
    /// `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, key `diagnostics.otel.captureContent`.
    pub fn with_content_capture(mut self, capture: CaptureContent) -> Self {
        self.settings.capture_content = Some(capture);
        self
    }

    /// No log files.
    pub fn without_log_files(mut self) -> Self {
        self.log_files = false;
        self
    }

    /// Which events and `tracing` spans are recorded, such as `info,my_crate=debug`. Default
    /// `info`; variables `OPENCLAW_LOG` and `RUST_LOG`. Of the OpenTelemetry crates only warnings
    /// are recorded unless a directive names them (`opentelemetry=info`).
    pub fn with_log_filter(mut self, directives: impl Into<String>) -> Self {
        self.settings.log_filter = Some(directives.into());
        self
    }

    /// Where `openclaw.json` lies. Default `~/.openclaw/openclaw.json`; variable
    /// `OPENCLAW_CONFIG`.
    pub fn with_config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.config_path = Some(path.into());
        self
    }

    /// Where environment variables are looked up. Default the process's environment. Tests pass a
    /// map, and [`Lookup::empty`] makes an instance independent of its surroundings.
    pub fn with_environment(mut self, lookup: Lookup) -> Self {
        self.environment = lookup;
        self
    }

    /// The host has an OpenTelemetry SDK of its own: no provider is made and nothing global is
    /// set. The host adds [`Telemetry::span_processor`], [`Telemetry::log_processor`] and
    /// [`Telemetry::metric_reader`] to its providers. Variable `OPENCLAW_OTEL_PRELOADED`.
    pub fn with_host_sdk(mut self) -> Self {
        self.settings.host_owns_sdk = Some(true);
        self
    }

    /// Makes the ids of traces and spans. Default: random, and the `traceparent` of a trace that starts
    /// here says so (W3C Trace Context level 2, "Random Trace ID Flag"); with a generator it does not.
    pub fn with_id_generator(mut self, generator: impl IdGenerator + 'static) -> Self {
        self.id_generator = Some(Box::new(generator));
        self
    }

    /// The clock of everything that is the library's own, such as the time of a log line. Spans
    /// and metric points are stamped by the SDK, which has no clock to set.
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How long a shutdown may take, in total. Default 2 s.
    pub fn with_shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }
}
