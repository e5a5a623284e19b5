use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};

/// Attributes by key.
///
/// The protocol wants keys to be unique. Of a key that a sender repeats, the last value is here;
/// the fields `duplicate_keys` beside the attributes say that there were more, and the raw request
/// ([`ReceivedRequest`](crate::testing::ReceivedRequest)) has them all.
pub type Attributes = BTreeMap<String, AttrValue>;

/// The value of an attribute, or the body of a log record.
///
/// Compares with plain values, so that a test can write `span.attributes["http.route"] == "/v1"`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AttrValue {
    /// No value.
    Empty,
    /// A string.
    String(String),
    /// A boolean.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A 64-bit floating-point number.
    Double(f64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An array of values.
    Array(Vec<AttrValue>),
    /// Values by key.
    Map(Attributes),
}

impl AttrValue {
    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub const fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The floating-point number, if it is one.
    pub const fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Double(value) => Some(*value),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The entries, if it is a map.
    pub const fn as_map(&self) -> Option<&Attributes> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }
}

impl From<&AnyValue> for AttrValue {
    fn from(value: &AnyValue) -> Self {
        match &value.value {
            Some(Value::StringValue(value)) => Self::String(value.clone()),
            Some(Value::BoolValue(value)) => Self::Bool(*value),
            Some(Value::IntValue(value)) => Self::Int(*value),
            Some(Value::DoubleValue(value)) => Self::Double(*value),
            Some(Value::BytesValue(value)) => Self::Bytes(value.clone()),
            Some(Value::ArrayValue(array)) => {
                Self::Array(array.values.iter().map(Self::from).collect())
            }
            Some(Value::KvlistValue(list)) => Self::Map(attributes(&list.values)),
            // A reference into the string table of profiles, which no signal here carries.
            Some(Value::StringValueStrindex(_)) | None => Self::Empty,
        }
    }
}

impl fmt::Display for AttrValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::String(value) => f.write_str(value),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Double(value) => value.fmt(f),
            Self::Bytes(value) => f.write_str(&super::hex(value)),
            Self::Array(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(f, "{separator}{value}")?;
                }
                f.write_str("]")
            }
            Self::Map(entries) => {
                f.write_str("{")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(f, "{separator}{key}={value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

impl PartialEq<str> for AttrValue {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for AttrValue {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<bool> for AttrValue {
    fn eq(&self, other: &bool) -> bool {
        self.as_bool() == Some(*other)
    }
}

impl PartialEq<i64> for AttrValue {
    fn eq(&self, other: &i64) -> bool {
        self.as_i64() == Some(*other)
    }
}

impl PartialEq<f64> for AttrValue {
    fn eq(&self, other: &f64) -> bool {
        self.as_f64() == Some(*other)
    }
}

pub(super) fn attributes(attributes: &[KeyValue]) -> Attributes {
    attributes
        .iter()
        .map(|attribute| {
            let value = attribute
                .value
                .as_ref()
                .map_or(AttrValue::Empty, AttrValue::from);
            (attribute.key.clone(), value)
        })
        .collect()
}

/// The keys that a sender gave more than once, each once, in the order of their repetition.
pub(super) fn duplicate_keys(attributes: &[KeyValue]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut repeated: Vec<String> = Vec::new();
    for KeyValue { key, .. } in attributes {
        if !seen.insert(key) && !repeated.contains(key) {
            repeated.push(key.clone());
        }
    }
    repeated
}
