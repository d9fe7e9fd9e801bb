use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A duration, given on the command line as a number with a unit (`90s`, `15m`, `12h`, `30d`, or `4w`) or as a number
/// of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span(pub(crate) Duration);

const UNITS: [(char, u64, &str); 5] = [
    ('w', 7 * 86_400, "weeks"),
    ('d', 86_400, "days"),
    ('h', 3600, "hours"),
    ('m', 60, "minutes"),
    ('s', 1, "seconds"),
];

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letter = text.chars().last().filter(char::is_ascii_alphabetic);
        let unit = match letter {
            None => Some(1),
            Some(letter) => UNITS.iter().find(|unit| unit.0 == letter).map(|unit| unit.1),
        };
        let digits = &text[..text.len() - letter.map_or(0, char::len_utf8)];
        let number: Option<u64> = digits.parse().ok();
        number
            .zip(unit)
            .and_then(|(number, unit)| number.checked_mul(unit))
            // A span of more than a thousand years is a mistake, and adding it to a time could overflow.
            .filter(|seconds| *seconds <= 1000 * 366 * 86_400)
            .map(|seconds| Self(Duration::from_secs(seconds)))
            .ok_or("use a number with a unit, such as `90s`, `15m`, `12h`, `30d`, or `4w`")
    }
}

/// Formats the span in days, hours, minutes, or seconds: in the largest of these units that gives at least two, rounded
/// down.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let unit = UNITS[1..].iter().find(|unit| seconds >= 2 * unit.1);
        match (seconds, unit) {
            (_, Some((_, unit, name))) => write!(f, "{} {name}", seconds / unit),
            (1, None) => f.write_str("1 second"),
            (_, None) => write!(f, "{seconds} seconds"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_with_their_units() {
        for (text, seconds) in
            [("90", 90), ("90s", 90), ("15m", 900), ("12h", 43_200), ("30d", 2_592_000), ("1w", 604_800)]
        {
            assert_eq!(text.parse(), Ok(Span(Duration::from_secs(seconds))), "{text}");
        }
        for text in ["", "d", "-1d", "1y", "1.5h", "99999999999999999999", "9999999d", "3ä"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn spans_are_shown_in_one_unit() {
        for (seconds, text) in [(0, "0 seconds"), (1, "1 second"), (119, "119 seconds"), (120, "2 minutes")] {
            assert_eq!(Span(Duration::from_secs(seconds)).to_string(), text);
        }
        assert_eq!(Span(Duration::from_secs(31 * 86_400)).to_string(), "31 days");
    }
}
