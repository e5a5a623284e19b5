//! Byte reading that cannot fail: positions beyond the end read as 0.
//!
//! Every delimiter that the detectors stop at is ASCII, so that what they find starts and ends on
//! UTF-8 boundaries although they read bytes.

/// Counts bytes read, so that tests can tell linear from quadratic. Nothing outside tests.
#[inline]
pub(super) fn step(bytes: usize) {
    #[cfg(test)]
    super::tests::steps::add(bytes);
    #[cfg(not(test))]
    let _ = bytes;
}

/// The byte at `i`.
#[inline]
pub(super) fn at(text: &[u8], i: usize) -> u8 {
    step(1);
    text.get(i).copied().unwrap_or(0)
}

/// The byte before `i`.
pub(super) fn before(text: &[u8], i: usize) -> u8 {
    i.checked_sub(1).map_or(0, |i| at(text, i))
}

/// The text from `start` to `end` or its own end; empty where that is no range.
pub(super) fn slice(text: &[u8], start: usize, end: usize) -> &[u8] {
    text.get(start..end.min(text.len())).unwrap_or_default()
}

/// Where the run of accepted bytes that starts at `from` ends.
pub(super) fn run(text: &[u8], from: usize, accept: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let length = rest
        .iter()
        .position(|byte| !accept(*byte))
        .unwrap_or(rest.len());
    step(length);
    from + length
}

/// How many accepted bytes stand before `end`, back to `floor`.
pub(super) fn run_back(
    text: &[u8],
    floor: usize,
    end: usize,
    accept: impl Fn(u8) -> bool,
) -> usize {
    let before = slice(text, floor, end);
    let length = before
        .iter()
        .rposition(|byte| !accept(*byte))
        .map_or(before.len(), |i| before.len() - i - 1);
    step(length);
    length
}

/// Whether `prefix` stands at `i`.
pub(super) fn starts(text: &[u8], i: usize, prefix: &[u8]) -> bool {
    text.get(i..).is_some_and(|rest| rest.starts_with(prefix))
}

/// Whether `prefix` stands at `i`, in any case.
pub(super) fn starts_any_case(text: &[u8], i: usize, prefix: &[u8]) -> bool {
    text.get(i..)
        .and_then(|rest| rest.get(..prefix.len()))
        .is_some_and(|found| found.eq_ignore_ascii_case(prefix))
}

/// Letters, digits, `_` and `-`.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Letters, digits and `_`.
pub(super) fn is_ident(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// The value of the escape `%XX` at `i`.
pub(super) fn percent(text: &[u8], i: usize) -> Option<u8> {
    let digit = |byte| char::from(byte).to_digit(16);
    if at(text, i) != b'%' {
        return None;
    }
    let value = digit(at(text, i + 1))? * 16 + digit(at(text, i + 2))?;
    u8::try_from(value).ok()
}

/// How what stands at a position relates to what stands before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// A new word starts here.
    Open,
    /// `_` or `-` joins it to a word before.
    Joined,
    /// The middle of a word.
    Inside,
}

/// Whether a word starts at `i`: also after `\n`, `\u0022` and the like in a JSON string, and
/// after a terminal's colour code.
pub(super) fn edge(text: &[u8], i: usize) -> Edge {
    let previous = before(text, i);
    if !is_token(previous) {
        return Edge::Open;
    }
    let escape =
        i >= 2 && at(text, i - 2) == b'\\' && matches!(previous, b'n' | b'r' | b't' | b'b' | b'f');
    let unicode = i >= 6 && at(text, i - 5) == b'u' && at(text, i - 6) == b'\\';
    if escape || unicode || (previous == b'm' && after_colour(text, i - 1)) {
        return Edge::Open;
    }
    if previous.is_ascii_alphanumeric() {
        Edge::Inside
    } else {
        Edge::Joined
    }
}

/// Whether the `m` at `i` ends a colour code such as `[1;32m`.
fn after_colour(text: &[u8], i: usize) -> bool {
    let digits = run_back(text, i.saturating_sub(12), i, |byte| {
        byte.is_ascii_digit() || byte == b';'
    });
    before(text, i - digits) == b'['
}

/// How every mark of a replaced secret starts.
pub(super) const MARK: &[u8] = b"[redacted:";

/// Where the mark of a replaced secret that starts at `i` ends.
pub(super) fn mark_end(text: &[u8], i: usize) -> Option<usize> {
    const LONGEST_KIND: usize = 32;
    if !starts(text, i, MARK) {
        return None;
    }
    let kind = i + MARK.len();
    let end = run(text, kind, |byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
    });
    (end > kind && end - kind <= LONGEST_KIND && at(text, end) == b']').then_some(end + 1)
}

/// Whether the text from `start` to `end` is one mark and nothing else.
pub(super) fn is_mark(text: &[u8], start: usize, end: usize) -> bool {
    mark_end(text, start) == Some(end)
}

/// A quote, and how many backslashes stand before it: 0 in plain JSON, 1 in JSON inside a JSON
/// string, 3 one string deeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) byte: u8,
    pub(super) backslashes: usize,
}

impl Quote {
    /// The quote that opens at `i`, and where its content starts.
    pub(super) fn open(text: &[u8], i: usize) -> Option<(Self, usize)> {
        const DEEPEST: usize = 63;
        let at_quote = run(slice(text, 0, i + DEEPEST + 1), i, |byte| byte == b'\\');
        let byte = at(text, at_quote);
        is_quote(byte).then_some((
            Self {
                byte,
                backslashes: at_quote.saturating_sub(i),
            },
            at_quote + 1,
        ))
    }

    /// Where the content that starts at `from` ends, and where the text after the quote starts.
    pub(super) fn close(self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        self.close_before(text, from, None)
    }

    /// The same, if it ends on the same line.
    pub(super) fn close_on_line(self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        self.close_before(text, from, Some(b'\n'))
    }

    fn close_before(self, text: &[u8], from: usize, stop: Option<u8>) -> Option<(usize, usize)> {
        let mut backslashes = 0;
        for (i, byte) in text.iter().enumerate().skip(from) {
            step(1);
            if Some(*byte) == stop {
                return None;
            }
            if *byte == b'\\' {
                backslashes += 1;
                continue;
            }
            if *byte == self.byte && !self.is_inner(backslashes) {
                return Some((i - backslashes.min(self.backslashes), i + 1));
            }
            backslashes = 0;
        }
        None
    }

    /// Whether a quote after that many backslashes belongs to the content. With fewer than the
    /// opening one had, the string around this one ends.
    fn is_inner(self, backslashes: usize) -> bool {
        let unit = self.backslashes + 1;
        backslashes
            .checked_sub(self.backslashes)
            .is_some_and(|more| more % (2 * unit) == unit)
    }
}
