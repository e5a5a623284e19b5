//! What was odd about a body.

use std::fmt;

/// Something about a body, or about what a program says of a call, that is not as it should be.
///
/// None of them stops the reading: what could be read is in the [`Reading`](super::Reading). Meant
/// for the label of a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Oddity {
    /// There was no body, or only blanks.
    EmptyBody,
    /// The body is compressed. Nothing is read; decompress it first.
    Compressed,
    /// Neither JSON nor an event stream, a page of HTML for example.
    UnrecognisedBody,
    /// A document that is not JSON. What came before the fault counts.
    MalformedJson,
    /// JSON nested deeper than 128 levels. What came before counts.
    NestedTooDeep,
    /// A field that is there with a type its format does not have, as a list for `usage`.
    UnexpectedShape,
    /// The body ended before its last event, or within a document.
    CutShort,
    /// Text that is not UTF-8; replacement characters stand in its place. Only text that is kept is
    /// checked.
    InvalidUtf8,
    /// An answer that is complete and has no usage. With OpenAI chat streams the request must ask
    /// for it (`stream_options.include_usage`).
    UsageMissing,
    /// Usage without the input or without the output.
    UsagePartial,
    /// Usage came more than once; the last one counts.
    UsageRepeated,
    /// Cached tokens that exceed the input, or reasoning that exceeds the output.
    PartsExceedTotals,
    /// A token count written as a fraction or as a string. It is used, rounded down.
    CountNotInteger,
    /// A token count below zero. It is left out.
    CountNegative,
    /// A token count above `i64::MAX`. It is set to that.
    CountOverflow,
    /// A token count that is no number at all. It is left out.
    CountInvalid,
    /// A token count above 2^40, which no call has. The span says it, the counters leave it out.
    CountImplausible,
    /// A cost that is negative, infinite or NaN. It is left out.
    CostInvalid,
    /// An id, a model name or the like of more than 256 bytes. It is cut.
    ValueTooLong,
    /// More than 128 choices or tool calls. Those above are left out.
    TooManyItems,
    /// A tool call without an id, in a format that has ids.
    ToolCallWithoutId,
}

impl Oddity {
    /// The value of a metric label, as `usage_missing`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmptyBody => "empty_body",
            Self::Compressed => "compressed",
            Self::UnrecognisedBody => "unrecognised_body",
            Self::MalformedJson => "malformed_json",
            Self::NestedTooDeep => "nested_too_deep",
            Self::UnexpectedShape => "unexpected_shape",
            Self::CutShort => "cut_short",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::UsageMissing => "usage_missing",
            Self::UsagePartial => "usage_partial",
            Self::UsageRepeated => "usage_repeated",
            Self::PartsExceedTotals => "parts_exceed_totals",
            Self::CountNotInteger => "count_not_integer",
            Self::CountNegative => "count_negative",
            Self::CountOverflow => "count_overflow",
            Self::CountInvalid => "count_invalid",
            Self::CountImplausible => "count_implausible",
            Self::CostInvalid => "cost_invalid",
            Self::ValueTooLong => "value_too_long",
            Self::TooManyItems => "too_many_items",
            Self::ToolCallWithoutId => "tool_call_without_id",
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
