//! Where values end that no quotes end.

use super::bytes::{Quote, at, is_quote, is_space, is_token, mark_end, run, slice, step};

/// Where a value without quotes ends.
pub(super) fn word_end(text: &[u8], start: usize, query: bool) -> usize {
    let mut i = mark_end(text, start).unwrap_or(start);
    while let Some(byte) = text.get(i).copied() {
        step(1);
        let next = at(text, i + 1);
        let ends = match byte {
            0..=b' ' | b'"' | b'`' | b'<' | b'>' | 0x7f => true,
            b'\\' => matches!(next, 0 | b'n' | b'r' | b't' | b'u' | b'\\') || is_quote(next),
            b'\'' => !next.is_ascii_alphanumeric(),
            b'#' | b'&' if query => true,
            b')' | b']' | b'}' => !is_token(next),
            b',' | b';' | b'&' => !query && ends_pair(text, i + 1),
            _ => false,
        };
        if ends {
            break;
        }
        i += 1;
    }
    i
}

/// Whether the comma or semicolon before `i` separates members, rather than being a part of a
/// value.
fn ends_pair(text: &[u8], i: usize) -> bool {
    const LONGEST_KEY: usize = 64;
    let next = at(text, i);
    if next <= b' ' || is_quote(next) || matches!(next, b'\\' | b')' | b']' | b'}') {
        return true;
    }
    let end = run(slice(text, 0, i + LONGEST_KEY), i, |byte| {
        is_token(byte) || byte == b'.'
    });
    end > i && matches!(at(text, end), b'=' | b':')
}

/// Whether nothing but the end of a statement follows on the line.
pub(super) fn ends_line(text: &[u8], end: usize) -> bool {
    let rest = run(slice(text, 0, end + 16), end, |byte| {
        is_space(byte) || matches!(byte, b',' | b';' | b'}' | b')')
    });
    matches!(at(text, rest), 0 | b'\n' | b'\r' | b'\\') || is_quote(at(text, rest))
}

/// Where a header line ends: at a line break, written out or as an escape, or at the quote that
/// ends the string around it.
pub(super) fn line_end(text: &[u8], start: usize) -> usize {
    let mut i = start;
    while let Some(byte) = text.get(i).copied() {
        step(1);
        match byte {
            b'\n' | b'\r' => return i,
            b'=' => {
                if let Some((quote, content)) = Quote::open(text, i + 1)
                    && let Some((_, after)) = quote.close_on_line(text, content)
                {
                    i = after;
                    continue;
                }
            }
            b'\\' => {
                let end = run(text, i, |byte| byte == b'\\');
                if matches!(at(text, end), b'n' | b'r') || is_quote(at(text, end)) {
                    return i;
                }
                i = end;
                continue;
            }
            byte if is_quote(byte) => return i,
            _ => {}
        }
        i += 1;
    }
    i
}

/// Where the list or object that opens at `start` ends: the end of the text, or of the string
/// around it, where it is cut off.
pub(super) fn bracket_end(text: &[u8], start: usize, quote: Quote) -> usize {
    let mut depth = 0_usize;
    let mut i = start;
    while let Some(byte) = text.get(i).copied() {
        step(1);
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i + 1;
                }
            }
            b'\\' | b'"' | b'\'' => {
                if let Some((found, content)) = Quote::open(text, i)
                    && found.byte == quote.byte
                {
                    if found.backslashes < quote.backslashes {
                        return i;
                    }
                    i = match quote.close(text, content) {
                        Some((_, after)) => after,
                        None => text.len(),
                    };
                    continue;
                }
            }
            _ => {}
        }
        i += 1;
    }
    i
}
