//! From a collection of metrics to the values of a run.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt::Write as _,
};

use oc_semconv::{
    gen_ai,
    metrics::{
        self,
        label::{MODEL_NONE, OUTCOME, TYPE, TYPE_CACHE_READ, TYPE_CACHE_WRITE},
    },
};
use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::{
    Temporality,
    data::{AggregatedMetrics, Histogram, MetricData, ResourceMetrics, ScopeMetrics},
};

use super::MlflowConfig;
use crate::metrics::MetricPrefix;

/// What the metrics of this process add up to.
///
/// | value of the run | from |
/// |---|---|
/// | `tokens.input`, `tokens.output`, `tokens.total` | `openclaw.session.tokens` |
/// | `tokens.cache_read`, `tokens.cache_write` | `openclaw.session.token_details` |
/// | `model.{name}.requests` | the count of `gen_ai.client.operation.duration` |
/// | `cost.usd` | the sum of `openclaw.session.cost_usd` |
/// | `latency.model_ms` | the mean of `gen_ai.client.operation.duration` |
/// | `latency.message_ms` | the mean of `openclaw.message.duration` |
/// | `message.outcome.{outcome}` | the count of `openclaw.message.duration` |
///
/// All are totals or means since the start of the process, whatever the collection covers.
#[derive(Debug)]
pub(super) struct Totals {
    names: Names,
    sums: BTreeMap<Sum, f64>,
    has_nameless: bool,
}

/// The names of the instruments that count.
#[derive(Debug)]
struct Names {
    tokens: Option<String>,
    token_details: Option<String>,
    cost: Option<String>,
    model_duration: Option<String>,
    message_duration: Option<String>,
    counts_models: bool,
    times_models: bool,
}

/// What is summed up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Sum {
    /// Of this `type`.
    Tokens(String),
    Cost,
    ModelCalls,
    ModelSeconds,
    CallsOf(String),
    Messages,
    MessageSeconds,
    MessagesWith(String),
}

impl Totals {
    pub(super) fn new(config: &MlflowConfig, prefix: &MetricPrefix) -> Self {
        let name = |on: bool, definition: &metrics::MetricDefinition| {
            on.then(|| prefix.apply(definition.name))
        };
        // The conventions' names have no prefix of ours.
        let model_duration = metrics::GEN_AI_CLIENT_OPERATION_DURATION.name.to_owned();
        Self {
            names: Names {
                tokens: name(config.token_usage, &metrics::SESSION_TOKENS),
                token_details: name(config.token_usage, &metrics::SESSION_TOKEN_DETAILS),
                cost: name(config.costs, &metrics::SESSION_COST_USD),
                model_duration: (config.token_usage || config.latency).then_some(model_duration),
                message_duration: name(config.latency, &metrics::MESSAGE_DURATION),
                counts_models: config.token_usage,
                times_models: config.latency,
            },
            sums: BTreeMap::new(),
            has_nameless: false,
        }
    }

    /// Takes over what a collection brings.
    pub(super) fn update(&mut self, collection: &ResourceMetrics) {
        let mut fresh = Fresh::default();
        for metric in collection.scope_metrics().flat_map(ScopeMetrics::metrics) {
            self.names.read(metric.name(), metric.data(), &mut fresh);
        }
        self.has_nameless |= fresh.has_nameless;
        for (sum, (value, temporality)) in fresh.sums {
            match self.sums.entry(sum) {
                Entry::Occupied(mut sum) if temporality == Temporality::Delta => {
                    *sum.get_mut() += value;
                }
                Entry::Occupied(mut sum) => {
                    sum.insert(value);
                }
                Entry::Vacant(sum) => {
                    sum.insert(value);
                }
            }
        }
    }

    /// Whether tokens were met that are of no type, and stand in no value: those of the series that
    /// takes what is beyond an instrument's limit of series.
    pub(super) const fn has_nameless(&self) -> bool {
        self.has_nameless
    }

    /// The values of the run so far, by key.
    pub(super) fn values(&self) -> BTreeMap<String, f64> {
        let mut values = BTreeMap::new();
        let mut add = |key: String, value: f64| {
            if value.is_finite() {
                // Two models may become one key.
                *values.entry(key).or_default() += value;
            }
        };
        let get = |sum: Sum| self.sums.get(&sum).copied();
        let mut total = None;
        for (sum, value) in &self.sums {
            match sum {
                Sum::Tokens(side) => {
                    add(key("tokens.", side, ""), *value);
                    if ![TYPE_CACHE_READ, TYPE_CACHE_WRITE].contains(&side.as_str()) {
                        *total.get_or_insert(0.0) += value;
                    }
                }
                Sum::Cost => add("cost.usd".to_owned(), *value),
                Sum::CallsOf(model) => add(key("model.", model, ".requests"), *value),
                Sum::MessagesWith(outcome) => add(key("message.outcome.", outcome, ""), *value),
                Sum::ModelSeconds => {
                    let calls = get(Sum::ModelCalls).unwrap_or_default();
                    add("latency.model_ms".to_owned(), value / calls * 1000.0);
                }
                Sum::MessageSeconds => {
                    let messages = get(Sum::Messages).unwrap_or_default();
                    add("latency.message_ms".to_owned(), value / messages * 1000.0);
                }
                Sum::ModelCalls | Sum::Messages => {}
            }
        }
        if let Some(total) = total {
            add("tokens.total".to_owned(), total);
        }
        values
    }
}

