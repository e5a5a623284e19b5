//! Anthropic messages.

use super::{
    collect::OTHER_ERROR,
    document::{Document, Piece},
    draft::Draft,
    oddity::Oddity,
    shape::{
        Count, Field,
        ItemKind::{Block, Error, Usage},
        Shape::{self, Array, Either, Item, Leaf, Object},
        Slot,
    },
};

/// A message, or an event about one.
pub(super) static SHAPE: Shape = Object(&[
    ("type", Leaf(Slot::Kind)),
    ("index", Leaf(Slot::Index)),
    ("message", Either(&[Object(MESSAGE), Leaf(Slot::Content)])),
    ("content_block", Item(Block, BLOCK)),
    ("delta", Object(DELTA)),
    (
        "error",
        Either(&[Leaf(Slot::ErrorText), Item(Error, ERROR)]),
    ),
    // A message that is the whole body, and the usage of `message_delta`.
    ("id", ID),
    ("model", MODEL),
    ("stop_reason", STOP),
    ("content", CONTENT),
    ("usage", USAGE),
]);

const MESSAGE: &[Field] = &[
    ("id", ID),
    ("model", MODEL),
    ("stop_reason", STOP),
    ("content", CONTENT),
    ("usage", USAGE),
];

const ID: Shape = Leaf(Slot::Id);
const MODEL: Shape = Leaf(Slot::Model);
const STOP: Shape = Leaf(Slot::Finish);
const CONTENT: Shape = Array(&Item(Block, BLOCK));

const BLOCK: &[Field] = &[
    ("type", Leaf(Slot::Kind)),
    ("id", Leaf(Slot::Id)),
    ("name", Leaf(Slot::Name)),
    ("text", Leaf(Slot::Text)),
];

const DELTA: &[Field] = &[
    ("stop_reason", STOP),
    ("text", Leaf(Slot::Text)),
    ("thinking", Leaf(Slot::Content)),
    ("partial_json", Leaf(Slot::Content)),
];

const USAGE: Shape = Item(
    Usage,
    &[
        ("input_tokens", Leaf(Slot::Count(Count::Input))),
        ("output_tokens", Leaf(Slot::Count(Count::Output))),
        (
            "cache_read_input_tokens",
            Leaf(Slot::Count(Count::CacheRead)),
        ),
        (
            "cache_creation_input_tokens",
            Leaf(Slot::Count(Count::CacheWrite)),
        ),
    ],
);

const ERROR: &[Field] = &[("type", Leaf(Slot::Kind))];

pub(super) fn apply(document: Document, draft: &mut Draft) {
    let event = document.root.kind.as_deref();
    // The type of a message that is the whole body.
    let is_whole_body = matches!(event, None | Some("message"));

    if event == Some("content_block_delta") && document.has_content() {
        draft.count_chunk();
    }
    if event == Some("error") {
        // An error object, if there was one, has been noted before.
        draft.set_error(OTHER_ERROR.to_owned());
    }
    add_usage(&document, draft);
    let mut text = Piece::default();
    for block in document.of_kind(Block) {
        let scope = &block.scope;
        if scope.kind.as_deref() == Some("tool_use") {
            let index = document.root.index.unwrap_or(block.position);
            draft.add_tool(0, Some(index), scope.id.clone(), scope.name.clone());
        }
        text.append(&scope.text);
    }
    text.append(&document.root.text);
    draft.add_text(0, &text);
    if event == Some("message_stop") || (is_whole_body && document.is_whole) {
        draft.end_of_stream();
    }
    if document.root.finish.is_some() {
        draft.set_finish(0, document.root.finish);
    }
    draft.identify(document.root.id, document.root.model);
}

/// The input comes with `message_start`, the output, which counts up, with `message_delta`; a count
/// that comes again replaces the earlier one.
fn add_usage(document: &Document, draft: &mut Draft) {
    if document.counts.is_empty() {
        return;
    }
    let is_start = document.root.kind.as_deref() == Some("message_start");
    draft.counts.update(&document.counts);
    if let Some(usage) = draft.counts.exclusive() {
        // One `message_start` and one `message_delta` are the rule.
        let is_expected = !is_start && draft.usage_is_preliminary;
        if draft.usage.replace(usage).is_some() && !is_expected {
            draft.odd(Oddity::UsageRepeated);
        }
        draft.usage_is_preliminary = is_start;
    }
}
