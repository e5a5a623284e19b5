//! OpenTelemetry for Rust AI-agent gateways: traces, metrics and logs with one call.
//!
//! ```
//! use oc_telemetry::{Telemetry, with_span};
//!
//! # fn main() -> Result<(), oc_telemetry::InitError> {
//! let telemetry = Telemetry::builder("openclaw-gateway")
//! #   .with_environment(oc_telemetry::config::Lookup::empty())
//! #   .without_log_files()
//! #   .with_prometheus_addr(([127, 0, 0, 1], 0).into())
//!     .with_resource_attribute("service.version", "1.4.0")
//!     .install()?;
//!
//! let answer = with_span!("message.process", "session.id" => "demo", {
//!     oc_telemetry::tracing::info!("thinking");
//!     42
//! });
//!
//! let report = telemetry.shutdown();
//! assert!(report.is_complete(), "{report}");
//! # assert_eq!(answer, 42);
//! # Ok(())
//! # }
//! ```
//!
//! With nothing configured that program writes its events to `~/.openclaw/logs/gateway.jsonl` and
//! serves `http://127.0.0.1:9464/metrics`. With `OTEL_EXPORTER_OTLP_ENDPOINT` set it sends all three
//! signals there as well.
//!
//! # What becomes global
//!
//! [`TelemetryBuilder::build`] touches nothing global; any number of instances live side by side.
//! [`Telemetry::install`] sets, once a process: the tracer provider, the meter provider and the
//! propagator of `opentelemetry::global`, the `tracing` subscriber, and the instance that
//! [`with_span!`] records to where the context names none. In a host that has an OpenTelemetry SDK
//! of its own ([`TelemetryBuilder::with_host_sdk`], `OPENCLAW_OTEL_PRELOADED=1`) only the last.
//!
//! # Spans
//!
//! [`with_span!`] runs a block or a future in a span, [`#[with_span]`](attributes::with_span) a
//! function (`use oc_telemetry::{attributes::*, with_span};` brings both into scope);
//! [`span`](mod@span) has the same without macros. They use the SDK directly and activate the
//! OpenTelemetry context. Spans of the `tracing` crate join the same tree, in both directions.
//! [`middleware`] has the layer for HTTP servers (feature `tower`).
//!
//! [`Telemetry::inject_headers`] and [`Telemetry::inject_command`] hand the trace to a server or a
//! child process; the child passes [`Telemetry::inherited_context`] as the parent of its first span.
//!
//! # Agents
//!
//! [`agent`] has what an agent gateway does as types: [`Session`](agent::Session),
//! [`Turn`](agent::Turn), [`AgentSpan`](agent::AgentSpan), [`LlmCall`](agent::LlmCall),
//! [`ToolCall`](agent::ToolCall), [`SubAgent`](agent::SubAgent). They carry what the GenAI
//! conventions require, feed the metrics and end honestly. [`model_body`] reads usage and finish
//! reasons from the bytes of providers. Content is captured only if somebody says so, and secrets
//! are taken out of everything ([`privacy`]).
//!
//! # Metrics
//!
//! One `SdkMeterProvider` with two readers feeds OTLP and [`/metrics`](metrics) alike.
//! [`Telemetry::agent_metrics`] has the families of an agent gateway, [`Telemetry::meter`] makes
//! instruments of the program's own.
//!
//! The metrics of a child process are its own: they go out over OTLP, and `/metrics` of the parent
//! does not have them.
//!
//! # Logs
//!
//! Every `tracing` event becomes a line of JSON with the ids of the span that it happened in, and,
//! where a log destination is configured, an OTLP log record.
//!
//! # Settings
//!
//! Highest first: code, the signal's environment variable, the general one, `openclaw.json`, the
//! default. Those used most:
//!
//! | variable | what it does | default |
//! |---|---|---|
//! | `OTEL_EXPORTER_OTLP_ENDPOINT` | switches OTLP on, for all signals | off |
//! | `OTEL_EXPORTER_OTLP_PROTOCOL` | `http/protobuf` or `grpc` | `http/protobuf` |
//! | `OTEL_SERVICE_NAME` | the service's name | the builder's argument |
//! | `OTEL_TRACES_SAMPLER`, `_ARG` | which traces are recorded | `parentbased_always_on` |
//! | `OTEL_EXPORTER_PROMETHEUS_HOST`, `_PORT` | where `/metrics` is served | `127.0.0.1`, 9464 |
//! | `OPENCLAW_LOG`, `RUST_LOG` | which events are recorded | `info` |
//! | `OPENCLAW_LOG_DIR` | the folder of the logs | `~/.openclaw/logs` |
//! | `OTEL_SDK_DISABLED` | records nothing; propagation stays on | `false` |
//!
//! [`config::SETTINGS`] is the whole table. A malformed value is a [`Warning`] and then unset; it
//! never stops the host.
//!
//! # The end
//!
//! Keep the [`TelemetryGuard`] until the end of `main`. [`TelemetryGuard::shutdown`] sends what
//! waits within one deadline for all signals (default 2 s) and returns a [`ShutdownReport`] that
//! says what was exported, rejected and dropped, to the item. Dropping the guard does the same.
//! Everything is sent from a thread of the library's own, so that it works inside every async
//! runtime and outside of all.
//!
//! # Testing
//!
//! [`TelemetryBuilder::build`] with [`config::Lookup::empty`] depends on nothing around it. The
//! feature `testing` adds an OTLP receiver in the process, deterministic ids and a clock:
//!
//! ```
//! # #[cfg(feature = "testing")] {
//! use oc_telemetry::{Telemetry, config::Lookup, testing::OtlpReceiver, with_span};
//!
//! let receiver = OtlpReceiver::start().unwrap();
//! let telemetry = Telemetry::builder("gateway")
//!     .with_environment(Lookup::empty())
//!     .with_otlp_endpoint(receiver.http_endpoint())
//!     .without_prometheus()
//!     .without_log_files()
//!     .build()
//!     .unwrap();
//! telemetry.scope(|| with_span!("work", {}));
//! assert!(telemetry.shutdown().is_complete());
//! assert_eq!(receiver.spans()[0].name, "work");
//! # }
//! ```
//!
//! # When nothing arrives
//!
//! [`Telemetry::warnings`] says what is wrong with the settings; [`Telemetry::ledger`] says for each
//! signal and destination how much was created, exported, rejected, dropped and why. Failures of a
//! destination are events with the target `oc_telemetry`, in the log file.
//!
//! # Crate features
//!
//! * `otlp-http` (default): OTLP over HTTP with protobuf bodies.
//! * `otlp-grpc`: OTLP over gRPC.
//! * `prometheus` (default): the `/metrics` page.
//! * `tower`: the layer for HTTP servers. `axum`: the route from axum's `MatchedPath`.
//! * `jaeger-remote-sampler`: the samplers `jaeger_remote` and `parentbased_jaeger_remote`.
//! * `full`: all of these.
//! * `testing`: see above; outside the semver promise.
//!
//! A feature adds API and changes nothing else. A setting that needs one that is off is a warning
//! that names it.

