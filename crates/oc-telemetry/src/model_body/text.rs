//! A JSON string that arrives in pieces.

use std::mem;

/// Decodes the escapes of one string and keeps no more than its limit.
#[derive(Default)]
pub(super) struct Text {
    kept: Vec<u8>,
    limit: usize,
    total: usize,
    escape: Escape,
    /// The first half of a surrogate pair whose second half has not come yet.
    high: Option<u16>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Backslash,
    Unicode {
        digits: u8,
        value: u16,
    },
}

/// An escape that JSON does not have.
pub(super) struct BadEscape;

impl Text {
    /// Begins a new string of which at most `limit` bytes are kept.
    pub(super) fn restart(&mut self, limit: usize) {
        self.kept.clear();
        self.limit = limit;
        self.total = 0;
        self.escape = Escape::None;
        self.high = None;
    }

    /// Whether the next byte belongs to an escape.
    pub(super) fn in_escape(&self) -> bool {
        self.escape != Escape::None
    }

    /// Bytes that stand for themselves.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.end_surrogate();
        self.keep(bytes);
    }

    /// A backslash, or a byte of the escape that it began.
    pub(super) fn push_escape(&mut self, byte: u8) -> Result<(), BadEscape> {
        match mem::take(&mut self.escape) {
            Escape::None => self.escape = Escape::Backslash,
            Escape::Backslash => match byte {
                b'"' | b'\\' | b'/' => self.push(&[byte]),
                b'b' => self.push(b"\x08"),
                b'f' => self.push(b"\x0c"),
                b'n' => self.push(b"\n"),
                b'r' => self.push(b"\r"),
                b't' => self.push(b"\t"),
                b'u' => {
                    self.escape = Escape::Unicode {
                        digits: 0,
                        value: 0,
                    };
                }
                _ => return Err(BadEscape),
            },
            Escape::Unicode { digits, value } => {
                let digit = char::from(byte).to_digit(16).ok_or(BadEscape)?;
                let value = (value << 4) | u16::try_from(digit).unwrap_or_default();
                if digits == 3 {
                    self.push_unit(value);
                } else {
                    self.escape = Escape::Unicode {
                        digits: digits + 1,
                        value,
                    };
                }
            }
        }
        Ok(())
    }

    /// What was kept, and the length of the whole string in bytes.
    pub(super) fn finish(&mut self) -> (&[u8], usize) {
        self.end_surrogate();
        (&self.kept, self.total)
    }

    /// What was kept, if that is all.
    pub(super) fn whole(&mut self) -> Option<&[u8]> {
        let (kept, total) = self.finish();
        (kept.len() == total).then_some(kept)
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.kept.capacity()
    }

    fn push_unit(&mut self, unit: u16) {
        let pair = self.high.take();
        match (pair, unit) {
            (Some(high), 0xDC00..=0xDFFF) => {
                let decoded = char::decode_utf16([high, unit]).next();
                self.push_char(decoded.and_then(Result::ok).unwrap_or(REPLACEMENT));
            }
            (pair, _) => {
                if pair.is_some() {
                    self.push_char(REPLACEMENT);
                }
                match unit {
                    0xD800..=0xDBFF => self.high = Some(unit),
                    _ => self.push_char(char::from_u32(unit.into()).unwrap_or(REPLACEMENT)),
                }
            }
        }
    }

    fn end_surrogate(&mut self) {
        if self.high.take().is_some() {
            self.push_char(REPLACEMENT);
        }
    }

    fn push_char(&mut self, character: char) {
        self.keep(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.total = self.total.saturating_add(bytes.len());
        let room = self.limit.saturating_sub(self.kept.len());
        self.kept.extend(bytes.iter().take(room));
    }
}

const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;
