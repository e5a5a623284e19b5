//! Events.

use std::collections::{BTreeMap, BTreeSet};

use super::Mistakes;
use super::signals::Signals;
use crate::semconv::model::Model;
use crate::semconv::names;

pub(super) fn check(model: &Model, mistakes: &mut Mistakes) {
    let knows = |key: &str| model.span_attribute(key).is_some();
    let spans: BTreeSet<&str> = model
        .spans
        .values()
        .flat_map(|file| file.spans.iter().map(|span| span.id.as_str()))
        .collect();
    let mut seen = BTreeSet::new();
    for event in &model.events.events {
        let name = &event.name;
        if !seen.insert(name) {
            mistakes.add(PATH, name, "is there twice");
        }
        if !names::is_key(name, false) {
            mistakes.add(PATH, name, "is no name of an event");
        }
        mistakes.sentence(PATH, name, &event.brief);
        if let Some(span) = &event.same_as_span
            && !spans.contains(span.as_str())
        {
            mistakes.add(PATH, name, format!("is like the unknown span `{span}`"));
        }
        if let Some(successor) = &event.successor
            && !knows(successor)
        {
            mistakes.add(
                PATH,
                name,
                format!("has the unknown successor `{successor}`"),
            );
        }
        if event.successor.is_none() == event.level.is_none() {
            mistakes.add(PATH, name, "needs `level` or `successor`, and not both");
        }
    }
    let signals = Signals {
        path: PATH,
        groups: &BTreeMap::new(),
        conditions: &model.events.condition,
        knows: &knows,
    };
    signals.check(
        model
            .events
            .events
            .iter()
            .map(|event| (event.name.as_str(), &event.attributes)),
        mistakes,
    );
}

const PATH: &str = "events.toml";
