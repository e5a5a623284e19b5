//! What a body said.

use std::fmt;

use super::{draft::Draft, format::Format, oddity::Oddity, usage::Usage};

/// What was read from the answer of a model call.
///
/// Everything is optional: a body that is cut, broken or empty gives what it had.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Reading {
    id: Option<String>,
    model: Option<String>,
    status: Option<String>,
    error_type: Option<String>,
    usage: Option<Usage>,
    finish_reasons: Vec<String>,
    tool_calls: Vec<ToolCallRef>,
    texts: Vec<String>,
    text_dropped_bytes: usize,
    content_chunks: usize,
    is_complete: bool,
    odd: Vec<Oddity>,
}

/// A tool call that the model asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToolCallRef {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

impl ToolCallRef {
    /// The id by which its result is returned to the model. Ollama often has none.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The tool's name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl Reading {
    /// The tokens used; `None` if the body did not say.
    pub fn usage(&self) -> Option<&Usage> {
        self.usage.as_ref()
    }

    /// Why the model stopped, one word for each choice, in the order of the choices
    /// (`gen_ai.response.finish_reasons`).
    ///
    /// The words are the provider's. A choice that has none while others do is `error`. OpenAI
    /// responses have a status instead: `completed` is `stop`, or `tool_calls` if the model asked
    /// for one; `failed` is `error`; incomplete ones have the reason that they give.
    pub fn finish_reasons(&self) -> &[String] {
        &self.finish_reasons
    }

    /// The provider's id of the answer (`gen_ai.response.id`). Ollama has none.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The model that answered (`gen_ai.response.model`).
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The status of an OpenAI response, as `completed` (`gen_ai.response.status`).
    pub fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// The name of the error that the body reports (`error.type`), as `overloaded_error`.
    ///
    /// `_OTHER` where the error has no name, or one that does not look like one. Messages are not
    /// read: they may quote the prompt.
    pub fn error_type(&self) -> Option<&str> {
        self.error_type.as_deref()
    }

    /// The tools that the model asked for. Arguments are not read.
    pub fn tool_calls(&self) -> &[ToolCallRef] {
        &self.tool_calls
    }

    /// The generated text of each choice; empty unless
    /// [asked for](super::BodyReader::with_text_capture).
    ///
    /// Without reasoning, refusals and tool arguments.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The generated text of the first choice, under the same conditions.
    pub fn text(&self) -> Option<&str> {
        let text = self.texts.first().map(String::as_str);
        text.filter(|text| !text.is_empty())
    }

    /// How many bytes of text were left out because they exceeded what was asked for.
    pub fn text_dropped_bytes(&self) -> usize {
        self.text_dropped_bytes
    }

    /// How many chunks of a stream had generated content; the sum of what
    /// [`push`](super::BodyReader::push) returned.
    pub fn content_chunks(&self) -> usize {
        self.content_chunks
    }

    /// Whether the body came to its end: a whole JSON document, the last event of a stream, or an
    /// error.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// What was odd, each kind once, in the order in which it was noticed.
    pub fn odd(&self) -> &[Oddity] {
        &self.odd
    }

    pub(super) fn new(mut draft: Draft, format: Format) -> Self {
        let is_partial = |usage: Usage| {
            usage.known_input_tokens().is_none() || usage.known_output_tokens().is_none()
        };
        if draft.usage.is_some_and(is_partial) {
            draft.odd(Oddity::UsagePartial);
        }
        if draft.usage.is_some_and(|usage| usage.parts_exceed_totals()) {
            draft.odd(Oddity::PartsExceedTotals);
        }
        let has_ids = format != Format::Ollama;
        if has_ids && draft.tools.iter().any(|tool| tool.call.id.is_none()) {
            draft.odd(Oddity::ToolCallWithoutId);
        }
        let has_reasons = draft.choices.iter().any(|choice| choice.finish.is_some());
        let mut reading = Self {
            id: draft.id,
            model: draft.model,
            status: draft.status,
            error_type: draft.error,
            usage: draft.usage,
            tool_calls: draft.tools.into_iter().map(|tool| tool.call).collect(),
            content_chunks: draft.chunks,
            is_complete: draft.is_ended && !draft.oddities.contains(&Oddity::CutShort),
            odd: draft.oddities,
            ..Self::default()
        };
        let has_text = draft
            .choices
            .iter()
            .any(|choice| !choice.text.kept.is_empty());
        for choice in draft.choices {
            if has_reasons {
                let reason = choice.finish.unwrap_or_else(|| "error".to_owned());
                reading.finish_reasons.push(reason);
            }
            reading.text_dropped_bytes = reading
                .text_dropped_bytes
                .saturating_add(choice.text.dropped);
            if has_text {
                reading.texts.push(choice.text.kept);
            }
        }
        reading
    }
}

/// Shows how much text there is, not the text.
impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text_bytes = self.texts.iter().map(String::len).sum::<usize>();
        f.debug_struct("Reading")
            .field("id", &self.id)
            .field("model", &self.model)
            .field("status", &self.status)
            .field("error_type", &self.error_type)
            .field("usage", &self.usage)
            .field("finish_reasons", &self.finish_reasons)
            .field("tool_calls", &self.tool_calls)
            .field("text_bytes", &text_bytes)
            .field("text_dropped_bytes", &self.text_dropped_bytes)
            .field("content_chunks", &self.content_chunks)
            .field("is_complete", &self.is_complete)
            .field("odd", &self.odd)
            .finish()
    }
}
