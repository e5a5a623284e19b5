//! Reads JSON as it passes, in pieces of any size, and keeps only what a [`Shape`] asks for.
//!
//! A body is not collected first: a completion of 20 MB, or an event with an image in it, costs no
//! more memory than a short one, and what stands before a fault or a cut is not lost.

use std::mem;

use super::{
    collect::Collector,
    oddity::Oddity,
    shape::{Field, ItemKind, Shape, Slot},
    text::Text,
};

/// A reader of one JSON object after another.
pub(super) struct Scanner {
    root: &'static Shape,
    state: State,
    stack: Vec<Frame>,
    text: Text,
    line_start: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between documents.
    Idle,
    /// In something that is not a document, perhaps `[DONE]`.
    Junk,
    /// After a fault; waits for the next document.
    Failed,
    /// After `[`, or where a value must come.
    ElementOrEnd,
    Value,
    /// After `{`, or where a key must come.
    KeyOrEnd,
    Key,
    Colon,
    CommaOrEnd,
    /// In the name of a member.
    InKey,
    /// In a string, kept for the slot if there is one.
    InString(Option<Slot>),
    /// In a number or a word.
    InBare,
}

/// A list or an object that is open.
struct Frame {
    is_object: bool,
    fields: &'static [Field],
    /// What is wanted of the next value.
    wanted: Option<&'static Shape>,
    item: Option<ItemKind>,
}

impl Scanner {
    pub(super) fn new(root: &'static Shape) -> Self {
        Self {
            root,
            state: State::Idle,
            stack: Vec::new(),
            text: Text::default(),
            line_start: true,
        }
    }

    /// Reads on.
    pub(super) fn feed(&mut self, bytes: &[u8], sink: &mut Collector) {
        let mut rest = bytes;
        while let Some((&byte, tail)) = rest.split_first() {
            if mem::take(&mut self.line_start) && byte == b'{' && !self.takes_value() {
                // A document cut in its middle, with the next one on a line of its own.
                self.abandon(sink);
            }
            let plain = self.plain_run(rest);
            if let Some((run, tail)) = rest.split_at_checked(plain).filter(|_| plain > 0) {
                self.text.push(run);
                rest = tail;
            } else {
                self.step(byte, sink);
                rest = tail;
            }
        }
    }

    /// Ends what is open: no document goes on past this point.
    pub(super) fn end_of_event(&mut self, sink: &mut Collector) {
        self.abandon(sink);
        self.line_start = true;
    }

    /// Ends the body.
    pub(super) fn end_of_body(&mut self, sink: &mut Collector) {
        if !self.stack.is_empty() {
            sink.draft.odd(Oddity::CutShort);
            self.close_early(sink);
        }
        self.abandon(sink);
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.text.capacity() + self.stack.capacity() * size_of::<Frame>()
    }

