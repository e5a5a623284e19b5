//! Puts the values that the scanner finds into a document, and the document into the draft.

use std::mem;

use super::{
    count,
    document::{Code, Document, Item, Piece, Scope},
    draft::{Draft, MAX_ITEMS},
    format::Format,
    oddity::Oddity,
    shape::{Count, ItemKind, Slot},
};

/// Receives what the scanner finds.
pub(super) struct Collector {
    format: Format,
    pub(super) draft: Draft,
    document: Document,
    /// The items that are open, the innermost last, each with the number of items when it began.
    open: Vec<(Scope, usize)>,
    /// The bytes of text that the document holds.
    held: usize,
    /// The name of the event that the document is in.
    event: Option<String>,
    pub(super) streamed: bool,
}

impl Collector {
    pub(super) fn new(format: Format) -> Self {
        Self {
            format,
            draft: Draft::default(),
            document: Document::default(),
            open: Vec::new(),
            held: 0,
            event: None,
            streamed: false,
        }
    }

    /// The name of the event whose data follows; empty for none.
    pub(super) fn set_event(&mut self, name: &[u8]) {
        // "message" is what an event without a name is called.
        self.event = std::str::from_utf8(name)
            .ok()
            .filter(|name| !matches!(*name, "" | "message"))
            .map(str::to_owned);
    }

    pub(super) fn begin_document(&mut self) {
        self.document = Document {
            streamed: self.streamed,
            ..Document::default()
        };
        self.open.clear();
        self.held = 0;
    }

    pub(super) fn end_document(&mut self, is_whole: bool) {
        let mut document = mem::take(&mut self.document);
        document.is_whole = is_whole;
        if let Some(event) = &self.event {
            if event == "error" && document.error.is_none() {
                document.error = Some(error_type(&document.root));
            }
            document.root.kind.get_or_insert_with(|| event.clone());
        }
        self.held = 0;
        self.draft.begin_document();
        if let Some(error) = document.error.take() {
            self.draft.set_error(error);
        }
        self.format.apply(document, &mut self.draft);
    }

    pub(super) fn begin_item(&mut self) {
        let items = self.document.items.len();
        self.open.push((Scope::default(), items));
    }

    pub(super) fn end_item(&mut self, kind: ItemKind) {
        let Some((scope, before)) = self.open.pop() else {
            return;
        };
        match kind {
            ItemKind::Usage => {}
            ItemKind::Error => self.document.error = Some(error_type(&scope)),
            ItemKind::Part => self.end_part(&scope),
            ItemKind::Choice | ItemKind::Tool | ItemKind::Block => {
                self.end_entry(kind, scope, before);
            }
        }
    }

    /// A piece of a message: its text belongs to what it is in.
    fn end_part(&mut self, part: &Scope) {
        let is_text = matches!(part.kind.as_deref(), None | Some("text" | "output_text"));
        let outer = self.scope();
        outer.has_content |= part.has_content;
        if is_text {
            outer.text.append(&part.text);
        }
    }

    fn end_entry(&mut self, kind: ItemKind, scope: Scope, before: usize) {
        let items = &mut self.document.items;
        let position = items.iter().filter(|item| item.kind == kind).count();
        if position >= MAX_ITEMS {
            return self.draft.odd(Oddity::TooManyItems);
        }
        let position = u64::try_from(position).unwrap_or(u64::MAX);
        if kind == ItemKind::Choice {
            // The choice's index may stand behind its tool calls.
            for tool in items.iter_mut().skip(before) {
                tool.choice = scope.index.unwrap_or(position);
            }
        }
        items.push(Item {
            kind,
            scope,
            choice: 0,
            position,
        });
    }

    /// How many bytes of a string are worth keeping.
    pub(super) fn limit(&self, slot: Slot) -> usize {
        match slot {
            Slot::Text => self.draft.text_room().saturating_sub(self.held),
            Slot::Content | Slot::ErrorText => 0,
            _ => VALUE_LIMIT,
        }
    }

    /// A string of `total` bytes, of which `kept` were kept.
    pub(super) fn string(&mut self, slot: Slot, kept: &[u8], total: usize) {
        match slot {
            Slot::Content => self.scope().has_content |= total > 0,
            Slot::Text => self.text(kept, total),
            Slot::ErrorText if total > 0 => self.document.error = Some(OTHER_ERROR.to_owned()),
            Slot::ErrorText | Slot::Done => {}
            _ if total == 0 => {}
            _ => {
                let is_cut = kept.len() < total;
                let value = self.decode(kept, is_cut, VALUE_LIMIT);
                self.value(slot, value, is_cut);
            }
        }
    }

