use std::fmt;
use std::str::FromStr;

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

use crate::error::{ParseTraceParentError, ParseTraceParentErrorKind as Kind};

/// A `traceparent`: where a trace stands (W3C Trace Context level 2, section 3.2).
///
/// A value of this type is valid: neither id is zero, and no flag but sampled and random is set.
/// It parses and formats without allocation.
///
/// ```
/// use oc_propagate::TraceParent;
///
/// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";
/// let parent = TraceParent::parse(header.as_bytes())?;
/// assert!(parent.is_sampled() && parent.has_random_trace_id());
/// assert_eq!(parent.to_string(), header);
/// # Ok::<(), oc_propagate::ParseTraceParentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace_id: TraceId,
    span_id: SpanId,
    flags: TraceFlags,
}

impl TraceParent {
    /// The length of a formatted `traceparent` in bytes.
    pub const LEN: usize = 55;

    /// The flags that are kept: sampled and random. The specification wants all others zero.
    const KNOWN_FLAGS: TraceFlags = TraceFlags::new(0x03);

    /// The flag that says that the right-most 7 bytes of the trace id are random.
    const RANDOM: TraceFlags = TraceFlags::new(0x02);

    /// From ids and flags, or `None` if an id is zero. Unknown flags are cleared.
    pub fn new(trace_id: TraceId, span_id: SpanId, flags: TraceFlags) -> Option<Self> {
        (trace_id != TraceId::INVALID && span_id != SpanId::INVALID).then_some(Self {
            trace_id,
            span_id,
            flags: flags & Self::KNOWN_FLAGS,
        })
    }

    /// Parses the value of a `traceparent` header.
    ///
    /// Spaces and tabs around the value are ignored. Version 00 has exactly 55 bytes. Of a higher
    /// version the fields of version 00 are read by position, and what follows them after a dash
    /// is ignored. Flags other than sampled and random are cleared.
    ///
    /// # Errors
    ///
    /// A wrong length, a missing dash, anything else than lower-case hexadecimal digits in a
    /// field, the version `ff`, an id of zeros.
    pub fn parse(value: &[u8]) -> Result<Self, ParseTraceParentError> {
        let value = trim_ows(value);
        let Some((head, rest)) = value.split_first_chunk::<{ Self::LEN }>() else {
            return Err(Kind::Length.into());
        };
        if head[2] != b'-' || head[35] != b'-' || head[52] != b'-' {
            return Err(Kind::Separator.into());
        }
        let [version] = decode(&head[..2])?;
        if version == 0xff {
            return Err(Kind::Version.into());
        }
        match rest.first() {
            Some(_) if version == 0 => return Err(Kind::Length.into()),
            None | Some(b'-') => {}
            Some(_) => return Err(Kind::Separator.into()),
        }

        let trace_id = TraceId::from_bytes(decode(&head[3..35])?);
        let span_id = SpanId::from_bytes(decode(&head[36..52])?);
        let [flags] = decode(&head[53..])?;
        if trace_id == TraceId::INVALID {
            return Err(Kind::ZeroTraceId.into());
        }
        if span_id == SpanId::INVALID {
            return Err(Kind::ZeroParentId.into());
        }
        Ok(Self {
            trace_id,
            span_id,
            flags: TraceFlags::new(flags) & Self::KNOWN_FLAGS,
        })
    }

    /// From a span context, or `None` if that is not valid. Unknown flags are cleared.
    pub fn from_span_context(span_context: &SpanContext) -> Option<Self> {
        Self::new(
            span_context.trace_id(),
            span_context.span_id(),
            span_context.trace_flags(),
        )
    }

    /// The span context of a remote parent, with the given trace state.
    pub fn to_span_context(self, trace_state: TraceState) -> SpanContext {
        SpanContext::new(self.trace_id, self.span_id, self.flags, true, trace_state)
    }

    /// The trace id; never zero.
    pub const fn trace_id(self) -> TraceId {
        self.trace_id
    }

    /// The id of the span that sent it, which the specification calls parent id; never zero.
    pub const fn span_id(self) -> SpanId {
        self.span_id
    }

    /// The flags: sampled, random, both or none.
    pub const fn flags(self) -> TraceFlags {
        self.flags
    }

    /// Whether the sender may have recorded its span.
    pub fn is_sampled(self) -> bool {
        self.flags.is_sampled()
    }

    /// Whether the right-most 7 bytes of the trace id are random.
    pub fn has_random_trace_id(self) -> bool {
        self.flags & Self::RANDOM == Self::RANDOM
    }

    /// The value of a `traceparent` header, of version 00: ASCII.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut text = [b'-'; Self::LEN];
        encode(&mut text[..2], &[0]);
        encode(&mut text[3..35], &self.trace_id.to_bytes());
        encode(&mut text[36..52], &self.span_id.to_bytes());
        encode(&mut text[53..], &[self.flags.to_u8()]);
        text
    }
}

impl FromStr for TraceParent {
    type Err = ParseTraceParentError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        Self::parse(value.as_bytes())
    }
}

/// The value of a `traceparent` header, of version 00.
impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_bytes();
        f.pad(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

fn trim_ows(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Reads exactly `N` bytes. Not `from_str_radix`, which takes a sign, upper case and any length.
fn decode<const N: usize>(digits: &[u8]) -> Result<[u8; N], ParseTraceParentError> {
    let mut bytes = [0; N];
    // An invalid digit sets a high bit; looking once at the end keeps the loop free of branches.
    let mut seen = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
        let (high, low) = (VALUE[usize::from(*high)], VALUE[usize::from(*low)]);
        seen |= high | low;
        *byte = (high << 4) | low;
    }
    if seen & INVALID != 0 {
        return Err(Kind::Digit.into());
    }
    Ok(bytes)
}

fn encode(text: &mut [u8], bytes: &[u8]) {
    for ([high, low], byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *high = DIGITS[usize::from(byte >> 4)];
        *low = DIGITS[usize::from(byte & 0x0f)];
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

const INVALID: u8 = 0x80;

/// The value of each byte as a digit, or [`INVALID`].
const VALUE: [u8; 256] = {
    let mut values = [INVALID; 256];
    let mut value = 0;
    while value < 16 {
        values[DIGITS[value as usize] as usize] = value;
        value += 1;
    }
    values
};

#[cfg(test)]
mod tests;
