//! Metrics.

use std::collections::BTreeSet;

use super::Mistakes;
use super::signals::Signals;
use crate::semconv::model::{Generation, Instrument, Metric, MetricFile, Model, Scope};
use crate::semconv::names;

pub(super) fn check(model: &Model, mistakes: &mut Mistakes) {
    let all: BTreeSet<&str> = model
        .metrics
        .values()
        .flat_map(|file| file.metrics.iter().map(|metric| metric.name.as_str()))
        .collect();
    let knows = |key: &str| {
        model.all_attributes().any(|(file, attribute)| {
            attribute.key == key && (file.scope == Scope::Label || file.is_on_spans(attribute))
        })
    };
    let mut names = BTreeSet::new();
    let mut constants = BTreeSet::new();
    for (path, file) in &model.metrics {
        check_buckets(path, file, mistakes);
        for metric in &file.metrics {
            if !names.insert(&metric.name) || !constants.insert(names::metric(file, metric)) {
                mistakes.add(path, &metric.name, "is there twice, or its constant is");
            }
            check_metric(path, file, metric, mistakes);
            for name in &metric.replaced_by {
                if !all.contains(name.as_str()) {
                    mistakes.add(
                        path,
                        &metric.name,
                        format!("is replaced by the unknown metric `{name}`"),
                    );
                }
            }
        }
        let signals = Signals {
            path,
            groups: &file.groups,
            conditions: &file.condition,
            knows: &knows,
        };
        signals.check(
            file.metrics
                .iter()
                .map(|metric| (metric.name.as_str(), &metric.attributes)),
            mistakes,
        );
    }
}

fn check_buckets(path: &str, file: &MetricFile, mistakes: &mut Mistakes) {
    for (name, buckets) in &file.buckets {
        if buckets.is_empty()
            || buckets.iter().any(|bound| !bound.is_finite())
            || !buckets.is_sorted_by(|a, b| a < b)
        {
            mistakes.add(path, name, "has bounds that do not rise");
        }
        if file
            .metrics
            .iter()
            .all(|metric| metric.buckets.as_ref() != Some(name))
        {
            mistakes.add(path, name, "are buckets of no metric");
        }
    }
}

fn check_metric(path: &str, file: &MetricFile, metric: &Metric, mistakes: &mut Mistakes) {
    let name = &metric.name;
    if !names::is_key(name, false) {
        mistakes.add(path, name, "is no name of a metric");
    }
    if metric.brief.is_empty() || metric.brief.ends_with('.') {
        mistakes.add(path, name, "needs a brief without a full stop");
    }
    if metric.unit.is_empty() {
        mistakes.add(path, name, "has no unit");
    }
    let is_histogram = metric.instrument == Instrument::Histogram;
    match &metric.buckets {
        Some(buckets) if !file.buckets.contains_key(buckets) => {
            mistakes.add(path, name, format!("has the unknown buckets `{buckets}`"));
        }
        Some(_) if !is_histogram => mistakes.add(path, name, "has buckets and is no histogram"),
        None if is_histogram => mistakes.add(path, name, "is a histogram without buckets"),
        _ => {}
    }
    if metric.generation == Generation::Older {
        mistakes.add(
            path,
            name,
            "is of neither generation; put its name into `older_names`",
        );
    }
    if metric.generation == Generation::V1_41 && metric.replaced_by.is_empty() {
        mistakes.add(path, name, "is a name of the past without `replaced_by`");
    }
    if !metric.attributes.at_start.is_empty() || !metric.attributes.forbidden.is_empty() {
        mistakes.add(path, name, "has lists that only spans have");
    }
}