    /// A number, `true` or `false`.
    pub(super) fn bare(&mut self, slot: Slot, token: &str) {
        match slot {
            Slot::Count(count) => {
                let (value, oddity) = count::read(token);
                self.count(count, value, oddity);
            }
            Slot::Index => self.scope().index = token.parse().ok(),
            Slot::Done => self.scope().done = token == "true",
            Slot::Code => self.scope().code = Some(Code::Number(token.to_owned())),
            Slot::Id => self.scope().id = Some(token.to_owned()),
            Slot::Content => self.scope().has_content = true,
            _ => self.draft.odd(Oddity::UnexpectedShape),
        }
    }

    fn text(&mut self, kept: &[u8], total: usize) {
        let capture = self.draft.captures_text();
        let room = self.limit(Slot::Text);
        let text = self.decode(kept, kept.len() < total, room);
        self.held = self.held.saturating_add(text.len());
        let scope = self.scope();
        scope.has_content |= total > 0;
        if capture {
            scope.text.append(&Piece {
                dropped: total.saturating_sub(text.len()),
                kept: text,
            });
        }
    }

    fn value(&mut self, slot: Slot, value: String, is_cut: bool) {
        if is_cut {
            self.draft.odd(Oddity::ValueTooLong);
        }
        let scope = self.scope();
        match slot {
            Slot::Kind => scope.kind = Some(value),
            Slot::Id => scope.id = Some(value),
            Slot::Model => scope.model = Some(value),
            Slot::Name => scope.name = Some(value),
            Slot::Status => scope.status = Some(value),
            Slot::Code => scope.code = Some(Code::Word(value)),
            Slot::Finish => scope.finish = Some(value),
            Slot::Index => scope.index = value.parse().ok(),
            Slot::Count(count) => {
                let (value, oddity) = count::read(value.trim());
                self.count(count, value, oddity.or(Some(Oddity::CountNotInteger)));
            }
            Slot::Done | Slot::Text | Slot::Content | Slot::ErrorText => {}
        }
    }

    fn count(&mut self, count: Count, value: Option<u64>, oddity: Option<Oddity>) {
        if let Some(oddity) = oddity {
            self.draft.odd(oddity);
        }
        if let Some(value) = value {
            self.document.counts.set(count, value);
        }
    }

    /// The text of `bytes`, at most `limit` bytes; an incomplete character at the end of a cut is no
    /// fault.
    fn decode(&mut self, bytes: &[u8], is_cut: bool, limit: usize) -> String {
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => return text.to_owned(),
            Err(error) => error,
        };
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        if is_cut && error.error_len().is_none() {
            return String::from_utf8_lossy(valid).into_owned();
        }
        self.draft.odd(Oddity::InvalidUtf8);
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        // A replacement character is longer than the byte it replaces.
        text.truncate(text.floor_char_boundary(limit));
        text
    }

    fn scope(&mut self) -> &mut Scope {
        match self.open.last_mut() {
            Some((scope, _)) => scope,
            None => &mut self.document.root,
        }
    }
}

/// The `error.type` of an error: its code if that is a word, else its type, else its number.
///
/// `OpenAI`'s codes say more than its types, which are "tokens" or "requests" for a rate limit.
pub(super) fn error_type(error: &Scope) -> String {
    // `error` is the type of an event, not of an error.
    let kind = error.kind.as_ref().filter(|kind| *kind != "error");
    let name = match (&error.code, kind) {
        (Some(Code::Word(code)), _) | (Some(Code::Number(code)), None) => code,
        (_, Some(kind)) => kind,
        (None, None) => return OTHER_ERROR.to_owned(),
    };
    // It becomes a metric label: what does not look like a name is not passed on.
    let is_name = name.len() <= ERROR_LIMIT
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if is_name { name } else { OTHER_ERROR }.to_owned()
}

/// `error.type` where the failure has no name.
pub(super) const OTHER_ERROR: &str = "_OTHER";
const ERROR_LIMIT: usize = 64;
const VALUE_LIMIT: usize = 256;
