//! Where the value of a secret key starts and ends, and whether it is one.

use super::{
    bytes::{Quote, at, is_ident, is_space, mark_end, run, slice, starts},
    credentials::is_random,
    extent::{bracket_end, ends_line, word_end},
    header,
    keys::KeyKind,
    members::Member,
    plausible::{LONGEST_DOUBT, is_code, is_schema, is_template_variable, is_type, looks_secret},
};

/// What is known of a value before it is read.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) kind: KeyKind,
    pub(super) quoted_key: Option<Quote>,
    pub(super) separator: Separator,
    /// Whether the key is a parameter of a URL.
    pub(super) query: bool,
    /// Whether space stands around the separator.
    pub(super) spaced: bool,
    pub(super) style: Style,
}

/// How a key is written, which tells what stands around it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// With hyphens: the name of a header.
    Header,
    /// In capitals: a variable of the environment.
    Variable,
    Other,
}

/// What stands between a key and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Colon,
    /// `=`, `:=` or `=>`.
    Equals,
    /// `==` or `===`.
    Compared,
}

/// The secret value of which the separator ends at `from`.
pub(super) fn find(text: &[u8], from: usize, form: Form) -> Option<Member> {
    let start = run(slice(text, 0, from + 64), from, |byte| {
        is_space(byte) || (form.quoted_key.is_some() && matches!(byte, b'\n' | b'\r'))
    });
    if form.separator == Separator::Compared && !form.kind.is_strong() {
        return None;
    }
    if let Some((start, end)) = quoted(text, start) {
        return accept(text, start, end, form);
    }
    if form.separator == Separator::Compared {
        return None;
    }
    if let Some(quote) = form.quoted_key {
        return json_value(text, start, form, quote);
    }
    if matches!(form.kind, KeyKind::Authorization | KeyKind::Cookie) && !form.query {
        return header::find(text, start, form.kind);
    }
    plain(text, start, form)
}

/// The place of the text in quotes at `start`.
fn quoted(text: &[u8], start: usize) -> Option<(usize, usize)> {
    // The prefix of a string in Rust, Python or C.
    let prefix = run(slice(text, 0, start + 2), start, |byte| {
        matches!(byte, b'r' | b'b' | b'f' | b'u' | b'L' | b'@' | b'#')
    });
    let (quote, content) = Quote::open(text, start).or_else(|| Quote::open(text, prefix))?;
    if quote.backslashes == 0 {
        let triple = [quote.byte; 3];
        if starts(text, content - 1, &triple) {
            let content = content + 2;
            let end = slice(text, content, text.len())
                .windows(3)
                .position(|window| window == triple)
                .map_or(text.len(), |offset| content + offset);
            return Some((content, end));
        }
        if at(text, content) == quote.byte {
            return Some((content, content));
        }
    }
    let end = if quote.byte == b'\'' {
        // An apostrophe may be one: it counts as a quote if its line has a second one.
        quote
            .close_on_line(text, content)
            .map_or_else(|| word_end(text, content, false), |close| close.0)
    } else {
        quote
            .close(text, content)
            .map_or(text.len(), |close| close.0)
    };
    Some((content, end))
}

/// A value in quotes. After a key without quotes it may be source code.
fn accept(text: &[u8], start: usize, end: usize, form: Form) -> Option<Member> {
    let found = slice(text, start, end);
    let sure = form.quoted_key.is_some() || form.separator == Separator::Colon || form.query;
    let plausible = form.kind.is_strong() || is_random(found, 8) || found.len() >= 16;
    if !sure && !plausible {
        return None;
    }
    Member::new(text, start, end, form.kind)
}

/// What stands without quotes after a key in quotes: numbers, lists and objects.
fn json_value(text: &[u8], start: usize, form: Form, quote: Quote) -> Option<Member> {
    let byte = at(text, start);
    let end = match byte {
        b'[' if !starts_mark(text, start) => bracket_end(text, start, quote),
        b'{' if form.kind.takes_objects() && !is_schema(text, start) => {
            bracket_end(text, start, quote)
        }
        b'0'..=b'9' | b'-' | b'.' if form.kind.takes_numbers() => run(text, start, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+')
        }),
        _ => {
            return plain(text, start, form)
                .filter(|_| !matches!(byte, b'[' | b'{' | b'0'..=b'9' | b'-'));
        }
    };
    let found = slice(text, start, end);
    let holds_text = byte.is_ascii_digit() || found.contains(&quote.byte);
    holds_text.then_some(Member {
        start,
        end,
        kind: form.kind,
        quote: Some(quote),
    })
}

/// A word without quotes.
fn plain(text: &[u8], start: usize, form: Form) -> Option<Member> {
    let end = word_end(text, start, form.query);
    if start == end {
        return None;
    }
    let found = slice(text, start, end);
    if form.query || starts_mark(text, start) || found.len() > LONGEST_DOUBT {
        return Member::new(text, start, end, form.kind);
    }
    if is_type(found) {
        return annotated(text, end, form);
    }
    let tight = form.separator == Separator::Equals && !form.spaced;
    let variable = tight && form.style == Style::Variable && !is_template_variable(found);
    if is_code(found, form.spaced) && !variable {
        return None;
    }
    let number = found
        .iter()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    if number && (!form.kind.takes_numbers() || found.len() < 4) {
        return None;
    }
    let random = looks_secret(found, form.kind.shortest());
    let alone = form.separator == Separator::Colon
        && (form.kind.is_strong() || form.style == Style::Header)
        && ends_line(text, end);
    if !(tight || random || alone || number) {
        return None;
    }
    let end = match second_word(text, start, end) {
        Some(second) => second,
        None => end,
    };
    Member::new(text, start, end, form.kind)
}

/// Where the credentials after the scheme that stands from `start` to `end` end.
fn second_word(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let scheme = slice(text, start, end);
    let known = header::ONE_WORD_SCHEMES
        .iter()
        .any(|name| scheme.eq_ignore_ascii_case(name));
    let second = run(slice(text, 0, end + 8), end, is_space);
    (known && second > end).then(|| word_end(text, second, false))
}

/// The string after `name: Type =`.
fn annotated(text: &[u8], from: usize, form: Form) -> Option<Member> {
    const LONGEST: usize = 48;
    let end = run(slice(text, 0, from + LONGEST), from, |byte| {
        is_ident(byte) || matches!(byte, b' ' | b'&' | b'\'' | b'<' | b'>' | b'[' | b']' | b'|')
    });
    if at(text, end) != b'=' || at(text, end + 1) == b'=' {
        return None;
    }
    let start = run(slice(text, 0, end + 8), end + 1, is_space);
    let (start, end) = quoted(text, start)?;
    let separator = Separator::Equals;
    accept(text, start, end, Form { separator, ..form })
}

fn starts_mark(text: &[u8], i: usize) -> bool {
    mark_end(text, i).is_some()
}
