//! Spans.

use std::collections::BTreeSet;

use super::Mistakes;
use super::signals::Signals;
use crate::semconv::model::{Model, Span, SpanFile};
use crate::semconv::names;

pub(super) fn check(model: &Model, mistakes: &mut Mistakes) {
    let knows = |key: &str| model.span_attribute(key).is_some();
    let operations: BTreeSet<&str> = model
        .attributes
        .values()
        .flat_map(|file| &file.sets)
        .filter(|set| set.attribute == "gen_ai.operation.name")
        .flat_map(|set| set.values.iter().map(|value| value.value.as_str()))
        .collect();
    let mut seen = BTreeSet::new();
    for (path, file) in &model.spans {
        for span in &file.spans {
            if !seen.insert(&span.id) || !seen.insert(&span.name) {
                mistakes.add(path, &span.id, "is there twice, or its constant is");
            }
            for operation in &span.operations {
                if !operations.contains(operation.as_str()) {
                    mistakes.add(
                        path,
                        &span.id,
                        format!("has the unknown operation `{operation}`"),
                    );
                }
            }
            check_span(path, file, span, &knows, mistakes);
        }
        let signals = Signals {
            path,
            groups: &file.groups,
            conditions: &file.condition,
            knows: &knows,
        };
        signals.check(
            file.spans
                .iter()
                .map(|span| (span.id.as_str(), &span.attributes)),
            mistakes,
        );
    }
}

fn check_span(
    path: &str,
    file: &SpanFile,
    span: &Span,
    knows: &dyn Fn(&str) -> bool,
    mistakes: &mut Mistakes,
) {
    mistakes.sentence(path, &span.id, &span.brief);
    if !names::is_constant(&span.name) {
        mistakes.add(
            path,
            &span.id,
            format!("needs another name than `{}`", span.name),
        );
    }
    match &span.refines {
        None if span.kind.is_none() || span.names.is_empty() => {
            mistakes.add(path, &span.id, "lacks a kind or a name");
        }
        Some(base)
            if file
                .spans
                .iter()
                .all(|known| known.id != *base || known.refines.is_some()) =>
        {
            mistakes.add(
                path,
                &span.id,
                format!("refines `{base}`, which is not there"),
            );
        }
        _ => {}
    }
    let lists = &span.attributes;
    if !lists.always.is_empty() || !lists.added.is_empty() {
        mistakes.add(path, &span.id, "has lists that only metrics have");
    }

    let all = file.requirements(span);
    let carries = |key: &str| all.iter().any(|requirement| requirement.key == key);
    for key in lists.at_start.iter().chain(lists.condition.keys()) {
        if !carries(key) {
            mistakes.add(
                path,
                &span.id,
                format!("says when to set `{key}`, which it does not carry"),
            );
        }
    }
    for pattern in &span.names {
        for key in names::placeholders(pattern) {
            if !carries(key) {
                mistakes.add(
                    path,
                    &span.id,
                    format!("is named by `{key}`, which it does not carry"),
                );
            }
        }
    }
    for key in &lists.forbidden {
        let prefix = key.strip_suffix('*');
        if prefix.is_none() && !knows(key) {
            mistakes.add(
                path,
                &span.id,
                format!("forbids the unknown attribute `{key}`"),
            );
        }
        let forbids = |carried: &str| match prefix {
            Some(prefix) => carried.starts_with(prefix),
            None => carried == key,
        };
        if all.iter().any(|requirement| forbids(&requirement.key)) {
            mistakes.add(path, &span.id, format!("forbids `{key}` and carries it"));
        }
    }
}
