//! Metrics: the agent's families, and the page from which Prometheus reads them.
//!
//! All instruments hang on one `SdkMeterProvider`. It has two readers, a push reader for OTLP and
//! the [pull reader](reader) made here, so both see every measurement.

mod families;
pub(crate) mod guarded;
mod labels;
#[cfg(feature = "prometheus")]
mod page;
mod prefix;
#[cfg(feature = "prometheus")]
pub(crate) mod server;
#[cfg(all(feature = "prometheus", feature = "tower"))]
mod service;

pub(crate) use families::MOST_TOKENS;
pub use families::{ActiveSession, AgentMetrics};
pub use labels::{MessageOutcome, ModelLabels, TokenDetail, TokenType};
pub use oc_semconv::openclaw::{SessionKind, ToolStatus};
#[cfg(feature = "prometheus")]
pub use page::{MetricsPage, ReaderError, RenderError, reader};
pub use prefix::{InvalidMetricPrefix, MetricPrefix};
#[cfg(all(feature = "prometheus", feature = "tower"))]
pub use service::MetricsPageFuture;
