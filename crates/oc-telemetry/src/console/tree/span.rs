use std::time::{Duration, SystemTime};

use opentelemetry::{
    Value,
    trace::{SpanId, SpanKind, Status},
};
use opentelemetry_sdk::trace::SpanData;

use super::render::KEY_ATTRIBUTES;

/// What a tree shows of a span.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TreeSpan {
    /// The trace id, lower-case hex.
    pub trace_id: String,
    /// The span id, lower-case hex.
    pub span_id: String,
    /// The parent's span id; `None` for a root.
    pub parent_span_id: Option<String>,
    /// The name.
    pub name: String,
    /// The kind.
    pub kind: SpanKind,
    /// When it started.
    pub start: SystemTime,
    /// When it ended.
    pub end: SystemTime,
    /// The attributes, their values as text.
    pub attributes: Vec<(String, String)>,
    /// The description of the status if it is an error, empty if it has none; else `None`.
    pub error: Option<String>,
    /// The service it belongs to, if known.
    pub service: Option<String>,
}

impl TreeSpan {
    /// A root span without duration, of kind internal, to be filled in.
    pub fn new(
        trace_id: impl Into<String>,
        span_id: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        Self {
            trace_id: trace_id.into(),
            span_id: span_id.into(),
            parent_span_id: None,
            name: name.into(),
            kind: SpanKind::Internal,
            start: SystemTime::UNIX_EPOCH,
            end: SystemTime::UNIX_EPOCH,
            attributes: Vec::new(),
            error: None,
            service: None,
        }
    }

    /// End minus start; zero if the end lies before the start.
    pub fn duration(&self) -> Duration {
        self.end.duration_since(self.start).unwrap_or_default()
    }

    /// The value of an attribute.
    pub fn attr(&self, key: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }
}

impl From<&Self> for TreeSpan {
    fn from(span: &Self) -> Self {
        span.clone()
    }
}

/// Takes the attributes that [`TraceTree::render`](super::TraceTree::render) shows, and no others:
/// those with content may be large.
impl From<&SpanData> for TreeSpan {
    fn from(span: &SpanData) -> Self {
        let has_parent = span.parent_span_id != SpanId::INVALID;
        Self {
            trace_id: span.span_context.trace_id().to_string(),
            span_id: span.span_context.span_id().to_string(),
            parent_span_id: has_parent.then(|| span.parent_span_id.to_string()),
            name: span.name.to_string(),
            kind: span.span_kind.clone(),
            start: span.start_time,
            end: span.end_time,
            attributes: span
                .attributes
                .iter()
                .filter(|attribute| is_shown(attribute.key.as_str()))
                .map(|attribute| {
                    let value = match &attribute.value {
                        Value::F64(number) => short_number(*number),
                        other => other.as_str().into_owned(),
                    };
                    (attribute.key.as_str().to_owned(), value)
                })
                .collect(),
            error: match &span.status {
                Status::Error { description } => Some(description.to_string()),
                Status::Unset | Status::Ok => None,
            },
            service: None,
        }
    }
}

fn is_shown(key: &str) -> bool {
    key == oc_semconv::error::TYPE || KEY_ATTRIBUTES.contains(&key)
}

/// A number as people write it: six significant digits, no trailing zeros. Costs are small, and
/// `0.000057` reads better than `0.000056999999999999996`.
pub(crate) fn short_number(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return number.to_string();
    }
    // The place of the first significant digit; clamped, so that the casts cannot surprise.
    let magnitude = number.abs().log10().floor().clamp(-20.0, 20.0);
    let digits = (5.0 - magnitude).clamp(0.0, 20.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=20"
    )]
    let text = format!("{number:.*}", digits as usize);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (number, text) in [
            (0.000_056_999_999_999_999_996, "0.000057"),
            (1.5, "1.5"),
            (1_234_567.0, "1234567"),
            (-0.25, "-0.25"),
            (0.0, "0"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(short_number(number), text);
        }
    }
}
