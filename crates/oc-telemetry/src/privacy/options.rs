//! Values of command-line options.

use super::{
    bytes::{
        Quote, at, before, is_ident, is_quote, is_space, is_token, mark_end, run, slice, starts,
    },
    extent::word_end,
    keys::{KeyKind, classify},
    members::{LONGEST_KEY, Member, is_key},
    plausible::is_template_variable,
};

/// The secret value of the option that starts with the `--` at `i`, as in `--token abc` and
/// `["--token","abc"]`; `--token=abc` is found at its `=`.
pub(super) fn after_option(text: &[u8], i: usize) -> Option<Member> {
    if !starts(text, i, b"--") || is_ident(before(text, i)) || before(text, i) == b'-' {
        return None;
    }
    let name = i + 2;
    let end = run(slice(text, 0, name + LONGEST_KEY), name, is_key);
    let next = at(text, end);
    if end == name || !(is_space(next) || is_quote(next) || next == b'\\') {
        return None;
    }
    let key = slice(text, name, end);
    if matches!(key, b"user" | b"proxy-user") {
        return of_login(text, end);
    }
    of_option(text, end, classify(key, false)?)
}

/// The password after `-u name:` at `i`, as for curl.
pub(super) fn after_login(text: &[u8], i: usize) -> Option<Member> {
    let option = starts(text, i, b"-u") && is_space(before(text, i));
    option.then(|| of_login(text, i + 2)).flatten()
}

/// The secret value of an option whose name ends at `from`.
fn of_option(text: &[u8], from: usize, kind: KeyKind) -> Option<Member> {
    let mut start = run(slice(text, 0, from + 8), from, is_space);
    if start == from {
        // The next member of a list.
        let (_, after) = Quote::open(text, from)?;
        let comma = run(slice(text, 0, after + 8), after, is_space);
        if at(text, comma) != b',' {
            return None;
        }
        start = run(slice(text, 0, comma + 64), comma + 1, |byte| {
            is_space(byte) || matches!(byte, b'\n' | b'\r')
        });
        let (quote, content) = Quote::open(text, start)?;
        let end = quote
            .close(text, content)
            .map_or(text.len(), |close| close.0);
        return Member::new(text, content, end, kind);
    }
    if let Some((quote, content)) = Quote::open(text, start) {
        let end = quote
            .close(text, content)
            .map_or(text.len(), |close| close.0);
        return Member::new(text, content, end, kind);
    }
    let other = matches!(
        at(text, start),
        b'-' | b'|' | b'=' | b'$' | b'<' | b'[' | b'{'
    );
    if other && mark_end(text, start).is_none() {
        return None;
    }
    let end = word_end(text, start, false);
    let word = slice(text, start, end);
    if OPTION_PROSE
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
    {
        return None;
    }
    Member::new(text, start, end, kind)
}

/// The password of `name:password`, which an option whose name ends at `from` is given.
fn of_login(text: &[u8], from: usize) -> Option<Member> {
    const LONGEST_NAME: usize = 64;
    let space = run(slice(text, 0, from + 8), from, is_space);
    let start = Quote::open(text, space).map_or(space, |(_, content)| content);
    let colon = run(slice(text, 0, start + LONGEST_NAME), start, |byte| {
        is_token(byte) || matches!(byte, b'.' | b'@')
    });
    // `docker run -u 1000:1000` names a user and a group.
    let ids = slice(text, start, colon).iter().all(u8::is_ascii_digit);
    if space == from || ids || at(text, colon) != b':' {
        return None;
    }
    let end = word_end(text, colon + 1, false);
    let variable = is_template_variable(slice(text, colon + 1, end));
    (!variable)
        .then(|| Member::new(text, colon + 1, end, KeyKind::Password))
        .flatten()
}

/// Words after an option's name in prose.
const OPTION_PROSE: [&[u8]; 18] = [
    b"to", b"is", b"and", b"or", b"for", b"flag", b"option", b"with", b"the", b"a", b"if", b"in",
    b"must", b"can", b"should", b"will", b"as", b"from",
];
