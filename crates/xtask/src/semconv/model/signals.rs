//! The tables of metrics, spans and events.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Generation, Stability};
use crate::semconv::lists::{self, Lists, Requirement};

/// `metrics/*.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::semconv) struct MetricFile {
    /// What constants leave out of the metrics' names.
    #[serde(default)]
    pub(in crate::semconv) constant_prefix: String,
    #[serde(default)]
    pub(in crate::semconv) buckets: BTreeMap<String, Vec<f64>>,
    #[serde(default)]
    pub(in crate::semconv) condition: BTreeMap<String, String>,
    #[serde(default, rename = "group")]
    pub(in crate::semconv) groups: BTreeMap<String, Lists>,
    #[serde(rename = "metric")]
    pub(in crate::semconv) metrics: Vec<Metric>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::semconv) struct Metric {
    pub(in crate::semconv) name: String,
    pub(in crate::semconv) instrument: Instrument,
    pub(in crate::semconv) value: Number,
    pub(in crate::semconv) unit: String,
    pub(in crate::semconv) brief: String,
    pub(in crate::semconv) note: Option<String>,
    #[serde(default = "development")]
    pub(in crate::semconv) stability: Stability,
    #[serde(default)]
    pub(in crate::semconv) generation: Generation,
    #[serde(default)]
    pub(in crate::semconv) attributes: Lists,
    pub(in crate::semconv) buckets: Option<String>,
    /// Metrics of the newer generation that take its place.
    #[serde(default)]
    pub(in crate::semconv) replaced_by: Vec<String>,
    /// Names it had before either generation.
    #[serde(default)]
    pub(in crate::semconv) older_names: Vec<String>,
}

fn development() -> Stability {
    Stability::Development
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::semconv) enum Instrument {
    Counter,
    UpDownCounter,
    Histogram,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::semconv) enum Number {
    Int,
    Double,
}

/// `spans/*.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::semconv) struct SpanFile {
    #[serde(default)]
    pub(in crate::semconv) condition: BTreeMap<String, String>,
    #[serde(default, rename = "group")]
    pub(in crate::semconv) groups: BTreeMap<String, Lists>,
    #[serde(rename = "span")]
    pub(in crate::semconv) spans: Vec<Span>,
}

impl SpanFile {
    /// The span that a special case starts from.
    pub(in crate::semconv) fn base(&self, span: &Span) -> Option<&Span> {
        let base = span.refines.as_ref()?;
        self.spans
            .iter()
            .find(|known| known.id == *base && known.refines.is_none())
    }

    /// All that a span carries.
    pub(in crate::semconv) fn requirements(&self, span: &Span) -> Vec<Requirement> {
        let base = self
            .base(span)
            .map(|base| lists::resolve(&base.attributes, &[], &self.groups, &self.condition))
            .unwrap_or_default();
        lists::resolve(&span.attributes, &base, &self.groups, &self.condition)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::semconv) struct Span {
    /// The constant.
    pub(in crate::semconv) name: String,
    pub(in crate::semconv) id: String,
    /// Its id in version 1.41.1.
    pub(in crate::semconv) older_id: Option<String>,
    pub(in crate::semconv) brief: String,
    /// The span of the same file it is a special case of; what it does not say is as there.
    pub(in crate::semconv) refines: Option<String>,
    #[serde(default)]
    pub(in crate::semconv) operations: Vec<String>,
    pub(in crate::semconv) kind: Option<SpanKind>,
    pub(in crate::semconv) kind_in_process: Option<SpanKind>,
    /// Patterns of its name, the most specific first.
    #[serde(default)]
    pub(in crate::semconv) names: Vec<String>,
    #[serde(default = "development")]
    pub(in crate::semconv) stability: Stability,
    #[serde(default)]
    pub(in crate::semconv) generation: Generation,
    #[serde(default)]
    pub(in crate::semconv) attributes: Lists,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::semconv) enum SpanKind {
    Client,
    Server,
    Internal,
}

/// `events.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::semconv) struct EventFile {
    #[serde(default)]
    pub(in crate::semconv) condition: BTreeMap<String, String>,
    #[serde(default, rename = "event")]
    pub(in crate::semconv) events: Vec<Event>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::semconv) struct Event {
    pub(in crate::semconv) name: String,
    pub(in crate::semconv) brief: String,
    pub(in crate::semconv) severity: Option<Severity>,
    pub(in crate::semconv) level: Option<EventLevel>,
    #[serde(default = "development")]
    pub(in crate::semconv) stability: Stability,
    /// The span whose attributes it carries.
    pub(in crate::semconv) same_as_span: Option<String>,
    /// The attribute that took its place: the event is deprecated.
    pub(in crate::semconv) successor: Option<String>,
    #[serde(default)]
    pub(in crate::semconv) attributes: Lists,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::semconv) enum Severity {
    Debug,
    Warn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::semconv) enum EventLevel {
    Recommended,
    OptIn,
}
