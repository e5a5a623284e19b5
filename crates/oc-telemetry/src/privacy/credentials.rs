//! Secrets that are known by their form: JSON Web Tokens, bearer and basic credentials, private
//! keys, Telegram bot tokens.

use super::bytes::{
    Edge, at, before, edge, is_mark, is_quote, is_space, is_token, run, run_back, slice, starts,
    starts_any_case, step,
};

/// A JSON Web Token (RFC 7515, RFC 7516) at `i`: its end. Also one without its signature.
pub(super) fn jwt(text: &[u8], i: usize) -> Option<usize> {
    const SHORTEST_HEADER: usize = 10;
    if !starts(text, i, b"eyJ") || edge(text, i) != Edge::Open {
        return None;
    }
    let header = run(text, i, is_token);
    if header - i < SHORTEST_HEADER || at(text, header) != b'.' {
        return None;
    }
    let mut end = run(text, header + 1, is_token);
    let claims = starts(text, header + 1, b"eyJ");
    let mut parts = 2;
    while parts < 5 && at(text, end) == b'.' && (is_token(at(text, end + 1)) || parts == 2) {
        end = run(text, end + 1, is_token);
        parts += 1;
    }
    let long_enough = end - header > 8;
    // A full stop after a token without a signature ends a sentence.
    let end = if before(text, end) == b'.' {
        end - 1
    } else {
        end
    };
    (long_enough && (claims || parts > 2)).then_some(end)
}

/// The credentials of `Bearer <token>` or `Basic <base64>` that starts at `i`: where they start and
/// end, and their kind.
pub(super) fn scheme(text: &[u8], i: usize) -> Option<(usize, usize, &'static str)> {
    let bearer = starts_any_case(text, i, b"bearer");
    if !(bearer || starts_any_case(text, i, b"basic")) || edge(text, i) != Edge::Open {
        return None;
    }
    let name = i + if bearer { 6 } else { 5 };
    let start = run(slice(text, 0, name + 8), name, |byte| {
        is_space(byte) || byte == b'+'
    });
    if start == name {
        return None;
    }
    let end = credentials_end(text, start);
    let found = slice(text, start, end);
    let secret = if bearer {
        is_random(found, 8)
    } else {
        is_random(found, 16) || is_user_and_password(found)
    };
    secret.then_some((start, end, if bearer { "bearer" } else { "basic" }))
}

/// Where credentials of the grammar `token68` (RFC 9110, section 11.2) end; `/` may be escaped as
/// in JSON.
fn credentials_end(text: &[u8], start: usize) -> usize {
    let mut end = start;
    loop {
        end = run(text, end, |byte| {
            is_token(byte) || matches!(byte, b'.' | b'~' | b'+' | b'/' | b'=')
        });
        if at(text, end) == b'\\' && at(text, end + 1) == b'/' {
            end += 2;
        } else if before(text, end) == b'.' && end > start {
            return end - 1;
        } else {
            return end;
        }
    }
}

/// Whether this is no word: a digit or a capital inside, or longer than words are.
pub(super) fn is_random(found: &[u8], shortest: usize) -> bool {
    const LONGEST_WORD: usize = 24;
    found.len() >= shortest
        && (found.len() > LONGEST_WORD
            || found.iter().any(u8::is_ascii_digit)
            || found.iter().skip(1).any(u8::is_ascii_uppercase))
}

/// Whether this is base64 of printable text with a colon.
fn is_user_and_password(found: &[u8]) -> bool {
    const LONGEST: usize = 1024;
    let (mut bits, mut count, mut colon) = (0_u32, 0_u32, false);
    for byte in found.iter().take(LONGEST).filter(|byte| **byte != b'\\') {
        let value = match *byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return false,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            let plain = (bits >> count) & 0xff;
            if plain < 0x20 || plain == 0x7f {
                return false;
            }
            colon |= plain == u32::from(b':');
        }
    }
    colon
}

/// A private key in PEM form (RFC 7468) of which something stands at `i`: where it starts, not
/// before `floor`, and where it ends. Either end may be cut off.
pub(super) fn pem(text: &[u8], i: usize, floor: usize) -> Option<(usize, usize)> {
    if let Some(body) = pem_label(text, i, b"-----BEGIN") {
        return Some((i, pem_end(text, body)));
    }
    let end = pem_label(text, i, b"-----END")?;
    let length = run_back(text, floor, i, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\\' | b'\n' | b'\r')
    });
    Some((i - length, end))
}

/// Where the line of a private key that starts with `word` at `i` ends.
fn pem_label(text: &[u8], i: usize, word: &[u8]) -> Option<usize> {
    const LONGEST: usize = 64;
    if !starts(text, i, word) {
        return None;
    }
    let label = i + word.len();
    let end = run(slice(text, 0, label + LONGEST), label, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'+')
    });
    let private = slice(text, label, end)
        .windows(11)
        .any(|words| matches!(words, b"PRIVATE KEY" | b"PRIVATE+KEY"));
    private.then(|| run(text, end, |byte| byte == b'-'))
}

/// Where a private key whose first line ends at `body` ends: after its last line, else before the
/// quote that ends the string around it, else at the end.
fn pem_end(text: &[u8], body: usize) -> usize {
    let mut i = body;
    while let Some(byte) = text.get(i).copied() {
        step(1);
        if byte == b'-' && starts(text, i, b"-----END") {
            return pem_label(text, i, b"-----END").unwrap_or(i);
        }
        if is_quote(byte) || matches!(byte, b'<' | b'{') {
            return i - trailing_backslashes(text, i);
        }
        i += 1;
    }
    i
}

fn trailing_backslashes(text: &[u8], i: usize) -> usize {
    run_back(text, i.saturating_sub(64), i, |byte| byte == b'\\')
}

/// The token of a Telegram bot whose colon stands at `i`: its start, not before `floor`, and end.
pub(super) fn telegram(text: &[u8], i: usize, floor: usize) -> Option<(usize, usize)> {
    const LENGTH: usize = 35;
    let digits = run_back(text, floor.max(i.saturating_sub(12)), i, |byte| {
        byte.is_ascii_digit()
    });
    if !(6..=11).contains(&digits) {
        return None;
    }
    let end = run(slice(text, 0, i + LENGTH + 8), i + 1, is_token);
    let found = slice(text, i + 1, end);
    (found.len() == LENGTH && is_random(found, LENGTH)).then_some((i - digits, end))
}

/// Whether the text from `start` to `end` is replaced already.
pub(super) fn is_replaced(text: &[u8], start: usize, end: usize) -> bool {
    start >= end || is_mark(text, start, end)
}
