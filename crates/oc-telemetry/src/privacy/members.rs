//! Values that are secret because of their key: members of JSON objects, parameters of URLs and
//! forms, header lines, settings, command-line options, XML elements.

use super::{
    bytes::{
        Quote, at, before, is_ident, is_mark, is_quote, is_space, percent, run, run_back, slice,
        starts,
    },
    keys::{KeyKind, classify},
    value::{self, Form, Separator, Style},
};

/// What is replaced.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: KeyKind,
    /// The quotes that the mark needs where the value had none and JSON wants them.
    pub(super) quote: Option<Quote>,
}

impl Member {
    /// From `start` to `end`, unless there is nothing, or a mark already.
    pub(super) fn new(text: &[u8], start: usize, end: usize, kind: KeyKind) -> Option<Self> {
        let found = slice(text, start, end);
        let open = !is_mark(text, start, end) && found.iter().any(|byte| *byte > b' ');
        open.then_some(Self {
            start,
            end,
            kind,
            quote: None,
        })
    }
}

/// The secret value after the `=` or `:` at `i`, or after `\u003d`, which is `=` in JSON.
pub(super) fn after_separator(text: &[u8], i: usize) -> Option<Member> {
    let separator = at(text, i);
    let compared = starts(text, i, b"==");
    if starts(text, i, b"::") || matches!(before(text, i), b'=' | b'<' | b'>') {
        return None;
    }
    let key = Key::before(text, i)?;
    let escaped = separator == b'\\';
    let mut end = if escaped { i + 6 } else { i + 1 };
    if compared {
        end = run(text, i, |byte| byte == b'=');
    } else if starts(text, i, b"=>") || starts(text, i, b":=") {
        end += 1;
    }
    let form = Form {
        kind: key.kind,
        quoted_key: key.quote,
        separator: if compared {
            Separator::Compared
        } else if separator == b':' && end == i + 1 {
            Separator::Colon
        } else {
            Separator::Equals
        },
        query: key.query,
        spaced: key.spaced || is_space(at(text, end)),
        style: key.style,
    };
    value::find(text, end, form)
}

/// The secret text of the XML element whose start tag ends with the `>` at `i`.
pub(super) fn after_tag(text: &[u8], i: usize) -> Option<Member> {
    let name = i - key_length(text, i);
    if before(text, name) != b'<' {
        return None;
    }
    let kind = classify(slice(text, name, i), false)?;
    let start = i + 1;
    let end = run(text, start, |byte| byte != b'<');
    let slash = run(slice(text, 0, end + 3), end + 1, |byte| {
        matches!(byte, b'\\' | b'/')
    });
    let element = slash > end + 1 && starts(text, slash, slice(text, name, i));
    element
        .then(|| Member::new(text, start, end, kind))
        .flatten()
}

pub(super) const LONGEST_KEY: usize = 64;

/// A key that names a secret.
struct Key {
    kind: KeyKind,
    /// The quotes around it.
    quote: Option<Quote>,
    /// Whether it is a parameter of a URL.
    query: bool,
    /// Whether space stands after it.
    spaced: bool,
    style: Style,
}

impl Key {
    /// The key before the separator at `i`.
    fn before(text: &[u8], i: usize) -> Option<Self> {
        let gap = run_back(text, i.saturating_sub(8), i, is_space);
        let mut end = i - gap;
        let spaced = gap > 0;
        if matches!(before(text, end), b'?' | b'!') {
            end -= 1;
        }
        if before(text, end) == b']' {
            end -= 1;
        } else if end >= 3 && percent(text, end - 3) == Some(b']') {
            end -= 3;
        }
        if is_quote(before(text, end)) {
            return Self::quoted(text, end - 1, spaced);
        }
        let mut start = end - key_length(text, end);
        let mut query = matches!(before(text, start), b'?' | b'&' | b'#');
        match before(text, start) {
            b'%' => start += 2,
            b'\\' if starts(text, start, b"u0026") => {
                start += 5;
                query = true;
            }
            b'\\' if at(text, start) == b'u' => start += 5,
            b'\\' => start += 1,
            b';' => query = query || text.get(..start).is_some_and(|t| t.ends_with(b"&amp;")),
            b' ' if !spaced && is_word_key(slice(text, start, end)) => {
                // "API key: ..." in prose.
                start -= 1 + key_length(text, start - 1);
            }
            _ => {}
        }
        Some(Self {
            kind: classify(slice(text, start, end), query)?,
            quote: None,
            query,
            spaced,
            style: style(slice(text, start, end)),
        })
    }

    /// The key whose closing quote stands at `at_quote`.
    fn quoted(text: &[u8], at_quote: usize, spaced: bool) -> Option<Self> {
        let byte = at(text, at_quote);
        let window = at_quote.saturating_sub(LONGEST_KEY);
        let backslashes = run_back(text, window, at_quote, |byte| byte == b'\\');
        let end = at_quote - backslashes;
        let window = end.saturating_sub(LONGEST_KEY);
        let start = end - run_back(text, window, end, is_key_or_space);
        if before(text, start) != byte {
            return None;
        }
        let name = slice(text, start, end);
        let kind = if name.eq_ignore_ascii_case(b"value") {
            named(text, start - 1)?
        } else {
            classify(name, false)?
        };
        Some(Self {
            kind,
            quote: Some(Quote { byte, backslashes }),
            query: false,
            spaced,
            style: Style::Other,
        })
    }
}

/// What the `name` in `{"name":"password","value":` says, where the quote before `value` stands at
/// `at_quote`.
fn named(text: &[u8], at_quote: usize) -> Option<KeyKind> {
    const WIDEST_GAP: usize = 64;
    let byte = at(text, at_quote);
    let back = |end: usize, accept: fn(u8) -> bool| {
        end - run_back(text, end.saturating_sub(WIDEST_GAP), end, accept)
    };
    // A line break in JSON inside a string is a backslash and an n.
    let gap = |byte| is_space(byte) || matches!(byte, b'\n' | b'\r' | b'\\' | b'n');
    let comma = back(at_quote, gap);
    let closing = back(comma.checked_sub(1)?, is_space);
    if before(text, comma) != b',' || before(text, closing) != byte {
        return None;
    }
    let end = back(closing - 1, |byte| byte == b'\\');
    let start = end - run_back(text, end.saturating_sub(LONGEST_KEY), end, is_key_or_space);
    let opening = back(start.checked_sub(1)?, |byte| byte == b'\\');
    let member = before(text, back(opening, is_space)) == b':';
    (before(text, start) == byte && member)
        .then(|| classify(slice(text, start, end), false))
        .flatten()
}

fn style(key: &[u8]) -> Style {
    if key.contains(&b'-') {
        Style::Header
    } else if key.iter().any(u8::is_ascii_uppercase) && !key.iter().any(u8::is_ascii_lowercase) {
        Style::Variable
    } else {
        Style::Other
    }
}

pub(super) fn is_key(byte: u8) -> bool {
    is_ident(byte) || matches!(byte, b'-' | b'.')
}

fn is_key_or_space(byte: u8) -> bool {
    is_key(byte) || matches!(byte, b' ' | b'/' | b':' | b'$' | b'@')
}

fn is_word_key(word: &[u8]) -> bool {
    [&b"key"[..], b"token", b"code", b"id"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// How many bytes of a key stand before `end`.
fn key_length(text: &[u8], end: usize) -> usize {
    run_back(text, end.saturating_sub(LONGEST_KEY), end, is_key)
}
