//! The values of `Authorization` and `Cookie` headers in text.

use super::{
    bytes::{at, is_space, is_token, mark_end, run, slice},
    credentials::is_random,
    extent::{line_end, word_end},
    keys::KeyKind,
    members::Member,
    plausible::{LONGEST_DOUBT, is_code, is_template_variable},
};

/// The credentials of a header line, to its end where it takes more than one word.
pub(super) fn find(text: &[u8], start: usize, kind: KeyKind) -> Option<Member> {
    if kind == KeyKind::Cookie {
        let name = run(slice(text, 0, start + LONGEST_DOUBT), start, |byte| {
            is_token(byte) || matches!(byte, b'.' | b'$')
        });
        if at(text, name) != b'=' && mark_end(text, start).is_none() {
            return None;
        }
        return Member::new(text, start, line_end(text, start), kind);
    }
    let first = word_end(text, start, false);
    if first - start > LONGEST_DOUBT {
        return Member::new(text, start, first, kind);
    }
    let second = run(slice(text, 0, first + 8), first, is_space);
    let second_end = word_end(text, second, false);
    let scheme = slice(text, start, first);
    let is = |names: &[&[u8]]| names.iter().any(|name| scheme.eq_ignore_ascii_case(name));
    if second > first && is(&ONE_WORD_SCHEMES) {
        if is_template_variable(slice(text, second, second_end)) {
            return None;
        }
        return Member::new(text, second, second_end, kind);
    }
    if second > first && (is(&LONG_SCHEMES) || is_random(slice(text, second, second_end), 8)) {
        return Member::new(text, second, line_end(text, second), kind);
    }
    let alone = second_end == second || second == first;
    (alone || is_random(scheme, 8) || scheme.len() >= 16)
        .then(|| Member::new(text, start, first, kind))
        .flatten()
        .filter(|_| !is_code(scheme, false))
}

/// Schemes of one word of credentials.
pub(super) const ONE_WORD_SCHEMES: [&[u8]; 11] = [
    b"bearer",
    b"basic",
    b"token",
    b"apikey",
    b"api-key",
    b"key",
    b"bot",
    b"negotiate",
    b"ntlm",
    b"dpop",
    b"sso-key",
];

/// Schemes of a list of parameters.
const LONG_SCHEMES: [&[u8]; 7] = [
    b"digest",
    b"aws4-hmac-sha256",
    b"hawk",
    b"oauth",
    b"mac",
    b"signature",
    b"sharedkey",
];