pub mod agent;
pub mod attributes;
pub mod clock;
pub mod config;
pub mod console;
pub mod metrics;
#[cfg(feature = "tower")]
pub mod middleware;
pub mod mlflow;
pub mod model_body;
pub mod privacy;
pub mod span;
#[cfg(feature = "testing")]
pub mod testing;
pub mod value;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

mod builder;
mod context;
mod destination;
mod diagnostics;
mod error;
mod global;
mod guard;
mod host_meter;
mod logs;
mod macros;
mod pipeline;
mod propagation;
mod recorder;
mod report;
mod resource;
mod running;
mod start;
mod sync;
mod telemetry;
mod warning;

pub use http;
/// W3C trace context and baggage, and their carriers.
pub use oc_propagate as propagate;
/// Names of attributes and metrics.
pub use oc_semconv as semconv;
pub use opentelemetry;
pub use opentelemetry_sdk;
#[cfg(feature = "prometheus")]
pub use prometheus;
pub use tracing;
pub use tracing_subscriber;

pub use oc_otlp::{Counts, DropReason, Signal, transport::Compression};

pub use builder::TelemetryBuilder;
pub use destination::Destination;
pub use error::{InitError, InitErrorKind};
pub use guard::TelemetryGuard;
pub use pipeline::{logs::OcLogProcessor, metrics::OcMetricReader, spans::OcSpanProcessor};
pub use recorder::{Recorder, RecorderGuard};
pub use report::{FlushReport, ShutdownReport};
pub use telemetry::Telemetry;
pub use warning::{Origin, Severity, Warning};
