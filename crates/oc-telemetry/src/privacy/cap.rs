//! Cutting content to a size.

use std::borrow::Cow;

use serde_json::Value;

/// The most bytes that one captured value may have.
///
/// What is longer is cut on a UTF-8 boundary and ends with `…[cut N bytes]`; the result, with that
/// mark, is no longer than the cap. Cutting what was cut adds up.
///
/// ```
/// use oc_telemetry::privacy::Cap;
///
/// let cut = Cap::new(64).cut(&"é".repeat(50)).into_owned();
/// assert_eq!(cut, format!("{}…[cut 72 bytes]", "é".repeat(14)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    max_bytes: usize,
}

impl Cap {
    /// At most so many bytes; less than 64 counts as 64, which the mark needs.
    pub const fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes: if max_bytes < SMALLEST {
                SMALLEST
            } else {
                max_bytes
            },
        }
    }

    /// The most bytes of a value.
    pub const fn max_bytes(self) -> usize {
        self.max_bytes
    }

    /// The text, or its start with the mark.
    pub fn cut(self, text: &str) -> Cow<'_, str> {
        self.cut_with(text, 0)
    }

    /// As [`cut`](Self::cut), where `missing` bytes after the text are gone already.
    pub(super) fn cut_with(self, text: &str, missing: usize) -> Cow<'_, str> {
        if text.len() <= self.max_bytes && missing == 0 {
            return Cow::Borrowed(text);
        }
        let (body, gone) = split_mark(text);
        let keep = body.floor_char_boundary(self.max_bytes - LONGEST_MARK);
        let kept = body.get(..keep).unwrap_or_default();
        let gone = gone
            .saturating_add(missing)
            .saturating_add(body.len() - kept.len());
        Cow::Owned(format!("{kept}{}", mark(gone)))
    }

    /// JSON text of `value` that is no longer than the cap and still valid.
    ///
    /// The longest strings are cut, as [`cut`](Self::cut) does; those that say what something is
    /// (`type`, `role`, `id`, `name`) stay. If that is not enough, a list loses its oldest items,
    /// for which one item with the mark stands at the start, and so does the list `messages` of an
    /// object; anything else becomes the mark alone.
    /// What lies deeper than 100 lists and objects becomes a mark.
    ///
    /// ```
    /// use oc_telemetry::privacy::Cap;
    /// use serde_json::{Value, json};
    ///
    /// let messages = json!([{"role": "user", "parts": [{"type": "text", "content": "x".repeat(999)}]}]);
    /// let text = Cap::new(200).cut_json(messages);
    /// assert!(text.len() <= 200);
    /// let cut: Value = serde_json::from_str(&text).unwrap();
    /// assert_eq!(cut[0]["role"], "user");
    /// ```
    pub fn cut_json(self, mut value: Value) -> String {
        flatten(&mut value, DEEPEST);
        let text = value.to_string();
        if text.len() <= self.max_bytes {
            return text;
        }
        let mut lengths = Vec::new();
        each_text(&mut value, None, &mut |text| lengths.push(escaped(text)));
        let fixed = text.len().saturating_sub(lengths.iter().sum());
        drop(text);
        let room = self.max_bytes.saturating_sub(fixed);
        if let Some(most) = level(lengths, room) {
            each_text(&mut value, None, &mut |text| shorten(text, most));
            let text = value.to_string();
            if text.len() <= self.max_bytes {
                return text;
            }
        }
        self.drop_items(value)
    }

    /// The newest items of a list that fit, each as it is; of an object with `messages`, those of
    /// that list.
    fn drop_items(self, value: Value) -> String {
        let (start, items, end) = match value {
            Value::Array(items) => (String::new(), items, ""),
            Value::Object(mut members) => match members.remove("messages") {
                Some(Value::Array(items)) => (start_of(members), items, "}"),
                Some(other) => return marked(other.to_string().len()),
                None => return marked(Value::Object(members).to_string().len()),
            },
            other => return marked(other.to_string().len()),
        };
        let room = self.max_bytes.saturating_sub(start.len() + end.len());
        let (list, gone) = newest(&items, room);
        let text = format!("{start}{list}{end}");
        if text.len() <= self.max_bytes {
            text
        } else {
            marked(gone)
        }
    }
}

/// An object up to its last member, the value of `messages`.
fn start_of(members: serde_json::Map<String, Value>) -> String {
    let mut text = Value::Object(members).to_string();
    text.pop();
    if text.len() > 1 {
        text.push(',');
    }
    text.push_str("\"messages\":");
    text
}

