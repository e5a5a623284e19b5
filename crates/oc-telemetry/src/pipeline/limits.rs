use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;

/// The longest string an attribute may hold, in characters; `None` is no limit.
///
/// Specification, "Attribute Limits": strings longer than the limit are truncated, array elements
/// each on their own. The SDK has no such limit, so that it is applied here, on the I/O thread.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ValueLimit(pub(crate) Option<usize>);

impl ValueLimit {
    /// Cuts the attributes of a span, of its events and of its links.
    pub(crate) fn apply(self, span: &mut SpanData) {
        let Some(limit) = self.0 else { return };
        cut_all(&mut span.attributes, limit);
        for event in &mut span.events.events {
            cut_all(&mut event.attributes, limit);
        }
        for link in &mut span.links.links {
            cut_all(&mut link.attributes, limit);
        }
    }
}

/// The first `limit` characters of `text`, if it is longer.
pub(crate) fn cut(text: &str, limit: usize) -> Option<&str> {
    // No string has more characters than bytes: the common case costs one comparison.
    if text.len() <= limit {
        return None;
    }
    let (end, _) = text.char_indices().nth(limit)?;
    text.get(..end)
}

fn cut_all(attributes: &mut [KeyValue], limit: usize) {
    for attribute in attributes {
        match &mut attribute.value {
            Value::String(text) => cut_string(text, limit),
            Value::Array(Array::String(texts)) => {
                for text in texts {
                    cut_string(text, limit);
                }
            }
            _ => {}
        }
    }
}

fn cut_string(text: &mut StringValue, limit: usize) {
    if let Some(short) = cut(text.as_str(), limit) {
        *text = short.to_owned().into();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cuts_at_a_character() {
        assert_eq!(cut("añb", 2), Some("añ"));
        assert_eq!(cut("añb", 3), None);
        assert_eq!(cut("añb", 0), Some(""));
    }

    #[test]
    fn cuts_elements_of_arrays() {
        let mut attributes = [
            KeyValue::new(
                "a",
                Value::Array(Array::String(vec!["12345".into(), "1".into()])),
            ),
            KeyValue::new("b", 123_456),
        ];
        cut_all(&mut attributes, 2);
        assert_eq!(
            attributes[0].value,
            Value::Array(Array::String(vec!["12".into(), "1".into()]))
        );
        assert_eq!(attributes[1].value, Value::I64(123_456));
    }

    proptest! {
        /// The result has exactly the limit's characters and begins like the original.
        #[test]
        fn keeps_a_prefix(text in ".{0,40}", limit in 0_usize..50) {
            match cut(&text, limit) {
                Some(short) => {
                    prop_assert_eq!(short.chars().count(), limit);
                    prop_assert!(text.starts_with(short));
                }
                None => prop_assert!(text.chars().count() <= limit),
            }
        }
    }
}
