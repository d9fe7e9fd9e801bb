use std::time::{Duration, SystemTime};

/// A time that an HTTP date can represent: a whole second in the years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct HttpDate(i64);

pub(crate) const FIRST: i64 = -62_135_596_800;
pub(crate) const LAST: i64 = 253_402_300_799;
const DAY: i64 = 86_400;

/// Formats a time as an HTTP date, such as `Thu, 01 Jan 1970 00:00:00 GMT` (RFC 9110, section 5.6.7). Returns `None`
/// outside the years 1 to 9999.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use hardtack_core::cookie::http_date;
///
/// let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// assert_eq!(http_date(time).as_deref(), Some("Tue, 14 Nov 2023 22:13:20 GMT"));
/// ```
pub fn http_date(time: SystemTime) -> Option<String> {
    HttpDate::from_time(time).map(HttpDate::text)
}

impl HttpDate {
    /// The first second of the year 1.
    pub(crate) const FIRST: Self = Self(FIRST);

    /// The last second of the year 9999.
    pub(crate) const LAST: Self = Self(LAST);

    /// The start of 1601. Browsers ignore an `Expires` attribute with an earlier date (RFC 6265bis, section 5.1.1).
    pub(crate) const FIRST_FOR_BROWSERS: Self = Self(-11_644_473_600);

    /// Rounds a time down to the second. Returns `None` outside the years 1 to 9999.
    pub(crate) fn from_time(time: SystemTime) -> Option<Self> {
        let seconds = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).ok()?,
            Err(before) => {
                let before = before.duration();
                let up = i64::from(before > Duration::from_secs(before.as_secs()));
                i64::try_from(before.as_secs()).ok()?.checked_neg()?.checked_sub(up)?
            }
        };
        Self::from_unix(seconds)
    }

    /// Converts from seconds since the Unix epoch. Returns `None` outside the years 1 to 9999.
    pub(crate) fn from_unix(seconds: i64) -> Option<Self> {
        (FIRST..=LAST).contains(&seconds).then_some(Self(seconds))
    }

    /// Returns the number of seconds since the Unix epoch.
    pub(crate) const fn unix(self) -> i64 {
        self.0
    }

    /// Formats the date as an IMF-fixdate (RFC 9110, section 5.6.7), as RFC 6265bis, section 4.1.1 requires.
    pub(crate) fn text(self) -> String {
        const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let days = self.0.div_euclid(DAY);
        let second = self.0.rem_euclid(DAY);
        let (year, month, day) = civil_from_days(days);
        let mut text = String::with_capacity("Thu, 01 Jan 1970 00:00:00 GMT".len());
        text.push_str(WEEKDAYS[days.rem_euclid(7) as usize]);
        text.push_str(", ");
        push_two_digits(&mut text, day);
        text.push(' ');
        text.push_str(MONTHS[month as usize]);
        text.push(' ');
        push_two_digits(&mut text, year / 100);
        push_two_digits(&mut text, year % 100);
        for (separator, number) in [(' ', second / 3_600), (':', second / 60 % 60), (':', second % 60)] {
            text.push(separator);
            push_two_digits(&mut text, number);
        }
        text.push_str(" GMT");
        text
    }
}

fn push_two_digits(text: &mut String, number: i64) {
    for digit in [number / 10, number % 10] {
        text.push(char::from(b'0' + digit as u8));
    }
}

/// Returns the year, month (0 to 11), and day (1 to 31) of a day counted from the start of 1970.
///
/// The computation uses years that start in March, so that the leap day comes last. The calendar repeats every 400
/// years.
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    const DAYS_BEFORE_1970: i64 = 719_468;
    let days = days + DAYS_BEFORE_1970;
    let cycle = days.div_euclid(146_097);
    let in_cycle = days.rem_euclid(146_097);
    let year = (in_cycle - in_cycle / 1_460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let in_year = in_cycle - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    let wrapped = i64::from(month >= 10);
    (400 * cycle + year + wrapped, (month + 2) % 12, day)
}

/// Returns the number of days from the start of 1970 to a valid calendar date. Month and day are counted from 1.
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    year.div_euclid(400) * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> String {
        HttpDate::from_unix(seconds).expect("in range").text()
    }

    #[test]
    fn well_known_moments_are_written() {
        assert_eq!(at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(at(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(at(1_709_164_800), "Thu, 29 Feb 2024 00:00:00 GMT");
        assert_eq!(at(4_107_542_400), "Mon, 01 Mar 2100 00:00:00 GMT");
        assert_eq!(at(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
        assert_eq!(HttpDate::FIRST_FOR_BROWSERS.text(), "Mon, 01 Jan 1601 00:00:00 GMT");
    }

    #[test]
    fn the_years_1_to_9999_are_the_range() {
        assert_eq!(at(FIRST), "Mon, 01 Jan 0001 00:00:00 GMT");
        assert_eq!(at(LAST), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(HttpDate::from_unix(FIRST - 1), None);
        assert_eq!(HttpDate::from_unix(LAST + 1), None);
    }

    #[test]
    fn times_are_rounded_down() {
        let half = Duration::from_millis(500);
        assert_eq!(HttpDate::from_time(SystemTime::UNIX_EPOCH + half), Some(HttpDate(0)));
        assert_eq!(HttpDate::from_time(SystemTime::UNIX_EPOCH - half), Some(HttpDate(-1)));
        assert_eq!(HttpDate::from_time(SystemTime::UNIX_EPOCH - half * 2), Some(HttpDate(-1)));
    }

    #[test]
    fn days_follow_each_other() {
        let mut before = civil_from_days(FIRST / DAY - 1);
        for days in FIRST / DAY..=LAST / DAY {
            let (year, month, day) = civil_from_days(days);
            let next_day = (before.0, before.1, before.2 + 1) == (year, month, day);
            let next_month = before.2 >= 28 && (before.0, before.1 + 1, 1) == (year, month, day);
            let next_year = (before.1, before.2) == (11, 31) && (before.0 + 1, 0, 1) == (year, month, day);
            assert!(next_day || next_month || next_year, "{before:?} then {:?}", (year, month, day));
            before = (year, month, day);
        }
        assert_eq!(before, (9999, 11, 31));
    }

    #[test]
    fn days_convert_both_ways() {
        for days in (FIRST / DAY..=LAST / DAY).step_by(97) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month + 1, day), days);
        }
        assert_eq!(civil_from_days(days_from_civil(2024, 2, 28) + 1), (2024, 1, 29));
        assert_eq!(civil_from_days(days_from_civil(1900, 2, 28) + 1), (1900, 2, 1));
    }
}