    /// How many of the next bytes stand for themselves within a string.
    fn plain_run(&self, rest: &[u8]) -> usize {
        if !matches!(self.state, State::InKey | State::InString(_)) || self.text.in_escape() {
            return 0;
        }
        rest.iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | b'\n'))
            .unwrap_or(rest.len())
    }

    fn takes_value(&self) -> bool {
        matches!(self.state, State::Idle | State::Value | State::ElementOrEnd)
    }

    fn step(&mut self, byte: u8, sink: &mut Collector) {
        if self.state == State::InBare {
            if is_bare(byte) {
                return self.text.push(&[byte]);
            }
            self.end_bare(sink);
        }
        self.line_start = byte == b'\n';
        match self.state {
            State::InKey | State::InString(_) => self.step_string(byte, sink),
            State::Junk => self.step_junk(byte, sink),
            State::Failed => {}
            _ if byte.is_ascii_whitespace() => {}
            State::Idle => self.begin_document(byte, sink),
            State::ElementOrEnd if byte == b']' => self.close(sink),
            State::Value | State::ElementOrEnd => self.begin_value(byte, sink),
            State::KeyOrEnd if byte == b'}' => self.close(sink),
            State::KeyOrEnd | State::Key if byte == b'"' => {
                self.text.restart(KEY_LIMIT);
                self.state = State::InKey;
            }
            State::Colon if byte == b':' => self.state = State::Value,
            State::CommaOrEnd => self.step_comma(byte, sink),
            _ => self.fail(Oddity::MalformedJson, sink),
        }
    }

    fn step_string(&mut self, byte: u8, sink: &mut Collector) {
        if self.text.in_escape() || byte == b'\\' {
            if self.text.push_escape(byte).is_err() {
                self.fail(Oddity::MalformedJson, sink);
            }
        } else if byte != b'"' {
            self.text.push(&[byte]);
        } else if let State::InString(slot) = self.state {
            if let Some(slot) = slot {
                let (kept, total) = self.text.finish();
                sink.string(slot, kept, total);
            }
            self.state = State::CommaOrEnd;
        } else {
            let key = self.text.whole();
            if let Some(frame) = self.stack.last_mut() {
                frame.wanted = frame
                    .fields
                    .iter()
                    .find(|(name, _)| key == Some(name.as_bytes()))
                    .map(|(_, shape)| shape);
            }
            self.state = State::Colon;
        }
    }

    fn step_comma(&mut self, byte: u8, sink: &mut Collector) {
        let in_object = self.stack.last().is_some_and(|frame| frame.is_object);
        match (byte, in_object) {
            (b',', true) => self.state = State::Key,
            (b',', false) => self.state = State::Value,
            (b'}', true) | (b']', false) => self.close(sink),
            _ => self.fail(Oddity::MalformedJson, sink),
        }
    }

    fn step_junk(&mut self, byte: u8, sink: &mut Collector) {
        if byte == b'\n' {
            self.abandon(sink);
        } else {
            self.text.push(&[byte]);
        }
    }

    fn begin_document(&mut self, byte: u8, sink: &mut Collector) {
        if byte == b'{' {
            sink.begin_document();
            self.open(true, Some(self.root), sink);
        } else {
            self.text.restart(JUNK_LIMIT);
            self.text.push(&[byte]);
            self.state = State::Junk;
        }
    }

    fn begin_value(&mut self, byte: u8, sink: &mut Collector) {
        let wanted = self.stack.last().and_then(|frame| frame.wanted);
        match byte {
            b'{' | b'[' => self.open(byte == b'{', wanted, sink),
            b'"' => {
                let slot = wanted.and_then(Shape::leaf);
                if wanted.is_some() && slot.is_none() {
                    sink.draft.odd(Oddity::UnexpectedShape);
                }
                self.text.restart(slot.map_or(0, |slot| sink.limit(slot)));
                self.state = State::InString(slot);
            }
            _ if is_bare(byte) => {
                self.text.restart(BARE_LIMIT);
                self.text.push(&[byte]);
                self.state = State::InBare;
            }
            _ => self.fail(Oddity::MalformedJson, sink),
        }
    }

    fn end_bare(&mut self, sink: &mut Collector) {
        let wanted = self.stack.last().and_then(|frame| frame.wanted);
        let token = self.text.whole().unwrap_or_default();
        let token = std::str::from_utf8(token).unwrap_or_default();
        let is_number = token.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        // `NaN` and `Infinity` are not JSON, but what Python writes.
        if !is_number && !matches!(token, "null" | "true" | "false" | "NaN" | "Infinity") {
            return self.fail(Oddity::MalformedJson, sink);
        }
        if let Some(wanted) = wanted.filter(|_| token != "null") {
            match wanted.leaf() {
                Some(slot) => sink.bare(slot, token),
                None => sink.draft.odd(Oddity::UnexpectedShape),
            }
        }
        self.state = State::CommaOrEnd;
    }

    fn open(&mut self, is_object: bool, wanted: Option<&'static Shape>, sink: &mut Collector) {
        if self.stack.len() >= MAX_DEPTH {
            return self.fail(Oddity::NestedTooDeep, sink);
        }
        let mut frame = Frame {
            is_object,
            fields: &[],
            wanted: None,
            item: None,
        };
        if is_object {
            if let Some((item, fields)) = wanted.and_then(Shape::object) {
                frame.item = item;
                frame.fields = fields;
            } else if wanted.is_some() {
                sink.draft.odd(Oddity::UnexpectedShape);
            }
        } else {
            frame.wanted = wanted.and_then(Shape::element);
            if wanted.is_some() && frame.wanted.is_none() {
                sink.draft.odd(Oddity::UnexpectedShape);
            }
        }
        if frame.item.is_some() {
            sink.begin_item();
        }
        self.stack.push(frame);
        self.state = if is_object {
            State::KeyOrEnd
        } else {
            State::ElementOrEnd
        };
    }

    fn close(&mut self, sink: &mut Collector) {
        if let Some(item) = self.stack.pop().and_then(|frame| frame.item) {
            sink.end_item(item);
        }
        self.state = State::CommaOrEnd;
        if self.stack.is_empty() {
            self.state = State::Idle;
            sink.end_document(true);
        }
    }

    fn fail(&mut self, oddity: Oddity, sink: &mut Collector) {
        sink.draft.odd(oddity);
        self.close_early(sink);
        self.state = State::Failed;
    }

    /// Leaves whatever is open and waits for the next document.
    fn abandon(&mut self, sink: &mut Collector) {
        if self.state == State::Junk {
            let junk = self.text.whole().unwrap_or_default();
            if junk.trim_ascii_end() == b"[DONE]" {
                sink.draft.end_of_stream();
            } else {
                sink.draft.odd(Oddity::MalformedJson);
            }
        } else if !self.stack.is_empty() {
            sink.draft.odd(Oddity::MalformedJson);
            self.close_early(sink);
        }
        self.state = State::Idle;
    }

    fn close_early(&mut self, sink: &mut Collector) {
        while let Some(frame) = self.stack.pop() {
            if let Some(item) = frame.item {
                sink.end_item(item);
            }
        }
        sink.end_document(false);
    }
}

fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

const MAX_DEPTH: usize = 128;
const KEY_LIMIT: usize = 64;
const BARE_LIMIT: usize = 64;
const JUNK_LIMIT: usize = 16;
