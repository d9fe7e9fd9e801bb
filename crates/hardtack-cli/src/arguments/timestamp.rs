use std::str::FromStr;
use std::time::{Duration, SystemTime};

use hardtack::cookie::http_date;
use hardtack_jar::cookie_date;

use super::span::Span;

/// A point in time, given on the command line as seconds since 1970 or as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timestamp(pub(crate) SystemTime);

impl Timestamp {
    /// Returns the time at the given number of seconds since 1970, or `None` if it is out of range.
    pub(crate) fn unix(seconds: u64) -> Option<Self> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).map(Self)
    }

    /// Returns the number of whole seconds since 1970.
    pub(crate) fn seconds(self) -> u64 {
        self.0.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
    }

    /// Returns the date and the time in UTC, such as `2023-11-14 22:13:20`, or `after the year 9999`.
    pub(crate) fn date(self) -> String {
        // For example, `date` is `Tue, 14 Nov 2023 22:13:20 GMT`.
        let date = http_date(self.0).unwrap_or_default();
        let parts: Vec<_> = date.split(' ').collect();
        let [_, day, month, year, time, _] = parts[..] else { return "after the year 9999".to_owned() };
        let month = MONTHS.iter().position(|name| *name == month).unwrap_or_default() + 1;
        format!("{year}-{month:02}-{day} {time}")
    }

    /// Describes this time relative to `now`, such as `3 days ago` or `in 2 hours`.
    pub(crate) fn from(self, now: SystemTime) -> String {
        match (now.duration_since(self.0), self.0.duration_since(now)) {
            (Ok(ago), _) if ago < Duration::from_secs(1) => "now".to_owned(),
            (Ok(ago), _) => format!("{} ago", Span(ago)),
            (_, Ok(until)) => format!("in {}", Span(until)),
            (Err(_), Err(_)) => "now".to_owned(),
        }
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl FromStr for Timestamp {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = text.parse().ok().and_then(Self::unix);
        seconds
            .or_else(|| cookie_date(text).map(Self))
            .ok_or("use seconds since 1970 or a date, such as `1700000000` or `14 Nov 2023 22:13:20`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_read_and_shown() {
        let time: Timestamp = "1700000000".parse().unwrap();
        assert_eq!(time.date(), "2023-11-14 22:13:20");
        assert_eq!("Tue, 14 Nov 2023 22:13:20 GMT".parse(), Ok(time));
        assert_eq!(time.seconds(), 1_700_000_000);
        assert!("tomorrow".parse::<Timestamp>().is_err());
        assert_eq!(Timestamp::unix(u64::from(u32::MAX) * 100).unwrap().date(), "after the year 9999");
    }

    #[test]
    fn relative_times_are_past_or_future() {
        let time = Timestamp::unix(1000).unwrap();
        let at = |seconds| Timestamp::unix(seconds).unwrap().0;
        assert_eq!(time.from(at(1000)), "now");
        assert_eq!(time.from(at(1090)), "90 seconds ago");
        assert_eq!(time.from(at(1000 - 900)), "in 15 minutes");
    }
}
