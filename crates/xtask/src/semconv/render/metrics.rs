//! Definitions of metrics.

use super::attributes::{generation, stability};
use super::docs::{self, Docs};
use super::{literal, literals, push};
use crate::semconv::lists::{self, Level};
use crate::semconv::model::{Instrument, Metric, MetricFile, Model, Number};
use crate::semconv::names;
use crate::semconv::render::spans::requirement;

pub(super) fn render(docs: &Docs, model: &Model) -> String {
    let mut text = String::from(
        "//! Definitions of metrics.

use crate::Generation;
use crate::attributes::{Requirement, Stability};
use crate::metrics::{InstrumentKind, MetricDefinition, NumberKind};

",
    );
    let mut constants = Vec::new();
    // Our own first.
    let mut files: Vec<_> = model.metrics.iter().collect();
    files.sort_by_key(|(path, _)| (!path.ends_with("/openclaw.toml"), path.as_str()));
    for (path, file) in files {
        let namespace = path
            .trim_start_matches("metrics/")
            .trim_end_matches(".toml")
            .to_uppercase();
        for metric in &file.metrics {
            let constant = names::metric(file, metric);
            text.push_str(&definition(docs, &namespace, file, metric, &constant));
            constants.push(format!("&{constant}"));
        }
        for (name, buckets) in &file.buckets {
            let bounds: Vec<_> = buckets.iter().map(|bound| float(*bound)).collect();
            push(
                &mut text,
                &format!(
                    "const {namespace}_{}: &[f64] = &[{}];\n\n",
                    name.to_uppercase(),
                    bounds.join(", ")
                ),
            );
        }
    }
    push(
        &mut text,
        &format!(
            "/// Every definition.\npub const ALL: &[&MetricDefinition] = &[{}];\n",
            constants.join(", ")
        ),
    );
    text
}

fn definition(
    docs: &Docs,
    namespace: &str,
    file: &MetricFile,
    metric: &Metric,
    constant: &str,
) -> String {
    let found = lists::resolve(&metric.attributes, &[], &file.groups, &file.condition);
    let keys = |wanted: &[Level]| {
        literals(
            found
                .iter()
                .filter(|one| wanted.contains(&one.level))
                .map(|one| &one.key),
        )
    };
    let requirements: Vec<_> = found.iter().map(requirement).collect();
    let (kind, kind_word) = match metric.instrument {
        Instrument::Counter => ("Counter", "counter"),
        Instrument::UpDownCounter => ("UpDownCounter", "up-down counter"),
        Instrument::Histogram => ("Histogram", "histogram"),
    };
    let (number, number_word) = match metric.value {
        Number::Int => ("Int", "int"),
        Number::Double => ("Double", "double"),
    };
    let mut list = vec![
        (
            "Instrument",
            format!("{kind_word}, {number_word}, unit `{}`", metric.unit),
        ),
        ("Stability", docs::stability(metric.stability, None)),
    ];
    if let Some(generation) = docs::generation(metric.generation) {
        list.push(("Generation", generation.to_owned()));
    }
    if !metric.replaced_by.is_empty() {
        let names: Vec<_> = metric
            .replaced_by
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        list.push(("Successor", names.join(", ")));
    }
    let boundaries = metric.buckets.as_ref().map_or_else(
        || "&[]".to_owned(),
        |buckets| format!("{namespace}_{}", buckets.to_uppercase()),
    );
    format!(
        "{docs}pub const {constant}: MetricDefinition = MetricDefinition {{
    name: {name},
    unit: {unit},
    kind: InstrumentKind::{kind},
    number: NumberKind::{number},
    description: {description},
    attributes: {attributes},
    conditional_attributes: {conditional},
    requirements: &[{requirements}],
    boundaries: {boundaries},
    stability: Stability::{stability},
    generation: {generation},
    replaced_by: {replaced_by},
    older_names: {older_names},
}};

",
        docs = docs.item(&format!("{}.", metric.brief), metric.note.as_ref(), &list),
        name = literal(&metric.name),
        unit = literal(&metric.unit),
        description = literal(&metric.brief),
        attributes = keys(&[Level::Required, Level::Always]),
        conditional = keys(&[Level::Conditional, Level::Recommended, Level::Own]),
        requirements = requirements.join(", "),
        stability = stability(metric.stability),
        generation = generation(metric.generation),
        replaced_by = literals(&metric.replaced_by),
        older_names = literals(&metric.older_names),
    )
}

/// A number as Rust writes it, with `_` between thousands.
fn float(number: f64) -> String {
    let text = format!("{number:?}");
    let Some((whole, fraction)) = text.split_once('.') else {
        return text;
    };
    if whole.len() < 5 {
        return text;
    }
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::float;

    #[test]
    fn numbers_are_written_for_readers() {
        assert_eq!(float(0.001), "0.001");
        assert_eq!(float(1024.0), "1024.0");
        assert_eq!(float(16_384.0), "16_384.0");
        assert_eq!(float(67_108_864.0), "67_108_864.0");
    }
}
