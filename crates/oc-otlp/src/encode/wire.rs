//! The few pieces of the protobuf wire format that OTLP traces need.
//!
//! Lengths and field keys are always written in their shortest form, and scalar fields with their
//! default value are left out, so that the bytes are those of any canonical encoder.

/// Appends protobuf fields to a buffer.
#[derive(Debug)]
pub(super) struct Writer {
    buf: Vec<u8>,
}

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            buf: Vec::with_capacity(bytes),
        }
    }

    pub(super) fn into_vec(self) -> Vec<u8> {
        self.buf
    }

    /// Appends fields that were encoded before.
    pub(super) fn encoded(&mut self, fields: &[u8]) {
        self.buf.extend_from_slice(fields);
    }

    /// A string field; left out if empty.
    #[inline]
    pub(super) fn string(&mut self, field: u32, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    /// A bytes field; left out if empty.
    #[inline]
    pub(super) fn bytes(&mut self, field: u32, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.bytes_always(field, bytes);
        }
    }

    /// A bytes or string field that is written even if empty, as members of a `oneof` are.
    #[inline]
    pub(super) fn bytes_always(&mut self, field: u32, bytes: &[u8]) {
        self.key(field, WireType::Len);
        self.varint(widen(bytes.len()));
        self.buf.extend_from_slice(bytes);
    }

    /// An integer or enumeration field; left out if zero.
    #[inline]
    pub(super) fn uint(&mut self, field: u32, value: u32) {
        if value != 0 {
            self.varint_always(field, u64::from(value));
        }
    }

    /// An integer or boolean field that is written even if zero.
    #[inline]
    pub(super) fn varint_always(&mut self, field: u32, value: u64) {
        self.key(field, WireType::Varint);
        self.varint(value);
    }

    /// A `fixed32` field; left out if zero.
    #[inline]
    pub(super) fn fixed32(&mut self, field: u32, value: u32) {
        if value != 0 {
            self.key(field, WireType::I32);
            self.buf.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// A `fixed64` field; left out if zero.
    #[inline]
    pub(super) fn fixed64(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.fixed64_always(field, value);
        }
    }

    /// A `fixed64` field that is written even if zero.
    #[inline]
    pub(super) fn fixed64_always(&mut self, field: u32, value: u64) {
        self.key(field, WireType::I64);
        self.buf.extend_from_slice(&value.to_le_bytes());
    }

    /// A message field, written even if the message is empty.
    ///
    /// The length is known only afterwards. Room for it is left by `expected`, a guess at the
    /// message's length; where the guess has another number of digits, the message is moved by the
    /// difference.
    #[inline]
    pub(super) fn message(&mut self, field: u32, expected: usize, write: impl FnOnce(&mut Self)) {
        const ROOM: [u8; MAX_VARINT_LEN] = [0; MAX_VARINT_LEN];

        self.key(field, WireType::Len);
        let reserved = varint_len(expected);
        let length_at = self.buf.len();
        self.buf
            .extend_from_slice(ROOM.get(..reserved).unwrap_or_default());
        let start = self.buf.len();
        write(self);
        let len = self.buf.len() - start;
        let needed = varint_len(len);
        if needed != reserved {
            self.shift(start, length_at + needed);
        }
        if let Some(room) = self.buf.get_mut(length_at..length_at + needed) {
            put_varint(room, widen(len));
        }
    }

    /// Moves everything from `start` on, so that it begins at `to`.
    #[cold]
    fn shift(&mut self, start: usize, to: usize) {
        let end = self.buf.len();
        if to > start {
            self.buf.resize(end + (to - start), 0);
            self.buf.copy_within(start..end, to);
        } else {
            self.buf.copy_within(start..end, to);
            self.buf.truncate(end - (start - to));
        }
    }

    #[inline]
    fn key(&mut self, field: u32, wire_type: WireType) {
        self.varint(u64::from(field << 3 | wire_type as u32));
    }

    #[inline]
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.buf.push(low_byte(value) | 0x80);
            value >>= 7;
        }
        self.buf.push(low_byte(value));
    }
}

/// The number of bytes of `value` as a varint.
#[inline]
pub(super) const fn varint_len(value: usize) -> usize {
    // Bits in groups of seven, at least one group.
    let bits = (usize::BITS - (value | 1).leading_zeros()) as usize;
    bits.div_ceil(7)
}

#[derive(Debug, Clone, Copy)]
enum WireType {
    Varint = 0,
    I64 = 1,
    Len = 2,
    I32 = 5,
}

const MAX_VARINT_LEN: usize = 10;

/// Fills `room` with `value`; the caller made it as long as the varint.
fn put_varint(room: &mut [u8], mut value: u64) {
    let last = room.len().saturating_sub(1);
    for (at, byte) in room.iter_mut().enumerate() {
        *byte = if at < last {
            low_byte(value) | 0x80
        } else {
            low_byte(value)
        };
        value >>= 7;
    }
}

/// The lowest seven bits.
#[inline]
const fn low_byte(value: u64) -> u8 {
    (value & 0x7f) as u8
}

/// A length as protobuf counts it; no target has a wider `usize`.
#[inline]
const fn widen(len: usize) -> u64 {
    len as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::encoding::{encode_varint, encoded_len_varint};

    use super::*;

    proptest! {
        /// Any length is written as prost writes it, directly and into reserved room.
        #[test]
        fn varints_equal_the_oracle(value in any::<u64>(), shift in 0_u32..64) {
            let value = value >> shift;
            let mut expected = Vec::new();
            encode_varint(value, &mut expected);

            let mut writer = Writer::with_capacity(0);
            writer.varint(value);
            prop_assert_eq!(&writer.into_vec(), &expected);

            let len = varint_len(usize::try_from(value).unwrap());
            prop_assert_eq!(len, encoded_len_varint(value));
            let mut room = vec![0; len];
            put_varint(&mut room, value);
            prop_assert_eq!(room, expected);
        }

        /// Whatever length was expected, the message and its length come out the same.
        #[test]
        fn a_wrong_guess_changes_nothing(
            expected in prop_oneof![0_usize..300, Just(20_000), Just(3_000_000)],
            len in prop_oneof![0_usize..300, Just(127), Just(128), Just(16_383), Just(16_384)],
        ) {
            let body: Vec<u8> = (0_u8..=255).cycle().take(len).collect();
            let mut plain = Writer::with_capacity(0);
            plain.bytes_always(3, &body);
            plain.uint(1, 7);

            let mut guessed = Writer::with_capacity(0);
            guessed.message(3, expected, |w| w.encoded(&body));
            guessed.uint(1, 7);

            prop_assert_eq!(guessed.into_vec(), plain.into_vec());
        }
    }
}