/// A list of the last items that fit, behind one that says how many bytes are gone.
fn newest(items: &[Value], room: usize) -> (String, usize) {
    const MARK_ITEM: usize = 96;
    let mut room = room.saturating_sub(MARK_ITEM);
    let mut kept: Vec<String> = Vec::new();
    let (mut gone, mut full) = (0_usize, false);
    for item in items.iter().rev() {
        let text = item.to_string();
        full = full || text.len() + 1 > room;
        if full {
            gone = gone.saturating_add(text.len());
        } else {
            room -= text.len() + 1;
            kept.push(text);
        }
    }
    let has = |name| items.iter().any(|item| item.get(name).is_some());
    let part = serde_json::json!({"type": "text", "content": mark(gone)});
    let first = match (has("role"), has("parts")) {
        (true, true) => serde_json::json!({"role": "system", "parts": [part]}),
        (true, false) => serde_json::json!({"role": "system", "content": mark(gone)}),
        (false, _) => part,
    };
    kept.push(first.to_string());
    kept.reverse();
    (format!("[{}]", kept.join(",")), gone)
}

fn marked(bytes: usize) -> String {
    Value::String(mark(bytes)).to_string()
}

impl Default for Cap {
    /// 64 KiB.
    fn default() -> Self {
        Self::new(64 * 1024)
    }
}

const SMALLEST: usize = 64;
const DEEPEST: usize = 100;

const MARK_START: &str = "…[cut ";
const MARK_END: &str = " bytes]";

/// The mark with the longest number.
const LONGEST_MARK: usize = MARK_START.len() + 20 + MARK_END.len();

fn mark(bytes: usize) -> String {
    format!("{MARK_START}{bytes}{MARK_END}")
}

/// The text before a mark at the end, and the number in it.
fn split_mark(text: &str) -> (&str, usize) {
    text.strip_suffix(MARK_END)
        .and_then(|rest| rest.rsplit_once(MARK_START))
        .and_then(|(body, number)| Some((body, number.parse().ok()?)))
        .unwrap_or((text, 0))
}

/// Replaces what lies too deep to be walked and written.
fn flatten(value: &mut Value, depth: usize) {
    match value {
        Value::Array(_) | Value::Object(_) if depth == 0 => {
            *value = Value::String("…[cut: too deep]".to_owned());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| flatten(item, depth - 1)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| flatten(member, depth - 1)),
        _ => {}
    }
}

/// Calls `f` with every string that may be cut.
fn each_text(value: &mut Value, key: Option<&str>, f: &mut impl FnMut(&mut String)) {
    const STAYS: [&str; 8] = [
        "type",
        "role",
        "id",
        "name",
        "mime_type",
        "modality",
        "finish_reason",
        "file_id",
    ];
    match value {
        Value::String(_) if key.is_some_and(|key| STAYS.contains(&key)) => {}
        Value::String(text) => f(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, None, f)),
        Value::Object(members) => members
            .iter_mut()
            .for_each(|(key, member)| each_text(member, Some(key), f)),
        _ => {}
    }
}

/// How many bytes a character takes in a JSON string.
fn width(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        c => c.len_utf8(),
    }
}

fn escaped(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// The length to which the longest texts are cut, so that all fit in the room; `None` if that
/// would leave nothing of them.
fn level(mut lengths: Vec<usize>, room: usize) -> Option<usize> {
    const LEAST: usize = LONGEST_MARK + 8;
    lengths.sort_unstable();
    let (mut room, mut left) = (room, lengths.len());
    for length in lengths {
        let share = room / left.max(1);
        if length > share {
            return (share >= LEAST).then_some(share);
        }
        room -= length;
        left -= 1;
    }
    None
}

/// Cuts a text to `most` bytes as they are written in JSON.
fn shorten(text: &mut String, most: usize) {
    if escaped(text) <= most {
        return;
    }
    let (body, gone) = split_mark(text);
    let mut room = most.saturating_sub(LONGEST_MARK);
    let mut keep = 0;
    for c in body.chars() {
        let Some(rest) = room.checked_sub(width(c)) else {
            break;
        };
        room = rest;
        keep += c.len_utf8();
    }
    let gone = gone.saturating_add(body.len() - keep);
    let kept = body.get(..keep).unwrap_or_default();
    *text = format!("{kept}{}", mark(gone));
}