impl Names {
    fn read(&self, name: &str, data: &AggregatedMetrics, fresh: &mut Fresh) {
        let is = |known: &Option<String>| known.as_deref() == Some(name);
        match data {
            AggregatedMetrics::U64(MetricData::Sum(sum))
                if is(&self.tokens) || is(&self.token_details) =>
            {
                let details = is(&self.token_details);
                for point in sum.data_points() {
                    let Some(side) = value_of(point.attributes(), TYPE) else {
                        fresh.has_nameless = true;
                        continue;
                    };
                    // Reasoning is not among MLflow's.
                    if !details || [TYPE_CACHE_READ, TYPE_CACHE_WRITE].contains(&&*side) {
                        let count = as_f64(point.value());
                        fresh.add(Sum::Tokens(side), count, sum.temporality());
                    }
                }
            }
            AggregatedMetrics::F64(MetricData::Histogram(costs)) if is(&self.cost) => {
                for point in costs.data_points() {
                    fresh.add(Sum::Cost, point.sum(), costs.temporality());
                }
            }
            AggregatedMetrics::F64(MetricData::Histogram(calls)) if is(&self.model_duration) => {
                if self.times_models {
                    fresh.durations(calls, &Sum::ModelCalls, &Sum::ModelSeconds);
                }
                if self.counts_models {
                    fresh.counts(calls, gen_ai::REQUEST_MODEL, Sum::CallsOf);
                }
            }
            AggregatedMetrics::F64(MetricData::Histogram(messages))
                if is(&self.message_duration) =>
            {
                fresh.durations(messages, &Sum::Messages, &Sum::MessageSeconds);
                fresh.counts(messages, OUTCOME, Sum::MessagesWith);
            }
            _ => {}
        }
    }
}

/// What one collection says.
#[derive(Debug, Default)]
struct Fresh {
    sums: BTreeMap<Sum, (f64, Temporality)>,
    has_nameless: bool,
}

impl Fresh {
    fn add(&mut self, sum: Sum, value: f64, temporality: Temporality) {
        self.sums.entry(sum).or_insert((0.0, temporality)).0 += value;
    }

    fn durations(&mut self, histogram: &Histogram<f64>, count: &Sum, seconds: &Sum) {
        for point in histogram.data_points() {
            let temporality = histogram.temporality();
            self.add(count.clone(), as_f64(point.count()), temporality);
            self.add(seconds.clone(), point.sum(), temporality);
        }
    }

    fn counts(&mut self, histogram: &Histogram<f64>, label: &str, sum: impl Fn(String) -> Sum) {
        for point in histogram.data_points() {
            let value = value_of(point.attributes(), label);
            let value = value.unwrap_or_else(|| MODEL_NONE.to_owned());
            self.add(sum(value), as_f64(point.count()), histogram.temporality());
        }
    }
}

fn value_of<'a>(mut labels: impl Iterator<Item = &'a KeyValue>, key: &str) -> Option<String> {
    let label = labels.find(|label| label.key.as_str() == key)?;
    Some(label.value.as_str().into_owned())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "MLflow keeps doubles; counts beyond 2^53 are not met"
)]
fn as_f64(count: u64) -> f64 {
    count as f64
}

/// A key that MLflow takes: letters, digits, `_ - . / :` and space, at most 250 bytes, and no path
/// that leads out of its folder. Every other character becomes `_`.
fn key(before: &str, name: &str, after: &str) -> String {
    let mut key = before.to_owned();
    let room = MAX_KEY.saturating_sub(before.len() + after.len());
    for char in name.chars().take(room) {
        let allowed = char.is_ascii_alphanumeric() || "_-./: ".contains(char);
        key.push(if allowed { char } else { '_' });
    }
    let _ = key.write_str(after);
    // MLflow refuses what is not a normal path: `a//b`, `a/./b`, `a/../b`, a slash at the end.
    let is_odd = |part: &str| matches!(part, "" | "." | "..");
    if key.split('/').any(is_odd) {
        key = key.replace('/', "_");
    }
    key
}

const MAX_KEY: usize = 250;

#[cfg(test)]
mod tests;
