use std::fmt;

use opentelemetry::trace::TraceState;

use crate::error::{ParseTraceStateError, ParseTraceStateErrorKind as Kind};
use crate::grammar::trim_ows;

/// A `tracestate` as it travels (W3C Trace Context level 2, section 3.3).
///
/// The API's [`TraceState`] follows an older grammar: it cannot hold every key that is legal since
/// June 2026, such as `foo@@bar`. This type can, and keeps what it received byte for byte.
///
/// ```
/// use oc_propagate::TraceStateHeader;
///
/// let header = TraceStateHeader::parse(&["foo@=1", "", "bar=2"])?;
/// assert_eq!(header.as_str(), "foo@=1,bar=2");
/// assert_eq!(header.members().last(), Some(("bar", "2")));
/// # Ok::<(), oc_propagate::ParseTraceStateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TraceStateHeader(String);

impl TraceStateHeader {
    /// The largest number of members (section 3.3.1.1).
    pub const MAX_MEMBERS: usize = 32;

    /// Parses the lines of `tracestate`, in the order of their arrival.
    ///
    /// Lines are joined with commas. Empty members and empty lines are left out; otherwise nothing
    /// is changed. Repeated keys are passed on. Nothing is allocated for input that is refused.
    ///
    /// # Errors
    ///
    /// One bad member, or a 33rd, and the whole is refused. The `traceparent` is not concerned.
    pub fn parse(lines: &[&str]) -> Result<Self, ParseTraceStateError> {
        let members = || lines.iter().flat_map(|line| line.split(',')).map(trim_ows);

        let mut length = 0;
        for (count, member) in members().filter(|member| !member.is_empty()).enumerate() {
            if count == Self::MAX_MEMBERS {
                return Err(Kind::TooManyMembers.into());
            }
            check(member)?;
            length += member.len() + 1;
        }

        // White space inside the list is the sender's; it is kept as long as it is little.
        let received = || {
            lines
                .iter()
                .map(|line| trim_ows(line))
                .filter(|line| !line.is_empty())
        };
        let received_length: usize = received().map(|line| line.len() + 1).sum();
        if members().any(str::is_empty) || received_length > length + MAX_WHITE_SPACE {
            Ok(Self(join(
                length,
                members().filter(|member| !member.is_empty()),
            )))
        } else {
            Ok(Self(join(received_length, received())))
        }
    }

    /// From the API's type. Members that may not be sent are left out: the API checks less.
    pub fn from_trace_state(trace_state: &TraceState) -> Self {
        let mut header = Self::default();
        let mut count = 0;
        for (key, value) in trace_state {
            if count < Self::MAX_MEMBERS && is_key(key) && is_value(value) {
                header.push(key, value);
                count += 1;
            }
        }
        header
    }

    /// The API's type, without the members that it cannot hold.
    pub fn to_trace_state(&self) -> TraceState {
        if let Ok(trace_state) = TraceState::from_key_value(self.members()) {
            return trace_state;
        }
        let held = self.members().filter(|member| is_held_by_api(*member));
        TraceState::from_key_value(held).unwrap_or_default()
    }

    /// Whether there is nothing to send. An empty `tracestate` must not be written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of the header, without a copy.
    pub fn into_string(self) -> String {
        self.0
    }

    /// The members in order: key and value.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .split(',')
            .filter_map(|member| trim_ows(member).split_once('='))
    }

    /// What to send when `current` has come of `received`, the API's view of this header.
    ///
    /// Unchanged: this header as it is. Changed: new and changed members left, the others as they
    /// were and in their order (section 3.5), those included that the API cannot hold. Emptied:
    /// nothing.
    pub(crate) fn merge(&self, received: &TraceState, current: &TraceState) -> Self {
        if current == received {
            return self.clone();
        }
        let kept = |member| {
            current
                .into_iter()
                .any(|(key, value)| (key, value) == member)
        };
        let is_old = |member| {
            received
                .into_iter()
                .any(|(key, value)| (key, value) == member)
        };

        let changed = current.into_iter().filter(|member| !is_old(*member));
        let others = self
            .members()
            .filter(|member| kept(*member) || !is_held_by_api(*member))
            .filter(|_| current.into_iter().len() > 0);
        let mut merged = Self::default();
        for (key, value) in changed
            .filter(|(key, value)| is_key(key) && is_value(value))
            .chain(others)
            .take(Self::MAX_MEMBERS)
        {
            merged.push(key, value);
        }
        merged
    }

    fn push(&mut self, key: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        self.0.push_str(key);
        self.0.push('=');
        self.0.push_str(value);
    }
}

impl fmt::Display for TraceStateHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

fn check(member: &str) -> Result<(), ParseTraceStateError> {
    let (key, value) = member.split_once('=').ok_or(Kind::Key)?;
    if !is_key(key) {
        return Err(Kind::Key.into());
    }
    if !is_value(value) {
        return Err(Kind::Value.into());
    }
    Ok(())
}

/// Section 3.3.1.3.1, with the grammar of June 2026: `@` is a character like others.
fn is_key(key: &str) -> bool {
    let is_first = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    key.len() <= MAX_PART
        && key.bytes().next().is_some_and(is_first)
        && key
            .bytes()
            .all(|byte| is_first(byte) || matches!(byte, b'_' | b'*' | b'/' | b'@' | b'-'))
}

/// Section 3.3.1.3.2. Spaces after the equals sign belong to the value, a space may not end it.
fn is_value(value: &str) -> bool {
    (1..=MAX_PART).contains(&value.len())
        && !value.ends_with(' ')
        && value
            .bytes()
            .all(|byte| matches!(byte, 0x20..=0x7e) && byte != b',' && byte != b'=')
}

fn is_held_by_api(member: (&str, &str)) -> bool {
    TraceState::from_key_value([member]).is_ok()
}

fn join<'a>(capacity: usize, parts: impl Iterator<Item = &'a str>) -> String {
    let mut joined = String::with_capacity(capacity);
    for part in parts {
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(part);
    }
    joined
}

/// The largest length of a key and of a value in bytes.
const MAX_PART: usize = 256;

/// How much white space between members travels on, in bytes.
const MAX_WHITE_SPACE: usize = 256;

#[cfg(test)]
mod tests;
