//! Parsing dates like Python's `email.utils.parsedate_to_datetime`: RFC 5322 and many variants.

use std::fmt;

use crate::http_date::{HttpDate, civil_from_days, days_from_civil};

/// The result of parsing a date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Parsed {
    /// A date and time. If it has no zone, it is treated as UTC.
    Date(Local),
    /// Text that is not a date, for which Flask returns `None`.
    Unreadable,
    /// A date with numbers outside Python's range, for which Flask raises an exception.
    OutOfRange,
}

/// A date and time in the time zone in which it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Local {
    /// The seconds since the start of 1970, in that zone.
    seconds: i64,
    /// The offset east of UTC in seconds. Its magnitude is less than a day.
    offset: i64,
}

impl Local {
    /// Converts to UTC. Returns `None` if the result is outside the years 1 to 9999.
    pub(crate) fn in_utc(self) -> Option<HttpDate> {
        HttpDate::from_unix(self.seconds - self.offset)
    }

    pub(crate) fn offset(self) -> i64 {
        self.offset
    }

    /// Returns the year, month, day, hour, minute, and second in the original time zone.
    pub(crate) fn fields(self) -> [i64; 6] {
        let (days, second) = (self.seconds.div_euclid(86_400), self.seconds.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        [year, month + 1, day, second / 3600, second / 60 % 60, second % 60]
    }
}

/// Formats like Python's `str()` of a `datetime`.
impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second] = self.fields();
        let (sign, offset) = (if self.offset < 0 { '-' } else { '+' }, self.offset.abs() / 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")?;
        write!(f, "{sign}{:02}:{:02}", offset / 60, offset % 60)
    }
}

/// Parses a date.
pub(crate) fn parse(text: &str) -> Parsed {
    fields(text).map_or(Parsed::Unreadable, Fields::resolve)
}

/// The parts of a date, split but not converted to numbers yet.
struct Fields<'a> {
    year: &'a str,
    month: i64,
    day: &'a str,
    hour: &'a str,
    minute: &'a str,
    second: &'a str,
    zone: &'a str,
}

fn fields(text: &str) -> Option<Fields<'_>> {
    let mut words: Vec<&str> = text.split(is_python_space).filter(|word| !word.is_empty()).take(7).collect();
    let first = *words.first()?;
    if first.ends_with(',') || is_weekday(first) {
        words.remove(0);
    } else if let Some(comma) = first.rfind(',') {
        words[0] = &first[comma + 1..];
    }
    if let [date, time, zone] = words[..] {
        // RFC 850: the date is a single word, joined by hyphens.
        let parts: Vec<&str> = date.splitn(4, '-').collect();
        if let [day, month, year] = parts[..] {
            words = vec![day, month, year, time, zone];
        }
    }
    if let &[.., time] = &words[..]
        && words.len() == 4
    {
        match time.find('+').or_else(|| time.find('-')) {
            Some(sign) if sign > 0 => {
                words[3] = &time[..sign];
                words.push(&time[sign..]);
            }
            _ => words.push(""),
        }
    }
    let [mut day, mut month, mut year, mut time, mut zone] = *words.first_chunk()?;
    if day.is_empty() || month.is_empty() || year.is_empty() {
        return None;
    }
    let number = match month_number(month) {
        Some(number) => number,
        None => {
            (day, month) = (month, day);
            month_number(month)?
        }
    };
    day = day.strip_suffix(',').unwrap_or(day);
    if year.find(':').is_some_and(|colon| colon > 0) {
        (year, time) = (time, year);
    }
    year = year.strip_suffix(',').unwrap_or(year);
    if !year.chars().next()?.is_ascii_digit() {
        (year, zone) = (zone, year);
    }
    time = time.strip_suffix(',').unwrap_or(time);
    let (hour, minute, second) = clock(time)?;
    Some(Fields { year, month: number, day, hour, minute, second, zone })
}

fn clock(time: &str) -> Option<(&str, &str, &str)> {
    // Some programs write the time as `12.30.05`, but a colon takes precedence.
    let separator = if time.contains(':') { ':' } else { '.' };
    let parts: Vec<&str> = time.splitn(4, separator).collect();
    match parts[..] {
        [hour, minute] => Some((hour, minute, "0")),
        [hour, minute, second] => Some((hour, minute, second)),
        _ => None,
    }
}

