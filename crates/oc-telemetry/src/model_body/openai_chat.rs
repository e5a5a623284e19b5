//! OpenAI chat completions, and the older text completions.

use super::{
    collect::error_type,
    document::Document,
    draft::Draft,
    shape::{
        Count, Field,
        ItemKind::{Choice, Error, Part, Tool, Usage},
        Shape::{self, Array, Either, Item, Leaf, Object},
        Slot,
    },
};

/// A completion, or a chunk of one.
pub(super) static SHAPE: Shape = Object(&[
    ("id", Leaf(Slot::Id)),
    ("model", Leaf(Slot::Model)),
    ("choices", Array(&Item(Choice, CHOICE))),
    ("usage", Item(Usage, USAGE)),
    (
        "error",
        Either(&[Leaf(Slot::ErrorText), Item(Error, ERROR)]),
    ),
    // An error of vLLM: `"object":"error"`, with its type and code beside it.
    ("object", Leaf(Slot::Status)),
    ("type", Leaf(Slot::Kind)),
    ("code", Leaf(Slot::Code)),
]);

const CHOICE: &[Field] = &[
    ("index", Leaf(Slot::Index)),
    ("finish_reason", Leaf(Slot::Finish)),
    ("text", Leaf(Slot::Text)),
    ("message", Object(MESSAGE)),
    ("delta", Object(MESSAGE)),
];

const MESSAGE: &[Field] = &[
    (
        "content",
        Either(&[Leaf(Slot::Text), Array(&Item(Part, PART))]),
    ),
    ("refusal", Leaf(Slot::Content)),
    // What DeepSeek, vLLM and OpenRouter call the model's thoughts.
    ("reasoning_content", Leaf(Slot::Content)),
    ("reasoning", Leaf(Slot::Content)),
    ("tool_calls", Array(&Item(Tool, TOOL))),
    ("function_call", Object(FUNCTION)),
    (
        "audio",
        Object(&[
            ("data", Leaf(Slot::Content)),
            ("transcript", Leaf(Slot::Content)),
        ]),
    ),
];

const PART: &[Field] = &[("type", Leaf(Slot::Kind)), ("text", Leaf(Slot::Text))];

const TOOL: &[Field] = &[
    ("index", Leaf(Slot::Index)),
    ("id", Leaf(Slot::Id)),
    ("function", Object(FUNCTION)),
    (
        "custom",
        Object(&[("name", Leaf(Slot::Name)), ("input", Leaf(Slot::Content))]),
    ),
];

const FUNCTION: &[Field] = &[
    ("name", Leaf(Slot::Name)),
    ("arguments", Leaf(Slot::Content)),
];

const USAGE: &[Field] = &[
    ("prompt_tokens", Leaf(Slot::Count(Count::Input))),
    ("completion_tokens", Leaf(Slot::Count(Count::Output))),
    ("total_tokens", Leaf(Slot::Count(Count::Total))),
    (
        "prompt_tokens_details",
        Object(&[
            ("cached_tokens", Leaf(Slot::Count(Count::CacheRead))),
            // OpenRouter's.
            ("cache_write_tokens", Leaf(Slot::Count(Count::CacheWrite))),
        ]),
    ),
    // DeepSeek's.
    (
        "prompt_cache_hit_tokens",
        Leaf(Slot::Count(Count::CacheRead)),
    ),
    (
        "completion_tokens_details",
        Object(&[("reasoning_tokens", Leaf(Slot::Count(Count::Reasoning)))]),
    ),
];

const ERROR: &[Field] = &[("type", Leaf(Slot::Kind)), ("code", Leaf(Slot::Code))];

pub(super) fn apply(document: Document, draft: &mut Draft) {
    if document.streamed && document.has_content() {
        draft.count_chunk();
    }
    if document.root.status.as_deref() == Some("error") {
        draft.set_error(error_type(&document.root));
    }
    if let Some(usage) = document.counts.inclusive() {
        draft.set_usage(usage);
    }
    for tool in document.of_kind(Tool) {
        let index = tool.scope.index.unwrap_or(tool.position);
        let (id, name) = (tool.scope.id.clone(), tool.scope.name.clone());
        draft.add_tool(tool.choice, Some(index), id, name);
    }
    for choice in document.of_kind(Choice) {
        let index = choice.scope.index.unwrap_or(choice.position);
        draft.set_finish(index, choice.scope.finish.clone());
        draft.add_text(index, &choice.scope.text);
    }
    // Many servers never send `[DONE]`; the reasons of all choices say as much.
    let is_finished =
        !draft.choices.is_empty() && draft.choices.iter().all(|choice| choice.finish.is_some());
    if is_finished || (!document.streamed && document.is_whole) {
        draft.end_of_stream();
    }
    draft.identify(document.root.id, document.root.model);
}
