use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::date_parse::{self, Parsed};
use crate::{Error, ErrorKind};

/// The newtype name by which our own serializer knows a datetime.
pub(super) const NAME: &str = "$hardtack::DateTime";

const DAY: i64 = 86_400;
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A moment in UTC, to the second, in the years 1 to 9999: Python's `datetime` as a session keeps it, tagged `" d"`.
///
/// On the wire and in other formats it is an HTTP date (RFC 9110, section 5.6.7). Reading one takes Python's rule for
/// short years: a year under 69 comes back in the 2000s, one from 69 to 99 in the 1900s.
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
pub struct DateTime(i64);

impl DateTime {
    /// The moment so many seconds after the start of 1970 (before it, if negative).
    ///
    /// # Errors
    ///
    /// Moments outside the years 1 to 9999 are an error: Python has none.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, Error> {
        if (FIRST..=LAST).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(Error::new(ErrorKind::Value, "a datetime lies in the years 1 to 9999"))
        }
    }

    /// Seconds since the start of 1970, negative before it.
    pub const fn unix_seconds(self) -> i64 {
        self.0
    }
}

/// Parts of a second are dropped; moments outside the years 1 to 9999 become the nearest one inside.
impl From<SystemTime> for DateTime {
    fn from(time: SystemTime) -> Self {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap_or(LAST),
            Err(before) => {
                let before = before.duration();
                let whole = i64::try_from(before.as_secs()).unwrap_or(-FIRST);
                -whole - i64::from(before.subsec_nanos() > 0)
            }
        };
        Self(seconds.clamp(FIRST, LAST))
    }
}

/// A moment that the platform's clock cannot express (on Windows, before 1601) becomes the start of 1970.
impl From<DateTime> for SystemTime {
    fn from(moment: DateTime) -> Self {
        let distance = Duration::from_secs(moment.0.unsigned_abs());
        let time =
            if moment.0 < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
        time.unwrap_or(UNIX_EPOCH)
    }
}

/// The HTTP date.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0.div_euclid(DAY);
        let weekday = WEEKDAYS[(days + 3).rem_euclid(7) as usize];
        let (year, month, day) = civil_from_days(days);
        let month = MONTHS[month as usize - 1];
        let (hour, minute, second) = time_of_day(self.0);
        write!(f, "{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
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
        match date_parse::parse(text) {
            Parsed::Date(date) => Ok(date),
            Parsed::Unreadable | Parsed::OutOfRange => {
                Err(E::custom("expected a datetime, found other text"))
            }
        }
    }
}

fn time_of_day(seconds: i64) -> (i64, i64, i64) {
    let seconds = seconds.rem_euclid(DAY);
    (seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Days since 1970 to year, month and day, by counting whole eras of 400 years from a year that begins in March.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + 400 * days.div_euclid(146_097) + i64::from(month <= 2);
    (year, month, day)
}

/// Year, month and day, which have to exist, to days since 1970.
pub(super) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    year.div_euclid(400) * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_convert_both_ways() {
        for days in (FIRST / DAY..=LAST / DAY).step_by(97) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(civil_from_days(FIRST / DAY), (1, 1, 1));
        assert_eq!(civil_from_days(LAST / DAY), (9999, 12, 31));
        assert_eq!(civil_from_days(days_from_civil(2024, 2, 28) + 1), (2024, 2, 29));
        assert_eq!(civil_from_days(days_from_civil(1900, 2, 28) + 1), (1900, 3, 1));
    }

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
}
