//! What may stand on the right of `key => value`: ordinary Rust values, turned into OpenTelemetry ones.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::{Array, StringValue, Value};

/// A value that an attribute can hold.
///
/// Numbers stay numbers: integers become 64-bit signed ones, and those that do not fit saturate at the nearest end of
/// the range, because OTLP knows no unsigned attribute. `None` means that there is no attribute, not an empty one.
///
/// A borrowed string is copied. Literals in [`with_span!`](crate::with_span) and `Cow::Borrowed` values are not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value of an attribute",
    label = "expected a number, a bool, a string, a list of these, or an `Option` of one",
    note = "show it with `.to_string()` or `format!` if that is what should be recorded"
)]
pub trait IntoValue {
    /// The attribute's value, or `None` if the attribute is to be left out.
    fn into_value(self) -> Option<Value>;
}

/// A type of which a list can be an attribute: OpenTelemetry's arrays hold values of one kind.
pub trait ArrayElement: Sized {
    /// The list as an array of the element's kind.
    fn into_array(items: impl Iterator<Item = Self>) -> Array;
}

impl IntoValue for Value {
    fn into_value(self) -> Option<Value> {
        Some(self)
    }
}

impl IntoValue for Array {
    fn into_value(self) -> Option<Value> {
        Some(Value::Array(self))
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Option<Value> {
        self.and_then(T::into_value)
    }
}

impl<T: IntoValue + Clone> IntoValue for &T {
    fn into_value(self) -> Option<Value> {
        self.clone().into_value()
    }
}

impl<T: ArrayElement> IntoValue for Vec<T> {
    fn into_value(self) -> Option<Value> {
        Some(Value::Array(T::into_array(self.into_iter())))
    }
}

impl<T: ArrayElement + Clone> IntoValue for &[T] {
    fn into_value(self) -> Option<Value> {
        Some(Value::Array(T::into_array(self.iter().cloned())))
    }
}

impl<T: ArrayElement, const N: usize> IntoValue for [T; N] {
    fn into_value(self) -> Option<Value> {
        Some(Value::Array(T::into_array(self.into_iter())))
    }
}

/// A literal as it stands in the source. Being `'static`, a string one needs no copy.
#[derive(Debug)]
pub struct Literal<T>(pub(crate) T);

impl IntoValue for Literal<&'static str> {
    fn into_value(self) -> Option<Value> {
        Some(Value::String(self.0.into()))
    }
}

macro_rules! scalars {
    ($($type:ty => $array:ident, $value:ident, |$item:ident| $convert:expr;)+) => {
        $(
            impl IntoValue for $type {
                fn into_value(self) -> Option<Value> {
                    let $item = self;
                    Some(Value::$value($convert))
                }
            }

            impl ArrayElement for $type {
                fn into_array(items: impl Iterator<Item = Self>) -> Array {
                    Array::$array(items.map(|$item| $convert).collect())
                }
            }
        )+
    };
}

macro_rules! literals {
    ($($type:ty)+) => {
        $(
            impl IntoValue for Literal<$type> {
                fn into_value(self) -> Option<Value> {
                    self.0.into_value()
                }
            }
        )+
    };
}

scalars! {
    bool => Bool, Bool, |item| item;
    i8 => I64, I64, |item| i64::from(item);
    i16 => I64, I64, |item| i64::from(item);
    i32 => I64, I64, |item| i64::from(item);
    i64 => I64, I64, |item| item;
    i128 => I64, I64, |item| saturate(item);
    isize => I64, I64, |item| saturate(item as i128);
    u8 => I64, I64, |item| i64::from(item);
    u16 => I64, I64, |item| i64::from(item);
    u32 => I64, I64, |item| i64::from(item);
    u64 => I64, I64, |item| i64::try_from(item).unwrap_or(i64::MAX);
    u128 => I64, I64, |item| i64::try_from(item).unwrap_or(i64::MAX);
    usize => I64, I64, |item| i64::try_from(item).unwrap_or(i64::MAX);
    f32 => F64, F64, |item| f64::from(item);
    f64 => F64, F64, |item| item;
    char => String, String, |item| StringValue::from(String::from(item));
    String => String, String, |item| StringValue::from(item);
    &str => String, String, |item| StringValue::from(item.to_owned());
    Box<str> => String, String, |item| StringValue::from(String::from(item));
    Arc<str> => String, String, |item| StringValue::from(item);
    Cow<'static, str> => String, String, |item| StringValue::from(item);
    StringValue => String, String, |item| item;
}

literals! { bool char i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 }

fn saturate(item: i128) -> i64 {
    i64::try_from(item).unwrap_or(if item < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of every width arrive as numbers, and the ends of the range saturate instead of wrapping.
    #[test]
    fn integers_stay_integers_and_saturate() {
        let table = [
            (7u8.into_value(), 7),
            ((-7i16).into_value(), -7),
            (u64::MAX.into_value(), i64::MAX),
            (usize::MAX.into_value(), i64::MAX),
            (u128::MAX.into_value(), i64::MAX),
            (i128::MIN.into_value(), i64::MIN),
            (isize::MIN.into_value(), i64::MIN),
            (i64::MIN.into_value(), i64::MIN),
        ];
        for (value, expected) in table {
            assert_eq!(value, Some(Value::I64(expected)));
        }
    }

    /// Every string-like type gives the same string value, and `None` gives no attribute.
    #[test]
    fn strings_and_options() {
        let owned = String::from("a");
        let expected = Some(Value::String("a".into()));
        assert_eq!(owned.as_str().into_value(), expected);
        assert_eq!((&owned).into_value(), expected);
        assert_eq!(Arc::<str>::from("a").into_value(), expected);
        assert_eq!(Box::<str>::from("a").into_value(), expected);
        assert_eq!(Cow::Borrowed("a").into_value(), expected);
        assert_eq!(Literal("a").into_value(), expected);
        assert_eq!('a'.into_value(), expected);
        assert_eq!(Some(owned).into_value(), expected);
        assert_eq!(None::<u32>.into_value(), None);
    }

    /// Lists become arrays of one kind, from owned and borrowed lists alike.
    #[test]
    fn lists() {
        let expected = Some(Value::Array(Array::I64(vec![1, i64::MAX])));
        assert_eq!(vec![1, u64::MAX].into_value(), expected);
        assert_eq!([1, u64::MAX].into_value(), expected);
        assert_eq!([1, u64::MAX][..].into_value(), expected);
        assert_eq!(
            ["x", "y"].into_value(),
            Some(Value::Array(Array::String(vec!["x".into(), "y".into()])))
        );
    }
}
