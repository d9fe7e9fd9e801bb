//! Functions that format numbers, times, and long strings for display.

use std::time::{SystemTime, UNIX_EPOCH};

/// Formats a number with its noun, as in "2 bytes".
pub(crate) fn count(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{s}")
}

/// Converts a time to milliseconds since 1970.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Formats the remaining time in its two largest units, as in "23 h 12 min". If no time remains, returns "expired".
pub(crate) fn duration_text(seconds: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    if seconds == 0 {
        return "expired".to_owned();
    }
    let at = UNITS.iter().position(|(_, size)| seconds >= *size).unwrap_or(UNITS.len() - 1);
    let (unit, size) = UNITS[at];
    let first = format!("{} {unit}", seconds / size);
    match UNITS.get(at + 1) {
        Some((smaller, size_of)) if seconds % size / size_of > 0 => {
            format!("{first} {} {smaller}", seconds % size / size_of)
        }
        _ => first,
    }
}

/// Formats a time as hours, minutes, and seconds in UTC.
pub(crate) fn clock_time(time: SystemTime) -> String {
    let seconds = millis(time) / 1000;
    format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

/// Shortens a string to the given number of characters, and replaces the rest with an ellipsis.
pub(crate) fn shorten(text: &str, max_chars: usize) -> String {
    let mut shown: String = text.chars().take(max_chars).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn duration_is_written_in_its_two_largest_units() {
        for (seconds, expected) in [
            (0, "expired"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min 59 s"),
            (86_399, "23 h 59 min"),
            (30 * 86_400, "30 d"),
        ] {
            assert_eq!(duration_text(seconds), expected);
        }
        assert_eq!(clock_time(UNIX_EPOCH + Duration::from_secs(86_400 + 3_661)), "01:01:01");
    }
}
