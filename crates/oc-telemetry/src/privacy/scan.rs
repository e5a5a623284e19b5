//! One pass over a text: what stands at each byte that may start or betray a secret.

use super::{
    bytes::{Quote, at, mark_end, starts_any_case},
    credentials, members, options, patterns,
    urls::{Decoded, userinfo},
};

/// A secret.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: &'static str,
    /// The quotes that the mark needs.
    pub(super) quote: Option<Quote>,
    /// Whether it was found in percent-encoded text.
    pub(super) encoded: bool,
}

/// The secrets of the first `limit` bytes, in order and apart from each other. Each may end later.
///
/// Every detector either moves the scan behind what it read, or reads a bounded number of bytes,
/// or stops at a byte at which its next attempt starts anew: the time is linear.
pub(super) fn scan(text: &[u8], limit: usize) -> Vec<Hit> {
    scan_nested(text, limit, 0)
}

fn scan_nested(text: &[u8], limit: usize, depth: u8) -> Vec<Hit> {
    let mut hits = Vec::new();
    let (mut i, mut floor, mut decoded_to) = (0, 0, 0);
    while i < limit {
        let Some(byte) = text.get(i).copied() else {
            break;
        };
        if !is_trigger(byte, at(text, i + 1)) {
            i += 1;
            continue;
        }
        if byte == b'%' && i >= decoded_to && depth < DEEPEST {
            if let Some(decoded) = Decoded::around(text, i, floor.max(decoded_to)) {
                decoded_to = decoded.end;
                for hit in scan_nested(&decoded.bytes, usize::MAX, depth + 1) {
                    let hit = Hit {
                        start: decoded.place(hit.start),
                        end: decoded.place(hit.end),
                        encoded: true,
                        ..hit
                    };
                    floor = hit.end;
                    hits.push(hit);
                }
                i = (i + 1).max(floor);
                continue;
            }
        } else if let Some(end) = mark_end(text, i) {
            i = end;
            continue;
        } else if let Some(hit) = detect(text, i, byte, floor)
            && hit.start >= floor
            && hit.end > hit.start
        {
            i = hit.end.max(i + 1);
            floor = hit.end;
            hits.push(hit);
            continue;
        }
        i += 1;
    }
    hits
}

/// How many times over text may be percent-encoded.
const DEEPEST: u8 = 3;

/// The secret that the byte at `i` betrays.
fn detect(text: &[u8], i: usize, byte: u8, floor: usize) -> Option<Hit> {
    let hit = |(start, end), kind| Hit {
        start,
        end,
        kind,
        quote: None,
        encoded: false,
    };
    let member = |member: members::Member| Hit {
        start: member.start,
        end: member.end,
        kind: member.kind.as_str(),
        quote: member.quote,
        encoded: false,
    };
    match byte {
        b':' => userinfo(text, i)
            .map(|range| hit(range, "url-password"))
            .or_else(|| members::after_separator(text, i).map(member))
            .or_else(|| {
                credentials::telegram(text, i, floor).map(|range| hit(range, "telegram-token"))
            }),
        b'=' => members::after_separator(text, i).map(member),
        b'\\' if starts_any_case(text, i, b"\\u003d") => {
            members::after_separator(text, i).map(member)
        }
        b'\\' => None,
        b'>' => members::after_tag(text, i).map(member),
        b'-' if at(text, i + 1) == b'-' => credentials::pem(text, i, floor)
            .map(|range| hit(range, "private-key"))
            .or_else(|| options::after_option(text, i).map(member)),
        b'-' => options::after_login(text, i).map(member),
        b'e' => credentials::jwt(text, i)
            .map(|end| hit((i, end), "jwt"))
            .or_else(|| patterns::token(text, i).map(|(end, kind)| hit((i, end), kind))),
        b'b' | b'B' => {
            credentials::scheme(text, i).map(|(start, end, kind)| hit((start, end), kind))
        }
        _ => patterns::token(text, i).map(|(end, kind)| hit((i, end), kind)),
    }
}

/// Whether something may be found at this byte, which `next` follows.
#[inline]
fn is_trigger(byte: u8, next: u8) -> bool {
    let nexts = TRIGGERS.get(usize::from(byte)).copied().unwrap_or(0);
    nexts == ALL || (next < 128 && nexts & (1 << next) != 0)
}

/// For each byte the bytes that may follow it, bit by bit: two letters rule out nearly every word.
static TRIGGERS: [u128; 256] = {
    let mut triggers = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        triggers[byte as usize] = match byte {
            b':' | b'=' | b'>' | b'%' => ALL,
            b'-' => 1 << b'-' | 1 << b'u',
            b'[' => 1 << b'r',
            b'\\' => 1 << b'u',
            b'b' | b'B' => 1 << b'e' | 1 << b'E' | 1 << b'a' | 1 << b'A',
            b'e' => patterns::seconds(byte) | 1 << b'y',
            _ => patterns::seconds(byte),
        };
        byte += 1;
    }
    triggers
};

const ALL: u128 = u128::MAX;
