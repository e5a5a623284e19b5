//! OpenAI responses.

use super::{
    collect::error_type,
    document::{Document, Piece},
    draft::Draft,
    shape::{
        Count, Field,
        ItemKind::{Block, Error, Part, Usage},
        Shape::{self, Array, Either, Item, Leaf, Object},
        Slot,
    },
};

/// A response, or an event about one.
pub(super) static SHAPE: Shape = Object(&[
    ("type", Leaf(Slot::Kind)),
    ("delta", Either(&[Leaf(Slot::Text), Object(&[])])),
    ("output_index", Leaf(Slot::Index)),
    ("item", Item(Block, BLOCK)),
    ("response", Object(RESPONSE)),
    // The event `error` has its code beside its type.
    ("code", Leaf(Slot::Code)),
    // A response that is the whole body.
    ("id", ID),
    ("model", MODEL),
    ("status", STATUS),
    ("incomplete_details", INCOMPLETE),
    ("output", OUTPUT),
    ("usage", USAGE),
    ("error", ERROR),
]);

const RESPONSE: &[Field] = &[
    ("id", ID),
    ("model", MODEL),
    ("status", STATUS),
    ("incomplete_details", INCOMPLETE),
    ("output", OUTPUT),
    ("usage", USAGE),
    ("error", ERROR),
];

const ID: Shape = Leaf(Slot::Id);
const MODEL: Shape = Leaf(Slot::Model);
const STATUS: Shape = Leaf(Slot::Status);
const INCOMPLETE: Shape = Object(&[("reason", Leaf(Slot::Finish))]);
const OUTPUT: Shape = Array(&Item(Block, BLOCK));

const BLOCK: &[Field] = &[
    ("type", Leaf(Slot::Kind)),
    ("call_id", Leaf(Slot::Id)),
    ("name", Leaf(Slot::Name)),
    (
        "content",
        Either(&[Array(&Item(Part, PART)), Leaf(Slot::Content)]),
    ),
];

const PART: &[Field] = &[("type", Leaf(Slot::Kind)), ("text", Leaf(Slot::Text))];

const USAGE: Shape = Item(
    Usage,
    &[
        ("input_tokens", Leaf(Slot::Count(Count::Input))),
        ("output_tokens", Leaf(Slot::Count(Count::Output))),
        ("total_tokens", Leaf(Slot::Count(Count::Total))),
        (
            "input_tokens_details",
            Object(&[
                ("cached_tokens", Leaf(Slot::Count(Count::CacheRead))),
                ("cache_write_tokens", Leaf(Slot::Count(Count::CacheWrite))),
            ]),
        ),
        (
            "output_tokens_details",
            Object(&[("reasoning_tokens", Leaf(Slot::Count(Count::Reasoning)))]),
        ),
    ],
);

const ERROR: Shape = Either(&[
    Leaf(Slot::ErrorText),
    Item(
        Error,
        &[("type", Leaf(Slot::Kind)), ("code", Leaf(Slot::Code))],
    ),
]);

pub(super) fn apply(mut document: Document, draft: &mut Draft) {
    let event = document.root.kind.take().unwrap_or_default();
    // A response that is the whole body has no type.
    let is_whole_body = event.is_empty();
    let is_last = is_whole_body || LAST.contains(&event.as_str());

    if event.strip_suffix(".delta").is_some() && document.has_content() {
        draft.count_chunk();
    }
    if event == "error" {
        draft.set_error(error_type(&document.root));
    }
    if let Some(usage) = document.counts.inclusive() {
        draft.set_usage(usage);
    }
    add_tools(&document, draft);
    if event == "response.output_text.delta" {
        draft.add_text(0, &document.root.text);
    } else if is_last && !draft.has_text() {
        let mut text = Piece::default();
        for block in document.of_kind(Block) {
            text.append(&block.scope.text);
        }
        draft.add_text(0, &text);
    }
    if is_last && document.is_whole {
        let finish = finish_reason(&document, draft);
        draft.set_finish(0, finish);
        draft.end_of_stream();
    }
    draft.status = document.root.status.or(draft.status.take());
    draft.identify(document.root.id, document.root.model);
}

fn add_tools(document: &Document, draft: &mut Draft) {
    for block in document.of_kind(Block) {
        let scope = &block.scope;
        if !matches!(
            scope.kind.as_deref(),
            Some("function_call" | "custom_tool_call")
        ) {
            continue;
        }
        let index = document.root.index.unwrap_or(block.position);
        draft.add_tool(0, Some(index), scope.id.clone(), scope.name.clone());
    }
}

/// Why the model stopped. The format has a status instead, and a reason only where it is
/// incomplete; the words are those of chat completions, so that the two can be compared.
fn finish_reason(document: &Document, draft: &Draft) -> Option<String> {
    if document.root.finish.is_some() {
        return document.root.finish.clone();
    }
    let reason = match document.root.status.as_deref()? {
        "completed" if draft.tools.is_empty() => "stop",
        "completed" => "tool_calls",
        "failed" => "error",
        other @ ("cancelled" | "incomplete") => other,
        _ => return None,
    };
    Some(reason.to_owned())
}

const LAST: [&str; 4] = [
    "response.completed",
    "response.incomplete",
    "response.failed",
    "response.cancelled",
];
