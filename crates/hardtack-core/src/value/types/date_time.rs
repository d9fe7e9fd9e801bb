use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::http_date::HttpDate;
use crate::value::python_json::date_parse::{self, Parsed};
use crate::{Error, ErrorKind};

/// The newtype name by which this crate's serializer recognizes a datetime.
pub(crate) const NAME: &str = "$hardtack::DateTime";

/// A date and time in UTC, to the second, in the years 1 to 9999. On the wire, it is Python's `datetime` with the tag
/// `" d"`.
///
/// The text is an HTTP date (RFC 9110, section 5.6.7); other formats receive the same text as a string. Years are read
/// by Python's rule: years below 69 are read as 2000 to 2068, and years from 69 to 99 as 1969 to 1999.
///
/// A datetime can also be read as a [`SystemTime`], and a `SystemTime` that serde wrote can be read as a datetime.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use hardtack_core::value::{DateTime, from_text, to_text};
///
/// let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// let text = to_text(&DateTime::from(time))?;
/// assert_eq!(text, r#"{" d":"Tue, 14 Nov 2023 22:13:20 GMT"}"#);
/// assert_eq!(SystemTime::from(from_text::<DateTime>(&text)?), time);
/// # Ok::<(), hardtack_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DateTime(HttpDate);

impl DateTime {
    /// Creates the datetime that is `seconds` after the start of 1970, or before it if `seconds` is negative.
    ///
    /// # Errors
    ///
    /// Returns an error if the time is outside the years 1 to 9999, which is Python's range.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, Error> {
        let date = HttpDate::from_unix(seconds);
        date.map(Self)
            .ok_or_else(|| Error::new(ErrorKind::Value, "a datetime must be in the years 1 to 9999"))
    }

    pub(crate) const fn at(date: HttpDate) -> Self {
        Self(date)
    }

    /// Returns the number of seconds since the start of 1970, which is negative for earlier times.
    pub const fn unix_seconds(self) -> i64 {
        self.0.unix()
    }
}

/// Truncates to whole seconds. A time outside the years 1 to 9999 becomes the nearest time in this range.
impl From<SystemTime> for DateTime {
    fn from(time: SystemTime) -> Self {
        let nearest = if time < UNIX_EPOCH { HttpDate::FIRST } else { HttpDate::LAST };
        Self(HttpDate::from_time(time).unwrap_or(nearest))
    }
}

/// A time that the platform's clock cannot represent (on Windows, before 1601) becomes the start of 1970.
impl From<DateTime> for SystemTime {
    fn from(moment: DateTime) -> Self {
        let seconds = moment.unix_seconds();
        let distance = Duration::from_secs(seconds.unsigned_abs());
        let time =
            if seconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
        time.unwrap_or(UNIX_EPOCH)
    }
}

/// Formats the HTTP date.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text())
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NAME, &self.to_string())
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NAME, DateTimeVisitor)
    }
}

struct DateTimeVisitor;

impl<'de> Visitor<'de> for DateTimeVisitor {
    type Value = DateTime;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a datetime")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<DateTime, D::Error> {
        deserializer.deserialize_str(self)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<DateTime, E> {
        let date = match date_parse::parse(text) {
            Parsed::Date(local) => local.in_utc(),
            Parsed::Unreadable | Parsed::OutOfRange => None,
        };
        date.map(DateTime::at).ok_or_else(|| E::custom("expected a datetime, found another string"))
    }

    /// Reads the form in which serde writes a [`SystemTime`].
    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<DateTime, A::Error> {
        SystemTime::deserialize(MapAccessDeserializer::new(members)).map(DateTime::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_date::{FIRST, LAST};

    #[test]
    fn prints_an_http_date() {
        for (seconds, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_704_164_645, "Tue, 02 Jan 2024 03:04:05 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (FIRST, "Mon, 01 Jan 0001 00:00:00 GMT"),
            (LAST, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(DateTime::from_unix_seconds(seconds).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_system_time_keeps_its_whole_seconds() {
        let half_past = UNIX_EPOCH + Duration::from_millis(1500);
        assert_eq!(DateTime::from(half_past).unix_seconds(), 1);
        let half_before = UNIX_EPOCH - Duration::from_millis(500);
        assert_eq!(DateTime::from(half_before).unix_seconds(), -1);
        let moment = DateTime::from_unix_seconds(-3_000_000_000).unwrap();
        assert_eq!(DateTime::from(SystemTime::from(moment)), moment);
    }

    #[test]
    fn moments_outside_pythons_years_are_refused() {
        assert!(DateTime::from_unix_seconds(FIRST - 1).is_err());
        assert!(DateTime::from_unix_seconds(LAST + 1).is_err());
    }

    #[test]
    fn datetimes_and_system_times_are_read_as_each_other() {
        use crate::value::{from_text, to_text};
        let moment = DateTime::from_unix_seconds(1_700_000_000).unwrap();
        let time = SystemTime::from(moment);
        let half_past = time + Duration::from_millis(500);
        assert_eq!(from_text::<SystemTime>(&to_text(&moment).unwrap()).unwrap(), time);
        assert_eq!(from_text::<DateTime>(&to_text(&half_past).unwrap()).unwrap(), moment);
        assert_eq!(from_text::<SystemTime>(&to_text(&half_past).unwrap()).unwrap(), half_past);
        let list = to_text(&[moment, moment]).unwrap();
        assert_eq!(from_text::<Vec<Option<SystemTime>>>(&list).unwrap(), [Some(time), Some(time)]);
        let before = DateTime::from_unix_seconds(-1).unwrap();
        let error = from_text::<SystemTime>(&to_text(&before).unwrap()).unwrap_err();
        assert!(error.to_string().contains("DateTime"), "{error}");
        assert!(from_text::<DateTime>(r#"{"a":1}"#).is_err());
        assert!(from_text::<SystemTime>(r#"{" d":"no date"}"#).is_err());
    }
}
