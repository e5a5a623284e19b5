use std::fmt;

/// Why bytes are not a `traceparent`.
///
/// Small, without allocation, and without a byte of the input.
///
/// ```
/// use oc_propagate::{ParseTraceParentErrorKind, TraceParent};
///
/// let error = TraceParent::parse(b"00-1-2-01").unwrap_err();
/// assert_eq!(error.kind(), ParseTraceParentErrorKind::Length);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseTraceParentError(ParseTraceParentErrorKind);

impl ParseTraceParentError {
    /// What is wrong.
    pub const fn kind(self) -> ParseTraceParentErrorKind {
        self.0
    }
}

impl From<ParseTraceParentErrorKind> for ParseTraceParentError {
    fn from(kind: ParseTraceParentErrorKind) -> Self {
        Self(kind)
    }
}

impl fmt::Display for ParseTraceParentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            ParseTraceParentErrorKind::Length => {
                "traceparent has a length its version does not allow; version 00 has 55 bytes"
            }
            ParseTraceParentErrorKind::Separator => "traceparent lacks a dash between two fields",
            ParseTraceParentErrorKind::Digit => {
                "traceparent contains something else than lower-case hexadecimal digits"
            }
            ParseTraceParentErrorKind::Version => "traceparent has the forbidden version ff",
            ParseTraceParentErrorKind::ZeroTraceId => "traceparent has a trace id of zeros",
            ParseTraceParentErrorKind::ZeroParentId => "traceparent has a parent id of zeros",
        })
    }
}

impl std::error::Error for ParseTraceParentError {}

/// The kinds of [`ParseTraceParentError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseTraceParentErrorKind {
    /// Shorter than 55 bytes; or longer, and of version 00.
    Length,
    /// No dash where a field ends.
    Separator,
    /// Something else than a lower-case hexadecimal digit in a field.
    Digit,
    /// The version `ff`.
    Version,
    /// A trace id of zeros.
    ZeroTraceId,
    /// A parent id of zeros.
    ZeroParentId,
}

/// Why text is not a `tracestate`; without a byte of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseTraceStateError(ParseTraceStateErrorKind);

impl ParseTraceStateError {
    /// What is wrong.
    pub const fn kind(self) -> ParseTraceStateErrorKind {
        self.0
    }
}

impl From<ParseTraceStateErrorKind> for ParseTraceStateError {
    fn from(kind: ParseTraceStateErrorKind) -> Self {
        Self(kind)
    }
}

impl fmt::Display for ParseTraceStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            ParseTraceStateErrorKind::Key => "tracestate has a member with an invalid key",
            ParseTraceStateErrorKind::Value => "tracestate has a member with an invalid value",
            ParseTraceStateErrorKind::TooManyMembers => "tracestate has more than 32 members",
        })
    }
}

impl std::error::Error for ParseTraceStateError {}

/// The kinds of [`ParseTraceStateError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseTraceStateErrorKind {
    /// A member without an equals sign, or with a key outside the grammar.
    Key,
    /// A member with a value outside the grammar.
    Value,
    /// More than 32 members.
    TooManyMembers,
}
