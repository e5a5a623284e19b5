//! What is known so far of an answer.

use super::{
    document::{Counts, Piece},
    oddity::Oddity,
    reading::ToolCallRef,
    usage::Usage,
};

/// A reading in the making.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    pub(super) status: Option<String>,
    pub(super) error: Option<String>,
    pub(super) usage: Option<Usage>,
    /// Whether more usage is to be expected after what came.
    pub(super) usage_is_preliminary: bool,
    /// What an answer whose usage comes in parts has reported so far.
    pub(super) counts: Counts,
    /// In the order of their index.
    pub(super) choices: Vec<Choice>,
    pub(super) tools: Vec<Tool>,
    pub(super) oddities: Vec<Oddity>,
    pub(super) documents: usize,
    pub(super) chunks: usize,
    /// Whether the answer said that it is complete.
    pub(super) is_ended: bool,
    text_limit: usize,
    text_kept: usize,
}

/// One answer of the model; all but OpenAI chat have only one.
#[derive(Default)]
pub(super) struct Choice {
    index: u64,
    pub(super) finish: Option<String>,
    pub(super) text: Piece,
}

pub(super) struct Tool {
    choice: u64,
    index: Option<u64>,
    pub(super) call: ToolCallRef,
}

impl Draft {
    pub(super) fn capture_text(&mut self, max_bytes: usize) {
        self.text_limit = max_bytes;
    }

    pub(super) fn captures_text(&self) -> bool {
        self.text_limit > 0
    }

    /// How many more bytes of text may be kept.
    pub(super) fn text_room(&self) -> usize {
        self.text_limit.saturating_sub(self.text_kept)
    }

    pub(super) fn odd(&mut self, oddity: Oddity) {
        if !self.oddities.contains(&oddity) {
            self.oddities.push(oddity);
        }
    }

    pub(super) fn begin_document(&mut self) {
        self.documents = self.documents.saturating_add(1);
    }

    /// The id and the model; the first that is not empty counts.
    pub(super) fn identify(&mut self, id: Option<String>, model: Option<String>) {
        self.id = self.id.take().or(id);
        self.model = self.model.take().or(model);
    }

    pub(super) fn set_error(&mut self, error: String) {
        self.error.get_or_insert(error);
        self.is_ended = true;
    }

    /// Usage that stands for the whole answer.
    pub(super) fn set_usage(&mut self, usage: Usage) {
        if self.usage.replace(usage).is_some() {
            self.odd(Oddity::UsageRepeated);
        }
    }

    pub(super) fn count_chunk(&mut self) {
        self.chunks = self.chunks.saturating_add(1);
    }

    pub(super) fn end_of_stream(&mut self) {
        self.is_ended = true;
    }

    pub(super) fn set_finish(&mut self, index: u64, reason: Option<String>) {
        if let Some(choice) = self.choice(index)
            && reason.is_some()
        {
            choice.finish = reason;
        }
    }

    pub(super) fn add_text(&mut self, index: u64, text: &Piece) {
        if text.kept.is_empty() && text.dropped == 0 {
            return;
        }
        let kept = text.kept.len();
        if let Some(choice) = self.choice(index) {
            choice.text.append(text);
            self.text_kept = self.text_kept.saturating_add(kept);
        }
    }

    pub(super) fn has_text(&self) -> bool {
        let mut texts = self.choices.iter().map(|choice| &choice.text);
        texts.any(|text| !text.kept.is_empty() || text.dropped > 0)
    }

    /// A tool call, or more about one that is already known.
    ///
    /// With an index of `None` and no id it is always a new one.
    pub(super) fn add_tool(
        &mut self,
        choice: u64,
        index: Option<u64>,
        id: Option<String>,
        name: Option<String>,
    ) {
        let is_same = |tool: &Tool| {
            let place = tool.choice == choice && tool.index.is_some() && tool.index == index;
            match (&tool.call.id, &id) {
                (Some(known), Some(id)) => known == id,
                _ => place,
            }
        };
        if let Some(known) = self.tools.iter_mut().find(|tool| is_same(tool)) {
            known.call.id = known.call.id.take().or(id);
            known.call.name = known.call.name.take().or(name);
        } else if self.tools.len() < MAX_ITEMS {
            self.tools.push(Tool {
                choice,
                index,
                call: ToolCallRef { id, name },
            });
        } else {
            self.odd(Oddity::TooManyItems);
        }
    }

    fn choice(&mut self, index: u64) -> Option<&mut Choice> {
        let place = self
            .choices
            .binary_search_by_key(&index, |choice| choice.index);
        let place = match place {
            Ok(place) => place,
            Err(_) if self.choices.len() >= MAX_ITEMS => {
                self.odd(Oddity::TooManyItems);
                return None;
            }
            Err(place) => {
                let choice = Choice {
                    index,
                    ..Choice::default()
                };
                self.choices.insert(place, choice);
                place
            }
        };
        self.choices.get_mut(place)
    }
}

/// The most choices and tool calls of one answer.
pub(super) const MAX_ITEMS: usize = 128;
