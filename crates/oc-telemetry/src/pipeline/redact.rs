use opentelemetry::{
    Array, KeyValue, StringValue, Value,
    logs::{AnyValue, LogRecord as _},
    trace::Status,
};
use opentelemetry_sdk::{logs::SdkLogRecord, trace::SpanData};

use super::log_limits::Blank;
use crate::privacy::Redactor;

/// Takes secrets out of everything that a span says, on the I/O thread.
pub(crate) fn span(redactor: &Redactor, span: &mut SpanData) {
    if let std::borrow::Cow::Owned(name) = &mut span.name
        && let std::borrow::Cow::Owned(clean) = redactor.redact(name)
    {
        *name = clean;
    }
    attributes(redactor, &mut span.attributes);
    for event in &mut span.events.events {
        attributes(redactor, &mut event.attributes);
    }
    for link in &mut span.links.links {
        attributes(redactor, &mut link.attributes);
    }
    if let Status::Error { description } = &mut span.status
        && let std::borrow::Cow::Owned(clean) = redactor.redact(description)
    {
        *description = clean.into();
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
    if let std::borrow::Cow::Owned(clean) = redactor.redact_value(key, text.as_str()) {
        *text = clean.into();
    }
}

/// The value without secrets; `None` if it has none.
fn any_value(redactor: &Redactor, key: &str, value: &AnyValue) -> Option<AnyValue> {
    match value {
        AnyValue::String(text) => match redactor.redact_value(key, text.as_str()) {
            std::borrow::Cow::Owned(clean) => Some(AnyValue::String(clean.into())),
            std::borrow::Cow::Borrowed(_) => None,
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
                .filter_map(|(key, value)| {
                    Some((key.clone(), any_value(redactor, key.as_str(), value)?))
                })
                .collect();
            (!changed.is_empty()).then(|| {
                let mut map = map.clone();
                map.extend(changed);
                AnyValue::Map(map)
            })
        }
        _ => None,
    }
}
