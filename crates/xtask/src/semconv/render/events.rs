//! Names and definitions of events.

use super::attributes::stability;
use super::docs::{self, Docs};
use super::{literal, optional, push};
use crate::semconv::lists;
use crate::semconv::model::{Event, EventLevel, Model, Severity};
use crate::semconv::names;
use crate::semconv::render::spans::requirement;

/// The module of names.
pub(super) fn render_names(docs: &Docs, model: &Model) -> String {
    let mut text = docs.inner(
        "Names of events: log records with an `event_name`. Their definitions are in [`crate::events`].",
        None,
    );
    text.push('\n');
    for event in &model.events.events {
        let mark = event
            .successor
            .as_ref()
            .map_or_else(String::new, |successor| {
                format!("#[deprecated(note = \"the attribute `{successor}` took its place\")]\n")
            });
        push(
            &mut text,
            &format!(
                "{}{mark}pub const {}: &str = {};\n\n",
                describe(docs, event),
                names::event(&event.name),
                literal(&event.name),
            ),
        );
    }
    text
}

/// The module of definitions.
pub(super) fn render(docs: &Docs, model: &Model) -> String {
    let mut text = String::from(
        "//! Definitions of events.

use crate::attributes::{Requirement, Stability};
use crate::events::EventDefinition;

",
    );
    let mut constants = Vec::new();
    for event in &model.events.events {
        // Of those that are gone the name is enough.
        if event.successor.is_some() {
            continue;
        }
        let constant = names::event(&event.name);
        text.push_str(&definition(docs, model, event, &constant));
        constants.push(format!("&{constant}"));
    }
    push(
        &mut text,
        &format!(
            "/// Every definition.\npub const ALL: &[&EventDefinition] = &[{}];\n",
            constants.join(", ")
        ),
    );
    text
}

fn definition(docs: &Docs, model: &Model, event: &Event, constant: &str) -> String {
    let base = event.same_as_span.as_ref().and_then(|id| {
        model.spans.values().find_map(|file| {
            let span = file.spans.iter().find(|span| span.id == *id)?;
            Some(file.requirements(span))
        })
    });
    // An event is recorded whole: nothing of it is known earlier.
    let base: Vec<_> = base
        .unwrap_or_default()
        .into_iter()
        .map(|mut one| {
            one.at_start = false;
            one
        })
        .collect();
    let requirements: Vec<_> = lists::resolve(
        &event.attributes,
        &base,
        &std::collections::BTreeMap::new(),
        &model.events.condition,
    )
    .iter()
    .map(requirement)
    .collect();
    format!(
        "{docs}pub const {constant}: EventDefinition = EventDefinition {{
    name: {name},
    severity_number: {severity},
    is_opt_in: {opt_in},
    same_as_span: {span},
    attributes: &[{requirements}],
    stability: Stability::{stability},
}};

",
        docs = describe(docs, event),
        name = literal(&event.name),
        severity = event.severity.map_or_else(
            || "None".to_owned(),
            |severity| format!("Some({})", number(severity))
        ),
        opt_in = event.level == Some(EventLevel::OptIn),
        span = optional(event.same_as_span.as_ref()),
        requirements = requirements.join(", "),
        stability = stability(event.stability),
    )
}

fn describe(docs: &Docs, event: &Event) -> String {
    let mut list = Vec::new();
    if let Some(severity) = event.severity {
        let name = match severity {
            Severity::Debug => "DEBUG",
            Severity::Warn => "WARN",
        };
        list.push(("Severity", format!("{name} ({})", number(severity))));
    }
    match &event.successor {
        Some(successor) => {
            list.push(("Stability", "deprecated".to_owned()));
            list.push(("Successor", format!("`{successor}`")));
        }
        None => list.push(("Stability", docs::stability(event.stability, None))),
    }
    if event.level == Some(EventLevel::OptIn) {
        list.push(("Requirement", "opt-in".to_owned()));
    }
    docs.item(&event.brief, None, &list)
}

fn number(severity: Severity) -> u8 {
    match severity {
        Severity::Debug => 5,
        Severity::Warn => 13,
    }
}
