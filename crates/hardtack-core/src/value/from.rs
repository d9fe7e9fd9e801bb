//! Conversions from common Rust types to values.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use crate::value::{BigInt, DateTime, Markup, Uuid, Value};

macro_rules! from_small_integer {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Value {
            fn from(number: $integer) -> Self {
                Self::Int(number.into())
            }
        }
    )*};
}
from_small_integer!(i8 i16 i32 i64 u8 u16 u32);

macro_rules! from_large_integer {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Value {
            fn from(number: $integer) -> Self {
                match i64::try_from(number) {
                    Ok(number) => Self::Int(number),
                    Err(_) => Self::BigInt(BigInt::from_canonical(&number.to_string())),
                }
            }
        }
    )*};
}
from_large_integer!(isize u64 usize i128 u128);

impl From<BigInt> for Value {
    fn from(number: BigInt) -> Self {
        number.to_i64().map_or(Self::BigInt(number), Self::Int)
    }
}

macro_rules! from_tuple {
    ($($name:ident)+) => {
        impl<$($name: Into<Value>),+> From<($($name,)+)> for Value {
            fn from(tuple: ($($name,)+)) -> Self {
                #[expect(non_snake_case, reason = "a type and its value share a name in this macro")]
                let ($($name,)+) = tuple;
                Self::Tuple(vec![$($name.into()),+])
            }
        }
    };
}
from_tuple!(A);
from_tuple!(A B);
from_tuple!(A B C);
from_tuple!(A B C D);
from_tuple!(A B C D E);
from_tuple!(A B C D E F);

macro_rules! from_by {
    ($($from:ty => $convert:expr;)*) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                ($convert)(value)
            }
        }
    )*};
}
from_by! {
    () => |()| Self::Null;
    bool => Self::Bool;
    f32 => |number| Self::Float(f64::from(number));
    f64 => Self::Float;
    char => |c| Self::String(String::from(c));
    &str => |text| Self::String(str::to_owned(text));
    &String => |text| Self::String(String::clone(text));
    String => Self::String;
    Cow<'_, str> => |text| Self::String(Cow::into_owned(text));
    Box<str> => |text| Self::String(String::from(text));
    Markup => Self::Markup;
    Uuid => Self::Uuid;
    DateTime => Self::DateTime;
    SystemTime => |time| Self::DateTime(DateTime::from(time));
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<K: Into<String>, T: Into<Value>> From<BTreeMap<K, T>> for Value {
    fn from(map: BTreeMap<K, T>) -> Self {
        Self::Dict(map.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl<K: Into<String>, T: Into<Value>, S> From<HashMap<K, T, S>> for Value {
    fn from(map: HashMap<K, T, S>) -> Self {
        Self::Dict(map.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::value::Bytes;

    #[test]
    fn rust_types_become_the_python_types_they_resemble() {
        for (value, text) in [
            (Value::from(()), "null"),
            (Value::from(true), "true"),
            (Value::from(-1_i8), "-1"),
            (Value::from(u64::MAX), "18446744073709551615"),
            (Value::from(7_usize), "7"),
            (Value::from(i128::MIN), "-170141183460469231731687303715884105728"),
            (Value::from(0.5_f32), "0.5"),
            (Value::from('x'), "\"x\""),
            (Value::from(Some("a")), "\"a\""),
            (Value::from(None::<i32>), "null"),
            (Value::from(vec![1, 2]), "[1,2]"),
            (Value::from(["a"]), "[\"a\"]"),
            (Value::from((1,)), "{\" t\":[1]}"),
            (Value::from((1, 2, 3, 4, 5, 6)), "{\" t\":[1,2,3,4,5,6]}"),
            (Value::from(Bytes::from(*b"hi")), "{\" b\":\"aGk=\"}"),
            (Value::from(BTreeMap::from([("b", 1), ("a", 2)])), "{\"a\":2,\"b\":1}"),
            (Value::from(HashMap::from([(String::from("k"), [0; 0])])), "{\"k\":[]}"),
            (Value::from(Markup::new("<i>")), "{\" m\":\"<i>\"}"),
            (Value::from(Uuid::from_bytes([1; 16])), "{\" u\":\"01010101010101010101010101010101\"}"),
            (Value::from(UNIX_EPOCH + Duration::from_secs(1)), "{\" d\":\"Thu, 01 Jan 1970 00:00:01 GMT\"}"),
        ] {
            assert_eq!(value.to_text(), text);
            assert_eq!(Value::from_text(text).unwrap(), value);
        }
    }

    #[test]
    fn an_integer_is_big_only_beyond_64_bits() {
        assert_eq!(Value::from(5_u128), Value::Int(5));
        assert_eq!(Value::from(BigInt::from(5_i64)), Value::Int(5));
        assert!(matches!(Value::from(1_u64 << 63), Value::BigInt(_)));
    }
}
