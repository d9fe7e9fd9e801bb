//! Reads and writes times in JSON, as seconds or in ISO 8601.

use std::time::{Duration, SystemTime};

use hardtack_core::cookie::days_from_civil;
use serde_json::Value as Json;

use super::members::{Problem, is_not};
use crate::cookie::Micros;
use crate::format::parsed_file::MAX_UNIX_SECONDS;
use crate::set_cookie::cookie_date;

/// An expiration. Files contain it as seconds, in ISO 8601, or in the date format of `Set-Cookie`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Expiration {
    /// The word `session`, an empty string, or a negative number.
    Session,
    /// The number 0.
    Zero,
    At(SystemTime),
}

pub(super) fn read_expiration(name: &str, member: &Json) -> Result<Expiration, Problem> {
    match member {
        Json::Number(number) => {
            number.as_f64().map(seconds_or_session).ok_or_else(|| is_not(name, "a number of seconds"))
        }
        Json::String(text) => read_text(text.trim()).ok_or_else(|| is_not(name, "a time")),
        _ => Err(is_not(name, "a number")),
    }
}

fn seconds_or_session(seconds: f64) -> Expiration {
    if seconds < 0.0 {
        Expiration::Session
    } else if seconds == 0.0 {
        Expiration::Zero
    } else {
        Expiration::At(from_seconds(seconds))
    }
}

fn read_text(text: &str) -> Option<Expiration> {
    if text.is_empty() || text.eq_ignore_ascii_case("session") {
        return Some(Expiration::Session);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    if let Some(seconds) = is_number.then(|| text.parse().ok()).flatten() {
        return Some(seconds_or_session(seconds));
    }
    iso_8601(text).or_else(|| cookie_date(text)).map(Expiration::At)
}

/// Converts seconds since the Unix epoch, which may have a fraction. The result is capped at the end of the year 9999.
pub(super) fn from_seconds(seconds: f64) -> SystemTime {
    let micros = (seconds.clamp(0.0, MAX_UNIX_SECONDS as f64) * 1e6).round();
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros as u64)
}

pub(super) fn to_seconds(time: SystemTime) -> Json {
    let micros = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros());
    match u64::try_from(micros) {
        Ok(micros) if micros % 1_000_000 == 0 => Json::from(micros / 1_000_000),
        _ => Json::from(micros as f64 / 1e6),
    }
}

/// Returns the whole seconds since the Unix epoch, or 0 for a time before 1970.
pub(super) fn to_whole_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Parses a time such as `2024-02-29T12:00:00.123+01:00` or `2024-02-29T11:00:00Z`. Returns the Unix epoch for times
/// before 1970.
pub(super) fn iso_8601(text: &str) -> Option<SystemTime> {
    let (date, time) = text.split_once(['T', ' '])?;
    let [year, month, day] = numbers(date, '-')?;
    let (clock, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => (time, "Z"),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':')?;
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let offset = match zone.strip_prefix(['+', '-']) {
        None => 0,
        Some(zone) => {
            let [hours, minutes] = numbers(zone, ':')?;
            sign * (hours * 3_600 + minutes * 60)
        }
    };
    let fits =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    let millis: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok().filter(|_| fits)?;
    let Ok(seconds) = u64::try_from(seconds) else { return Some(SystemTime::UNIX_EPOCH) };
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds) + Duration::from_millis(millis))
}

/// Formats a time as in `2024-02-29T12:00:00.123Z`, rounded down to milliseconds. Times before 1970 or after 9999 are
/// clamped.
pub(super) fn to_iso_8601(time: SystemTime) -> String {
    let micros = Micros::of(time).0.clamp(0, MAX_UNIX_SECONDS as i64 * 1_000_000);
    let (days, rest) = (micros / 86_400_000_000, micros % 86_400_000_000 / 1_000);
    let (year, month, day) = civil_from_days(days);
    let (seconds, millis) = (rest / 1_000, rest % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// Converts days since 1970-01-01 to a date. This is the inverse of `days_from_civil`. The search for the year starts
/// from an estimate that is never too low, and goes down.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let guess = 1970 + days / 365;
    let year = (1970..=guess).rev().find(|&year| days_from_civil(year, 1, 1) <= days).unwrap_or(1970);
    let month = (1..=12).rev().find(|&month| days_from_civil(year, month, 1) <= days).unwrap_or(1);
    (year, month, days - days_from_civil(year, month, 1) + 1)
}

/// Parses exactly `N` numbers of at most four digits, with `separator` between them.
fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let mut fields = text.split(separator);
    let mut numbers = [0; N];
    for number in &mut numbers {
        let field = fields.next()?;
        let digits = (1..=4).contains(&field.len()) && field.bytes().all(|byte| byte.is_ascii_digit());
        *number = field.parse().ok().filter(|_| digits)?;
    }
    fields.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECONDS: u64 = 1_709_208_000;

    #[test]
    fn times_are_read_with_their_zone() {
        let at = |millis: u64| Some(SystemTime::UNIX_EPOCH + Duration::from_millis(SECONDS * 1_000 + millis));
        for (text, expected) in [
            ("2024-02-29T12:00:00Z", at(0)),
            ("2024-02-29T12:00:00", at(0)),
            ("2024-02-29T12:00:00.5Z", at(500)),
            ("2024-02-29T12:00:00.123456Z", at(123)),
            ("2024-02-29T13:00:00.000+01:00", at(0)),
            ("2024-02-29T06:30:00-05:30", at(0)),
            ("1969-12-31T23:59:59.000Z", Some(SystemTime::UNIX_EPOCH)),
            ("2024-02-29", None),
            ("2024-02-29T12:00", None),
            ("2024-13-29T12:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(iso_8601(text), expected, "{text}");
        }
    }

    #[test]
    fn times_come_back_as_they_were_written() {
        for seconds in [0, 59, 86_399, 951_782_400, SECONDS, 4_107_542_399, 253_402_300_799] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_millis(seconds * 1_000 + 7);
            let expected = if seconds == 253_402_300_799 { time - Duration::from_millis(7) } else { time };
            assert_eq!(iso_8601(&to_iso_8601(time)), Some(expected), "{seconds}");
        }
        assert_eq!(
            to_iso_8601(SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS)),
            "2024-02-29T12:00:00.000Z"
        );
    }

    #[test]
    fn an_expiration_has_many_forms() {
        let at = Expiration::At(SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS));
        for (member, expected) in [
            (Json::from(SECONDS), Some(at)),
            (Json::from("1709208000"), Some(at)),
            (Json::from("2024-02-29T12:00:00Z"), Some(at)),
            (Json::from("Thu, 29 Feb 2024 12:00:00 GMT"), Some(at)),
            (Json::from(-1), Some(Expiration::Session)),
            (Json::from("Session"), Some(Expiration::Session)),
            (Json::from(""), Some(Expiration::Session)),
            (Json::from(0), Some(Expiration::Zero)),
            (Json::from("soon"), None),
            (Json::from(true), None),
        ] {
            assert_eq!(read_expiration("expires", &member).ok(), expected, "{member}");
        }
    }
}
