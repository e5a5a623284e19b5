use std::borrow::Cow;

use opentelemetry::{
    Array, Key, KeyValue, StringValue, Value,
    logs::{AnyValue, LogRecord as _},
    trace::Status,
};
use opentelemetry_sdk::{logs::SdkLogRecord, trace::SpanData};

use super::log_limits::Blank;
use crate::{privacy::Redactor, span::cut_description, start::SCOPE};

/// Takes secrets out of everything that a span says, on the I/O thread.
pub(crate) fn span(redactor: &Redactor, span: &mut SpanData) {
    if let Cow::Owned(name) = &mut span.name
        && let Cow::Owned(clean) = redactor.redact(name)
    {
        *name = clean;
    }
    attributes(redactor, &mut span.attributes);
    for event in &mut span.events.events {
        if let Cow::Owned(name) = &mut event.name
            && let Cow::Owned(clean) = redactor.redact(name)
        {
            *name = clean;
        }
        attributes(redactor, &mut event.attributes);
    }
    for link in &mut span.links.links {
        attributes(redactor, &mut link.attributes);
    }
    let ours = span.instrumentation_scope.name() == SCOPE;
    if let Status::Error { description } = &mut span.status {
        if let Cow::Owned(clean) = redactor.redact(description) {
            *description = clean.into();
        }
        // A `Failure` leaves its cut to be made here, where no half of a secret can result.
        let sent = cut_description(description);
        if ours && sent.len() < description.len() {
            *description = sent.to_owned().into();
        }
    }
}

/// Takes secrets out of a log record.
pub(crate) fn record(redactor: &Redactor, record: &mut SdkLogRecord, blank: &Blank) {
    let body = record.body().and_then(|body| any_value(redactor, "", body));
    let changed: Vec<_> = record
        .attributes_iter()
        .map(|(key, value)| any_value(redactor, key.as_str(), value))
        .collect();
    if body.is_none() && changed.iter().all(Option::is_none) {
        return;
    }
    // A record can only grow: one with a secret is made anew.
    let mut clean = blank.like(record);
    if let Some(body) = body {
        clean.set_body(body);
    }
    for ((key, value), changed) in record.attributes_iter().zip(changed) {
        clean.add_attribute(key.clone(), changed.unwrap_or_else(|| value.clone()));
    }
    *record = clean;
}

fn attributes(redactor: &Redactor, attributes: &mut [KeyValue]) {
    for attribute in attributes {
        let key = attribute.key.as_str();
        match &mut attribute.value {
            Value::String(text) => string(redactor, key, text),
            Value::Array(Array::String(texts)) => {
                for text in texts {
                    string(redactor, key, text);
                }
            }
            _ => {}
        }
    }
}

fn string(redactor: &Redactor, key: &str, text: &mut StringValue) {
    if let Cow::Owned(clean) = redactor.redact_value(key, text.as_str()) {
        *text = clean.into();
    }
}

/// The value without secrets; `None` if it has none.
fn any_value(redactor: &Redactor, key: &str, value: &AnyValue) -> Option<AnyValue> {
    match value {
        AnyValue::String(text) => match redactor.redact_value(key, text.as_str()) {
            Cow::Owned(clean) => Some(AnyValue::String(clean.into())),
            Cow::Borrowed(_) => None,
        },
        AnyValue::ListAny(values) => {
            let changed: Vec<_> = values
                .iter()
                .map(|value| any_value(redactor, key, value))
                .collect();
            changed.iter().any(Option::is_some).then(|| {
                let values = values.iter().zip(changed);
                let values = values.map(|(old, new)| new.unwrap_or_else(|| old.clone()));
                AnyValue::ListAny(Box::new(values.collect()))
            })
        }
        AnyValue::Map(map) => {
            let changed: Vec<_> = map
                .iter()
                .map(|(key, value)| {
                    let name = match redactor.redact(key.as_str()) {
                        Cow::Owned(clean) => Some(Key::from(clean)),
                        Cow::Borrowed(_) => None,
                    };
                    (name, any_value(redactor, key.as_str(), value))
                })
                .collect();
            let is_clean =
                |(name, value): &(Option<_>, Option<_>)| name.is_none() && value.is_none();
            (!changed.iter().all(is_clean)).then(|| {
                let pairs = map.iter().zip(changed);
                let pairs = pairs.map(|((key, value), (clean_key, clean_value))| {
                    let key = clean_key.unwrap_or_else(|| key.clone());
                    (key, clean_value.unwrap_or_else(|| value.clone()))
                });
                AnyValue::Map(Box::new(pairs.collect()))
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, time::SystemTime};

    use opentelemetry::trace::Event;

    use super::*;
    use crate::pipeline::test_span::test_span;

    const SECRET: &str = "ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8";

    /// Secrets are taken out of names of events too.
    #[test]
    fn names_of_events() {
        let mut with_secret = test_span(1, "s", 0);
        let event = Event::new(
            format!("got {SECRET}"),
            SystemTime::UNIX_EPOCH,
            Vec::new(),
            0,
        );
        with_secret.events.events = vec![event];
        span(&Redactor::new(), &mut with_secret);
        let name = &with_secret.events.events[0].name;
        assert!(name.starts_with("got [redacted:"), "{name}");
    }

    /// And out of the keys of maps, at any depth.
    #[test]
    fn keys_of_maps() {
        let map = |key: &str, value| {
            AnyValue::Map(Box::new(HashMap::from([(
                Key::from(key.to_owned()),
                value,
            )])))
        };
        let clean = any_value(&Redactor::new(), "", &map("a", map(SECRET, 1.into())));
        let text = format!("{clean:?}");
        assert!(
            text.contains("[redacted:") && !text.contains(SECRET),
            "{text}"
        );
        assert_eq!(
            any_value(&Redactor::new(), "", &map("a", map("b", 1.into()))),
            None
        );
    }

    /// The description of our spans is cut when its secrets are gone; others' are left as long.
    #[test]
    fn descriptions() {
        let described = |scope: &'static str| {
            let mut failed = test_span(1, "s", 0);
            failed.instrumentation_scope =
                opentelemetry::InstrumentationScope::builder(scope).build();
            failed.status = Status::error(format!("{} {SECRET} end", "x".repeat(1010)));
            span(&Redactor::new(), &mut failed);
            match failed.status {
                Status::Error { description } => description,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(described(SCOPE).len(), 1024);
        assert!(!described(SCOPE).contains("ghp"));
        assert!(described("other").ends_with("] end"));
    }
}
