//! Whether what stands after a secret key is a secret, or prose, source code or a variable of a template.

use super::{
    bytes::{Quote, at, is_ident, is_space, run, slice, starts},
    credentials::is_random,
};

/// What is longer is no word of prose and no expression. It also bounds what is read in vain.
pub(super) const LONGEST_DOUBT: usize = 256;

/// Whether this is random enough for a secret among prose and code.
pub(super) fn looks_secret(found: &[u8], shortest: usize) -> bool {
    let any = |test: fn(&u8) -> bool| found.iter().any(test);
    let digits = any(u8::is_ascii_digit);
    let letters = any(u8::is_ascii_alphabetic);
    let signs = any(|byte| {
        matches!(
            byte,
            b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'*' | b'~' | b'+'
        )
    });
    found.len() >= shortest && letters && (digits || signs || is_random(found, 20))
}

/// Whether this is a variable that a template or a shell puts the secret in for: `$TOKEN`, `${TOKEN}`, `{token}`, `<token>`, `%s`.
pub(super) fn is_template_variable(found: &[u8]) -> bool {
    let Some((first, rest)) = found.split_first() else {
        return true;
    };
    match first {
        b'$' => rest
            .first()
            .is_some_and(|byte| byte.is_ascii_uppercase() || matches!(byte, b'{' | b'(' | b'_')),
        b'{' | b'<' => true,
        b'%' => matches!(rest, b"s" | b"v" | b"d" | b"@") || rest.first() == Some(&b'('),
        _ => false,
    }
}

/// Whether this is an expression in source code, or a variable in a template or a manual.
pub(super) fn is_code(found: &[u8], spaced: bool) -> bool {
    let Some(first) = found.first() else {
        return true;
    };
    if is_template_variable(found) || matches!(first, b'&' | b'(' | b'[' | b'|') {
        return true;
    }
    if *first == b'*' && (spaced || found.iter().all(|byte| *byte == b'*')) {
        return true;
    }
    let path = run(found, 0, |byte| {
        is_ident(byte) || matches!(byte, b'.' | b':' | b'?' | b'!')
    });
    let plain = slice(found, 0, path)
        .iter()
        .all(|byte| !byte.is_ascii_digit());
    let call = path >= 2 && matches!(at(found, path), b'(' | b'[');
    let dotted = path == found.len()
        && found.windows(2).any(|pair| {
            matches!(pair, [left, right] if is_ident(*left) && matches!(right, b'.' | b':' | b'?'))
        });
    plain && (call || dotted) && first.is_ascii_alphabetic() || (plain && *first == b'_' && call)
}

/// Names of types and of values that are no secrets.
pub(super) fn is_type(found: &[u8]) -> bool {
    const NAMES: [&[u8]; 25] = [
        b"none",
        b"null",
        b"nil",
        b"undefined",
        b"true",
        b"false",
        b"string",
        b"str",
        b"bool",
        b"boolean",
        b"int",
        b"integer",
        b"number",
        b"any",
        b"object",
        b"bytes",
        b"option",
        b"optional",
        b"secretstr",
        b"secretstring",
        b"vec",
        b"box",
        b"cow",
        b"arc",
        b"required",
    ];
    let start = run(found, 0, |byte| matches!(byte, b'&' | b'*' | b'\''));
    let static_end = if starts(found, start, b"static") {
        start + 6
    } else {
        start
    };
    let end = run(found, static_end, is_ident);
    let name = slice(found, static_end, end);
    let rest = slice(found, end, found.len());
    let known = NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
        || (name.is_empty() && static_end > start);
    known
        && rest.iter().all(|byte| {
            matches!(
                byte,
                b'?' | b'|' | b';' | b',' | b'[' | b']' | b'.' | b')' | b'}'
            )
        })
}

/// Whether the object at `start` describes a value, as JSON Schema does, rather than holding one.
pub(super) fn is_schema(text: &[u8], start: usize) -> bool {
    let from = run(slice(text, 0, start + 64), start + 1, |byte| {
        is_space(byte) || matches!(byte, b'\n' | b'\r' | b'n')
    });
    let Some((_, content)) = Quote::open(text, from) else {
        return false;
    };
    let end = run(slice(text, 0, content + 24), content, |byte| {
        is_ident(byte) || byte == b'$'
    });
    [
        &b"type"[..],
        b"description",
        b"title",
        b"anyOf",
        b"oneOf",
        b"allOf",
        b"$ref",
        b"format",
        b"minLength",
        b"maxLength",
        b"nullable",
        b"pattern",
        b"required",
        b"properties",
    ]
    .contains(&slice(text, content, end))
}
