use std::time::{Duration, SystemTime};

use hardtack_core::cookie::days_from_civil;

/// Parses a date as browsers parse `Expires`: a time, a day, a month, and a year, in any order in which a two-digit
/// year follows the day (RFC 6265bis, section 5.1.1). Other words are ignored. Returns `None` if one of the four is
/// missing, or if the date does not exist or is before 1601.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use hardtack_jar::cookie_date;
///
/// let day = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
/// assert_eq!(cookie_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(day));
/// assert_eq!(cookie_date("08:49:37 on the 6th of november, 94"), Some(day));
/// assert_eq!(cookie_date("30 Feb 2024 00:00:00"), None);
/// ```
///
/// Time zones are ignored: every date is read as UTC.
pub fn cookie_date(text: impl AsRef<[u8]>) -> Option<SystemTime> {
    let seconds = unix_seconds(text.as_ref())?;
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    }
}

/// Like [`cookie_date`], but returns seconds since the Unix epoch.
pub(crate) fn unix_seconds(text: &[u8]) -> Option<i64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(|&byte| is_delimiter(byte)).filter(|token| !token.is_empty()) {
        // Each token fills the first empty field that it matches, in the following order.
        if time.is_none() {
            time = read_time(token);
            if time.is_some() {
                continue;
            }
        }
        if day.is_none() {
            day = read_number(token, 1, 2);
            if day.is_some() {
                continue;
            }
        }
        if month.is_none() {
            month = read_month(token);
            if month.is_some() {
                continue;
            }
        }
        if year.is_none() {
            year = read_number(token, 2, 4);
        }
    }
    moment(time?, day?, month?, year?)
}

fn moment([hour, minute, second]: [i64; 3], day: i64, month: i64, year: i64) -> Option<i64> {
    let year = match year {
        70..=99 => year + 1900,
        0..=69 => year + 2000,
        _ => year,
    };
    let exists = year >= 1601
        && (1..=days_in_month(year, month)).contains(&day)
        && hour <= 23
        && minute <= 59
        && second <= 59;
    exists.then(|| days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2F | 0x3B..=0x40 | 0x5B..=0x60 | 0x7B..=0x7E)
}

/// Parses `1*2DIGIT ":" 1*2DIGIT ":" 1*2DIGIT`. Returns `None` if another digit follows.
fn read_time(token: &[u8]) -> Option<[i64; 3]> {
    let mut rest = token;
    let mut fields = [0; 3];
    for (index, field) in fields.iter_mut().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(b":")?;
        }
        (*field, rest) = leading_number(rest, 1, 2)?;
    }
    (!rest.first().is_some_and(u8::is_ascii_digit)).then_some(fields)
}

/// Parses a number with `least` to `most` digits. Returns `None` if another digit follows.
fn read_number(token: &[u8], least: usize, most: usize) -> Option<i64> {
    let (number, rest) = leading_number(token, least, most)?;
    (!rest.first().is_some_and(u8::is_ascii_digit)).then_some(number)
}

fn read_month(token: &[u8]) -> Option<i64> {
    const MONTHS: [&[u8; 3]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let start = token.get(..3)?;
    let index = MONTHS.iter().position(|month| start.eq_ignore_ascii_case(*month))?;
    i64::try_from(index + 1).ok()
}

/// Parses up to `most` leading digits, and returns the number and the remaining bytes. Returns `None` if there are
/// fewer than `least` digits.
fn leading_number(text: &[u8], least: usize, most: usize) -> Option<(i64, &[u8])> {
    let digits = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    let number = number.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    (digits >= least).then_some((number, rest))
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tue, 10 Nov 2020 09:08:07 GMT.
    const MOMENT: i64 = 1_604_999_287;

    #[test]
    fn parts_come_in_any_order_with_anything_between() {
        for text in [
            "Tue, 10 Nov 2020 09:08:07 GMT",
            "10 November 2020 9:8:7",
            "2020-Nov-10-09:08:07",
            "09:08:07 Nov 10 20",
            "09:08:07x 10th Nov. 2020AD",
            "\"10\"nov\"2020\"09:08:07\"",
            "10 Nov 2020 09:08:07 +0100",
            "Tue,10/Nov/2020;09:08:07",
        ] {
            assert_eq!(unix_seconds(text.as_bytes()), Some(MOMENT), "{text}");
        }
    }

    #[test]
    fn each_part_is_found_once_and_must_be_there() {
        // The 5 is not a day, because the day is already known, and not a year, because a year has at least two digits.
        assert_eq!(unix_seconds(b"10 Nov 5 09:08:07"), None);
        assert_eq!(unix_seconds(b"10 Nov 09:08:07"), None);
        assert_eq!(unix_seconds(b"Nov 2020 09:08:07"), None);
        assert_eq!(unix_seconds(b"10 2020 09:08:07"), None);
        assert_eq!(unix_seconds(b"10 Nov 2020"), None);
        assert_eq!(unix_seconds(b""), None);
        assert_eq!(unix_seconds(b"10 Nov 2020 09:08:07 11 Dec 2021 10:11:12"), Some(MOMENT));
    }

    #[test]
    fn digits_directly_behind_a_part_spoil_it() {
        assert_eq!(unix_seconds(b"10 Nov 2020 09:08:071"), None);
        assert_eq!(unix_seconds(b"10 Nov 20201 09:08:07"), None);
        assert_eq!(unix_seconds(b"10 Nov 2020 09:08"), None);
    }

    #[test]
    fn the_delimiters_are_a_fixed_set() {
        for byte in 0..=u8::MAX {
            let text = [b"10 Nov 2020".as_slice(), &[byte], b"09:08:07"].concat();
            let delimits = matches!(byte, 0x09 | 0x20..=0x2F | 0x3B..=0x40 | 0x5B..=0x60 | 0x7B..=0x7E);
            assert_eq!(unix_seconds(&text).is_some(), delimits, "{byte:#x}");
        }
    }

    #[test]
    fn two_digits_of_a_year_lie_between_1970_and_2069() {
        for (year, whole) in
            [("70", 1970), ("99", 1999), ("00", 2000), ("69", 2069), ("0069", 2069), ("100", 0)]
        {
            let text = format!("1 Jan {year} 00:00:00");
            let expected = (whole > 0).then(|| days_from_civil(whole, 1, 1) * 86_400);
            assert_eq!(unix_seconds(text.as_bytes()), expected, "{year}");
        }
    }

    #[test]
    fn only_moments_that_exist_are_dates() {
        let ok = |text: &str| unix_seconds(text.as_bytes()).is_some();
        assert!(ok("1 Jan 1601 00:00:00") && !ok("31 Dec 1600 23:59:59"));
        assert!(ok("31 Dec 9999 23:59:59"));
        assert!(ok("29 Feb 2024 00:00:00") && !ok("29 Feb 2023 00:00:00"));
        assert!(ok("29 Feb 2000 00:00:00") && !ok("29 Feb 1900 00:00:00"));
        assert!(!ok("31 Apr 2024 00:00:00") && !ok("0 Apr 2024 00:00:00") && !ok("32 May 2024 00:00:00"));
        assert!(!ok("1 Jan 2024 24:00:00") && !ok("1 Jan 2024 00:60:00") && !ok("1 Jan 2024 00:00:60"));
    }
}
