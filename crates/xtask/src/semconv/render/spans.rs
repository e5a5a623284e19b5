//! Definitions of spans.

use super::attributes::{generation, stability};
use super::docs::{self, Docs};
use super::{literal, literals, optional, push};
use crate::semconv::lists::{Level, Requirement};
use crate::semconv::model::{Model, Span, SpanFile, SpanKind};

pub(super) fn render(docs: &Docs, model: &Model) -> String {
    let mut text = String::from(
        "//! Definitions of spans.

use crate::Generation;
use crate::attributes::{Requirement, Stability};
use crate::spans::{SpanDefinition, SpanKind};

",
    );
    let mut constants = Vec::new();
    for file in model.spans.values() {
        for span in &file.spans {
            text.push_str(&definition(docs, file, span));
            constants.push(format!("&{}", span.name));
        }
    }
    push(
        &mut text,
        &format!(
            "/// Every definition.\npub const ALL: &[&SpanDefinition] = &[{}];\n",
            constants.join(", ")
        ),
    );
    text
}

fn definition(docs: &Docs, file: &SpanFile, span: &Span) -> String {
    let base = file.base(span);
    // What a special case does not say is as in what it refines.
    let operations = match base {
        Some(base) if span.operations.is_empty() => &base.operations,
        _ => &span.operations,
    };
    let names = match base {
        Some(base) if span.names.is_empty() => &base.names,
        _ => &span.names,
    };
    let span_kind = span.kind.or(base.and_then(|base| base.kind));
    let in_process = span
        .kind_in_process
        .or(base.and_then(|base| base.kind_in_process));
    let forbidden: Vec<_> = base
        .iter()
        .flat_map(|base| &base.attributes.forbidden)
        .chain(&span.attributes.forbidden)
        .collect();
    let requirements: Vec<_> = file.requirements(span).iter().map(requirement).collect();

    let shown: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let mut list = vec![
        ("Name", shown.join(", else ")),
        ("Stability", docs::stability(span.stability, None)),
    ];
    if let Some(generation) = docs::generation(span.generation) {
        list.push(("Generation", generation.to_owned()));
    }
    if let Some(refined) = &span.refines {
        list.push(("Special case of", format!("`{refined}`")));
    }
    format!(
        "{docs}pub const {constant}: SpanDefinition = SpanDefinition {{
    id: {id},
    older_id: {older_id},
    refines: {refines},
    operations: {operations},
    kind: SpanKind::{kind},
    kind_in_process: {in_process},
    names: {names},
    attributes: &[{requirements}],
    forbidden: {forbidden},
    stability: Stability::{stability},
    generation: {generation},
}};

",
        docs = docs.item(&span.brief, None, &list),
        constant = span.name,
        id = literal(&span.id),
        older_id = optional(span.older_id.as_ref()),
        refines = optional(span.refines.as_ref()),
        operations = literals(operations),
        kind = kind(span_kind.unwrap_or(SpanKind::Internal)),
        in_process = in_process.map_or_else(
            || "None".to_owned(),
            |other| format!("Some(SpanKind::{})", kind(other))
        ),
        names = literals(names),
        requirements = requirements.join(", "),
        forbidden = literals(forbidden),
        stability = stability(span.stability),
        generation = generation(span.generation),
    )
}

fn kind(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Client => "Client",
        SpanKind::Server => "Server",
        SpanKind::Internal => "Internal",
    }
}

/// A requirement as an expression.
pub(super) fn requirement(requirement: &Requirement) -> String {
    let level = match requirement.level {
        Level::Required => "required",
        Level::Always | Level::Conditional => "conditional",
        Level::Recommended => "recommended",
        Level::OptIn => "opt_in",
        Level::Own => "own",
    };
    let mut text = format!("Requirement::{level}({})", literal(&requirement.key));
    if let Some(condition) = &requirement.condition {
        push(&mut text, &format!(".when({})", literal(condition)));
    }
    if requirement.at_start {
        text.push_str(".at_start()");
    }
    text
}
