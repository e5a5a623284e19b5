//! Ollama's chat and generate.

use super::{
    document::Document,
    draft::Draft,
    shape::{
        Count, Field,
        ItemKind::{Error, Tool},
        Shape::{self, Array, Either, Item, Leaf, Object},
        Slot,
    },
};

/// An answer, or a line of one.
pub(super) static SHAPE: Shape = Object(&[
    ("model", Leaf(Slot::Model)),
    ("response", Leaf(Slot::Text)),
    ("thinking", Leaf(Slot::Content)),
    ("message", Object(MESSAGE)),
    ("done", Leaf(Slot::Done)),
    ("done_reason", Leaf(Slot::Finish)),
    ("prompt_eval_count", Leaf(Slot::Count(Count::Input))),
    ("eval_count", Leaf(Slot::Count(Count::Output))),
    (
        "error",
        Either(&[Leaf(Slot::ErrorText), Item(Error, ERROR)]),
    ),
]);

const MESSAGE: &[Field] = &[
    ("content", Leaf(Slot::Text)),
    ("thinking", Leaf(Slot::Content)),
    ("tool_calls", Array(&Item(Tool, TOOL))),
];

const TOOL: &[Field] = &[
    ("id", Leaf(Slot::Id)),
    ("function", Object(&[("name", Leaf(Slot::Name))])),
];

const ERROR: &[Field] = &[("type", Leaf(Slot::Kind)), ("code", Leaf(Slot::Code))];

pub(super) fn apply(document: Document, draft: &mut Draft) {
    let has_tools = document.is_whole && document.of_kind(Tool).next().is_some();
    // The last line has no content in a stream, and all of it where the answer is one document.
    if !document.root.done && (document.has_content() || has_tools) {
        draft.count_chunk();
    }
    if let Some(usage) = document.counts.inclusive() {
        draft.set_usage(usage);
    }
    for tool in document.of_kind(Tool) {
        // Calls come in lines of their own, often without an id: each is a new one.
        draft.add_tool(0, None, tool.scope.id.clone(), tool.scope.name.clone());
    }
    draft.add_text(0, &document.root.text);
    if document.root.done {
        draft.set_finish(0, document.root.finish);
        draft.end_of_stream();
    }
    draft.identify(document.root.id, document.root.model);
}
