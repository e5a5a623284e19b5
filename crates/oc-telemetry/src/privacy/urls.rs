//! Secrets in URLs: user names and passwords, and what stands percent-encoded.

use super::bytes::{at, before, is_quote, percent, run, run_back, slice, starts};
use super::credentials::{is_random, is_replaced};

/// The password before the host (RFC 3986, section 3.2.1) of the URL whose first colon stands at
/// `i`; where there is no password, a user name that looks like a token.
pub(super) fn userinfo(text: &[u8], i: usize) -> Option<(usize, usize)> {
    let start = if starts(text, i, b"://") {
        i + 3
    } else if starts(text, i, b":\\/\\/") {
        i + 5
    } else {
        return None;
    };
    let (authority_end, at_sign) = authority(text, start, |byte| {
        matches!(byte, b'/' | b'?' | b'#' | b'\\')
    });
    let colon = run(slice(text, 0, authority_end), start, |byte| byte != b':');
    let has_colon = colon < authority_end;
    let end = at_sign.or_else(|| raw_password_end(text, colon, authority_end))?;
    if has_colon && colon < end {
        return (!is_replaced(text, colon + 1, end)).then_some((colon + 1, end));
    }
    is_random(slice(text, start, end), 16).then_some((start, end))
}

/// Where the authority that starts at `start` ends, and the last `@` in it.
fn authority(text: &[u8], start: usize, ends: impl Fn(u8) -> bool) -> (usize, Option<usize>) {
    let end = run(text, start, |byte| !ends(byte) && is_inside(byte));
    let last = slice(text, start, end)
        .iter()
        .rposition(|byte| *byte == b'@');
    (end, last.map(|offset| start + offset))
}

/// The `@` after a password that holds `/`, `?` or `#` as they are: what stands after the colon is
/// then no port.
fn raw_password_end(text: &[u8], colon: usize, authority_end: usize) -> Option<usize> {
    const LONGEST: usize = 128;
    let port = slice(text, colon + 1, authority_end);
    let ipv6 = before(text, colon) == b'[';
    if colon >= authority_end || ipv6 || port.is_empty() || port.iter().all(u8::is_ascii_digit) {
        return None;
    }
    authority(slice(text, 0, colon + LONGEST), colon + 1, |_| false).1
}

/// Whether a URL may go on with this byte.
fn is_inside(byte: u8) -> bool {
    byte > b' ' && !is_quote(byte) && !matches!(byte, b'<' | b'>' | 0x7f)
}

/// Percent-encoded text, decoded, with the place that each byte came from.
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    /// Where each byte starts in the original, and where the last one ends.
    places: Vec<usize>,
    /// Where the segment ends in the original.
    pub(super) end: usize,
}

impl Decoded {
    /// Decodes the segment around the `%` at `i`, which starts not before `floor`.
    ///
    /// A segment ends at white space, quotes, brackets and the separators of a query, so that what
    /// stands encoded in one value is read apart from the next.
    pub(super) fn around(text: &[u8], i: usize, floor: usize) -> Option<Self> {
        percent(text, i)?;
        let length = run_back(text, floor, i, is_segment);
        let end = run(text, i, is_segment);
        let mut decoded = Self {
            bytes: Vec::new(),
            places: Vec::new(),
            end,
        };
        let mut place = i - length;
        while place < end {
            decoded.places.push(place);
            let (byte, width) = match percent(text, place) {
                Some(byte) => (byte, 3),
                None => (at(text, place), 1),
            };
            let form_space = byte == b'+'
                && width == 1
                && matches!(decoded.bytes.last(), Some(b':' | b',' | b'{' | b'['));
            decoded.bytes.push(if form_space { b' ' } else { byte });
            place += width;
        }
        decoded.places.push(place);
        Some(decoded)
    }

    /// Where the byte at `i` starts in the original.
    pub(super) fn place(&self, i: usize) -> usize {
        self.places.get(i).copied().unwrap_or(self.end)
    }
}

fn is_segment(byte: u8) -> bool {
    is_inside(byte)
        && !matches!(
            byte,
            b'&' | b'='
                | b'?'
                | b'#'
                | b';'
                | b','
                | b'\\'
                | b'('
                | b')'
                | b'['
                | b']'
                | b'{'
                | b'}'
        )
}
