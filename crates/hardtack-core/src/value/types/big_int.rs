use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::value::MAX_DIGITS;
use crate::{Error, ErrorKind};

/// The newtype name by which this crate's serializer and deserializer recognize a big integer.
pub(crate) const NAME: &str = "$hardtack::BigInt";

/// An integer of any size, as decimal digits. Python sessions can contain integers of more than 64 bits.
///
/// A `BigInt` supports storage and comparison, but no arithmetic: convert it to the number type of your choice. In a
/// session, it is a plain JSON integer; other formats receive its digits as a string.
///
/// ```
/// use hardtack_core::value::{BigInt, from_text, to_text};
///
/// let big: BigInt = "340282366920938463463374607431768211456".parse()?;
/// assert_eq!(to_text(&big)?, "340282366920938463463374607431768211456");
/// assert!(from_text::<u128>(&to_text(&big)?).is_err(), "two to the power of 128 is one too many");
/// # Ok::<(), hardtack_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BigInt(Box<str>);

impl BigInt {
    /// Returns the decimal digits, with a `-` before a negative number and without leading zeros.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Creates a number from digits that are known to be canonical.
    pub(crate) fn from_canonical(digits: &str) -> Self {
        Self(digits.into())
    }

    /// Returns the number if it fits in 64 bits.
    pub(crate) fn to_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }
}

/// Parses decimal digits.
///
/// # Errors
///
/// Returns an error unless the text is an optional `-` or `+` and 1 to 4300 decimal digits.
impl FromStr for BigInt {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::new(ErrorKind::Value, "an integer must be written in decimal digits"));
        }
        if digits.len() > MAX_DIGITS {
            return Err(Error::new(
                ErrorKind::Value,
                "an integer cannot have more than 4300 digits, which is Python's limit",
            ));
        }
        Ok(match (digits.trim_start_matches('0'), negative) {
            ("", _) => Self("0".into()),
            (digits, true) => Self(format!("-{digits}").into()),
            (digits, false) => Self(digits.into()),
        })
    }
}

macro_rules! from_integer {
    ($($integer:ty)*) => {$(
        impl From<$integer> for BigInt {
            fn from(number: $integer) -> Self {
                Self(number.to_string().into())
            }
        }
    )*};
}
from_integer!(i64 u64 i128 u128);

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for BigInt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NAME, &*self.0)
    }
}

impl<'de> Deserialize<'de> for BigInt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NAME, BigIntVisitor)
    }
}

struct BigIntVisitor;

impl<'de> Visitor<'de> for BigIntVisitor {
    type Value = BigInt;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<BigInt, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_i64<E>(self, number: i64) -> Result<BigInt, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<BigInt, E> {
        Ok(number.into())
    }

    fn visit_i128<E>(self, number: i128) -> Result<BigInt, E> {
        Ok(number.into())
    }

    fn visit_u128<E>(self, number: u128) -> Result<BigInt, E> {
        Ok(number.into())
    }

    fn visit_str<E: serde::de::Error>(self, digits: &str) -> Result<BigInt, E> {
        digits.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_become_canonical() {
        for (text, canonical) in [("007", "7"), ("-0", "0"), ("+12", "12"), ("-0012", "-12"), ("0", "0")] {
            assert_eq!(text.parse::<BigInt>().unwrap().as_str(), canonical);
        }
        for text in ["", "-", "1.0", "0x1", " 1", "1_0", "--1"] {
            assert!(text.parse::<BigInt>().is_err(), "{text}");
        }
    }

    #[test]
    fn pythons_limit_of_digits_holds_both_ways() {
        let longest = "9".repeat(MAX_DIGITS);
        assert!(longest.parse::<BigInt>().is_ok());
        assert!(format!("-{longest}").parse::<BigInt>().is_ok());
        assert!(format!("{longest}9").parse::<BigInt>().is_err());
    }

    #[test]
    fn other_formats_get_the_digits_as_text() {
        let big = BigInt::from(u128::MAX);
        let json = serde_json::to_string(&big).unwrap();
        assert_eq!(json, "\"340282366920938463463374607431768211455\"");
        assert_eq!(serde_json::from_str::<BigInt>(&json).unwrap(), big);
        assert_eq!(serde_json::from_str::<BigInt>("12").unwrap(), BigInt::from(12_i64));
    }
}
