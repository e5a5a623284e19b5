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

use crate::Generation;
use crate::attributes::{Requirement, Stability};
pub use crate::generated::label;
pub use crate::generated::metrics::*;

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
    /// The numbers it takes.
    pub number: NumberKind,
    /// One sentence, without a full stop.
    pub description: &'static str,
    /// The attributes every series has.
    pub attributes: &'static [&'static str],
    /// The attributes a series has only sometimes: an error type on failure, an experiment while
    /// one is active, a server where it is known.
    pub conditional_attributes: &'static [&'static str],
    /// What the conventions ask for, opt-in attributes included, and what is ours beside it.
    pub requirements: &'static [Requirement],
    /// The upper bounds of a histogram's buckets, in the metric's unit; empty for other kinds.
    pub boundaries: &'static [f64],
    /// How far one may rely on it.
    pub stability: Stability,
    /// The generation of the GenAI conventions it belongs to.
    pub generation: Generation,
    /// The metrics of October 2026 that take its place; for all operations, or for those on which
    /// October 2026 no longer wants it.
    pub replaced_by: &'static [&'static str],
    /// Names it had for a while before either generation.
    pub older_names: &'static [&'static str],
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

/// The numbers an instrument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumberKind {
    /// Whole numbers.
    Int,
    /// Any numbers.
    Double,
}

#[cfg(test)]
mod tests;
