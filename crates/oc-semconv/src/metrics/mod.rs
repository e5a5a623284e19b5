//! Definitions of metrics: everything an instrument needs, and what its series are labelled with.
//!
//! ```
//! use oc_semconv::metrics::{self, InstrumentKind};
//!
//! let duration = &metrics::SESSION_DURATION;
//! assert_eq!(duration.unit, "s");
//! assert_eq!(duration.kind, InstrumentKind::Histogram);
//! assert_eq!(duration.attributes, ["agent", "model", "kind"]);
//! ```
//!
//! Label sets are exact: a series carries all of [`MetricDefinition::attributes`] and those of
//! [`MetricDefinition::conditional_attributes`] whose condition holds, and nothing else. Session
//! ids, trace ids and user ids are never among them.

mod gen_ai;
mod http;
pub mod label;
mod openclaw;

pub use gen_ai::*;
pub use http::*;
pub use openclaw::*;

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct MetricDefinition {
    /// The name of the instrument, with dots.
    pub name: &'static str,
    /// The unit in UCUM: `s` for seconds, braces around what is only counted.
    pub unit: &'static str,
    /// The kind of instrument.
    pub kind: InstrumentKind,
    /// One sentence, without a full stop.
    pub description: &'static str,
    /// The attributes every series has.
    pub attributes: &'static [&'static str],
    /// The attributes a series has only sometimes: an error type on failure, an experiment while
    /// one is active, a server where it is known.
    pub conditional_attributes: &'static [&'static str],
    /// The upper bounds of a histogram's buckets, in the metric's unit; empty for other kinds.
    pub boundaries: &'static [f64],
}

/// The kind of an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InstrumentKind {
    /// A sum that only rises.
    Counter,
    /// A sum that rises and falls.
    UpDownCounter,
    /// A distribution with explicit buckets.
    Histogram,
}

/// Every definition of this module.
pub const ALL: &[&MetricDefinition] = &[
    &SESSION_DURATION,
    &SESSION_TOKENS,
    &SESSION_TOKEN_DETAILS,
    &SESSION_COST_USD,
    &COST_UNPRICED,
    &TOOL_CALLS,
    &MODEL_ERRORS,
    &AGENT_ACTIVE_SESSIONS,
    &GEN_AI_CLIENT_OPERATION_DURATION,
    &GEN_AI_CLIENT_TOKEN_USAGE,
    &GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK,
    &GEN_AI_CLIENT_OPERATION_TIME_PER_OUTPUT_CHUNK,
    &GEN_AI_CLIENT_INFERENCE_DURATION,
    &GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK,
    &GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK,
    &GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS,
    &GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS,
    &GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS,
    &GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS,
    &GEN_AI_CLIENT_INFERENCE_USAGE_REASONING_OUTPUT_TOKENS,
    &GEN_AI_INVOKE_AGENT_DURATION,
    &GEN_AI_EXECUTE_TOOL_DURATION,
    &HTTP_SERVER_REQUEST_DURATION,
];

#[cfg(test)]
mod tests;
