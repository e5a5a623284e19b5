//! Attributes: `opentelemetry.proto.common.v1.KeyValue`, `AnyValue` and `InstrumentationScope`.

use std::fmt::Display;

use opentelemetry::{Array, InstrumentationScope, Key, KeyValue, Value};

use super::wire::{Writer, varint_len};

/// Writes each attribute as a `KeyValue` in the repeated field `field`.
pub(super) fn write_attributes(w: &mut Writer, field: u32, attributes: &[KeyValue]) {
    for attribute in attributes {
        write_attribute(w, field, &attribute.key, &attribute.value);
    }
}

/// Writes one attribute as a `KeyValue`.
pub(super) fn write_attribute(w: &mut Writer, field: u32, key: &Key, value: &Value) {
    let key = key.as_str();
    let value_len = expected_len(value);
    let expected = key.len() + value_len + 3 + varint_len(value_len);
    w.message(field, expected, |w| {
        w.string(key_value::KEY, key);
        write_any_value(w, key_value::VALUE, value);
    });
}

/// Writes an `InstrumentationScope`, left to its fields.
pub(super) fn write_scope(w: &mut Writer, scope: &InstrumentationScope) {
    w.string(scope::NAME, scope.name());
    w.string(scope::VERSION, scope.version().unwrap_or_default());
    for attribute in scope.attributes() {
        write_attribute(w, scope::ATTRIBUTES, &attribute.key, &attribute.value);
    }
}

fn write_any_value(w: &mut Writer, field: u32, value: &Value) {
    w.message(field, expected_len(value), |w| match value {
        Value::Bool(value) => write_bool(w, *value),
        Value::I64(value) => write_int(w, *value),
        Value::F64(value) => write_double(w, *value),
        Value::String(text) => w.bytes_always(any_value::STRING, text.as_str().as_bytes()),
        Value::Array(array) => write_array(w, array),
        other => write_display(w, other),
    });
}

fn write_array(w: &mut Writer, array: &Array) {
    match array {
        Array::Bool(values) => write_elements(w, values, |w, value| write_bool(w, *value)),
        Array::I64(values) => write_elements(w, values, |w, value| write_int(w, *value)),
        Array::F64(values) => write_elements(w, values, |w, value| write_double(w, *value)),
        Array::String(values) => write_elements(w, values, |w, value| {
            w.bytes_always(any_value::STRING, value.as_str().as_bytes());
        }),
        other => write_display(w, other),
    }
}

fn write_elements<T>(w: &mut Writer, values: &[T], write: impl Fn(&mut Writer, &T)) {
    w.message(any_value::ARRAY, SMALL, |w| {
        for value in values {
            w.message(array_value::VALUES, SMALL, |w| write(w, value));
        }
    });
}

fn write_bool(w: &mut Writer, value: bool) {
    w.varint_always(any_value::BOOL, u64::from(value));
}

fn write_int(w: &mut Writer, value: i64) {
    w.varint_always(any_value::INT, value.cast_unsigned());
}

fn write_double(w: &mut Writer, value: f64) {
    w.fixed64_always(any_value::DOUBLE, value.to_bits());
}

/// A kind of value that a later version of the API may add is sent as its text rather than lost.
fn write_display(w: &mut Writer, value: &impl Display) {
    w.bytes_always(any_value::STRING, value.to_string().as_bytes());
}

/// The length of the `AnyValue`: exact for strings, which may be long, else a guess.
fn expected_len(value: &Value) -> usize {
    match value {
        Value::String(text) => {
            let len = text.as_str().len();
            1 + varint_len(len) + len
        }
        _ => SMALL,
    }
}

/// Any length below 128: one byte of room.
const SMALL: usize = 16;

mod key_value {
    pub(super) const KEY: u32 = 1;
    pub(super) const VALUE: u32 = 2;
}

mod any_value {
    pub(super) const STRING: u32 = 1;
    pub(super) const BOOL: u32 = 2;
    pub(super) const INT: u32 = 3;
    pub(super) const DOUBLE: u32 = 4;
    pub(super) const ARRAY: u32 = 5;
}

mod array_value {
    pub(super) const VALUES: u32 = 1;
}

mod scope {
    pub(super) const NAME: u32 = 1;
    pub(super) const VERSION: u32 = 2;
    pub(super) const ATTRIBUTES: u32 = 3;
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value};
    use prost::Message;

    use super::*;

    /// A value of a kind that is not known yet arrives as its text.
    #[test]
    fn an_unknown_kind_is_sent_as_text() {
        let mut w = Writer::with_capacity(0);
        write_display(&mut w, &format_args!("{{a, b}}"));

        let value = AnyValue::decode(w.into_vec().as_slice()).unwrap();

        let text = any_value::Value::StringValue("{a, b}".to_owned());
        assert_eq!(value.value, Some(text));
    }
}