impl Fields<'_> {
    fn resolve(self) -> Parsed {
        let numbers = [self.year, self.day, self.hour, self.minute, self.second].map(integer);
        if numbers.contains(&None) {
            return Parsed::Unreadable;
        }
        let [year, day, hour, minute, second] = numbers.map(Option::unwrap_or_default);
        let Some(offset) = offset(self.zone) else { return Parsed::OutOfRange };
        if offset.abs() >= 86_400 {
            return Parsed::Unreadable;
        }
        if [year, day, hour, minute, second].iter().any(|&number| i32::try_from(number).is_err()) {
            return Parsed::OutOfRange;
        }
        // The POSIX rule for two-digit years.
        let year = match year {
            69..=99 => year + 1900,
            ..69 => year + 2000,
            _ => year,
        };
        let exists = (1..=9999).contains(&year)
            && (1..=days_in(year, self.month)).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second);
        if !exists {
            return Parsed::Unreadable;
        }
        let seconds = days_from_civil(year, self.month, day) * 86_400 + hour * 3600 + minute * 60 + second;
        Parsed::Date(Local { seconds, offset })
    }
}

/// Returns the seconds east of UTC: 0 if the zone is missing or unknown, and `None` if it is out of range.
fn offset(zone: &str) -> Option<i64> {
    let hundreds = match zone.to_ascii_uppercase().as_str() {
        "UT" | "UTC" | "GMT" | "Z" => 0,
        "AST" => -400,
        "ADT" => -300,
        "EST" => -500,
        "EDT" => -400,
        "CST" => -600,
        "CDT" => -500,
        "MST" => -700,
        "MDT" => -600,
        "PST" => -800,
        "PDT" => -700,
        other => integer(other).unwrap_or(0),
    };
    let size = hundreds.checked_abs().filter(|&size| size < 1_000_000_000_000)?;
    Some(hundreds.signum() * (size / 100 * 3600 + size % 100 * 60))
}

/// Parses ASCII digits like Python's `int(text)`, which allows a sign, and single underscores between digits. A number
/// beyond 64 bits saturates. Returns `None` if the text is not a number.
fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut number = 0_i64;
    let mut count = 0;
    for group in digits.split('_') {
        if group.is_empty() || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        count += group.len();
        number = group
            .bytes()
            .fold(number, |number, byte| number.saturating_mul(10).saturating_add(i64::from(byte - b'0')));
    }
    (count <= crate::value::MAX_DIGITS).then_some(if negative { -number } else { number })
}

fn month_number(word: &str) -> Option<i64> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let place = NAMES
        .iter()
        .position(|name| word.eq_ignore_ascii_case(name) || word.eq_ignore_ascii_case(&name[..3]));
    place.map(|place| place as i64 + 1)
}

fn is_weekday(word: &str) -> bool {
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().any(|name| word.eq_ignore_ascii_case(name))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns whether `str.split()` splits at a character: at Unicode white space, and at the four ASCII separators.
pub(crate) fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_spellings_python_reads() {
        let at = Ok::<i64, Parsed>;
        let (unreadable, out_of_range) = (Err(Parsed::Unreadable), Err(Parsed::OutOfRange));
        for (text, expected) in [
            ("Tue, 02 Jan 2024 03:04:05 GMT", at(1_704_164_645)),
            ("Mon, 02 Jan 2024 03:04:05 GMT", at(1_704_164_645)),
            ("Tue, 02 Jan 2024 03:04:05 +0200", at(1_704_164_645 - 7200)),
            ("Tue, 02 Jan 2024 03:04:05 -0000", at(1_704_164_645)),
            ("Tue, 02 Jan 2024 03:04:05 EST", at(1_704_164_645 + 18_000)),
            ("Tue, 02 Jan 2024 03:04:05", at(1_704_164_645)),
            ("2 january 2024 03:04:05", at(1_704_164_645)),
            ("Tuesday, 02-Jan-24 03:04:05 GMT", at(1_704_164_645)),
            ("Tue Jan  2 03:04:05 2024", at(1_704_164_645)),
            ("Tue,02 Jan 2024 03.04.05", at(1_704_164_645)),
            ("Tue, 02 Jan 2024 03:04 Z", at(1_704_164_640)),
            ("Sat, 01 Jan 0069 00:00:00 GMT", at(-31_536_000)),
            ("Sat, 01 Jan 0100 00:00:00 GMT", at(-59_011_459_200)),
            ("Tue, 32 Jan 2024 03:04:05 GMT", unreadable),
            ("Tue, 02 Jan 2024 24:04:05 GMT", unreadable),
            ("Tue, 02 Jan 2024 03:04:05 +9900", unreadable),
            ("Tue, 02 Jan 99999999999 03:04:05 GMT", out_of_range),
            ("Fri, 31 Dec 9999 23:59:59 -0100", out_of_range),
            ("2024-01-02T03:04:05", unreadable),
            ("nonsense", unreadable),
            ("", unreadable),
            (" ", unreadable),
            ("x,", unreadable),
        ] {
            let parsed = match parse(text) {
                Parsed::Date(local) => local.in_utc().map(HttpDate::unix).ok_or(Parsed::OutOfRange),
                other => Err(other),
            };
            assert_eq!(parsed, expected, "{text}");
        }
    }
}
