use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack::inspect::{BackendKind, LayerInfo, Timestamps};
use serde::Serialize;

/// A lifetime of a session, and the time that remains of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RemainingLifetime {
    /// The title, such as `Ends if not used`.
    pub title: &'static str,
    /// The full length in seconds.
    pub seconds: u64,
    /// The remaining time in seconds.
    pub left: u64,
    /// When it expires, in milliseconds since 1970.
    pub until: u64,
    /// The remaining time as text, such as `23 h 12 min`.
    pub text: String,
}

/// Returns the lifetimes of a session at `now`, by its layer's clock.
pub(crate) fn remaining_lifetimes(
    layer: &LayerInfo,
    timestamps: &Timestamps,
    now: SystemTime,
) -> Vec<RemainingLifetime> {
    let first = match layer.kind {
        BackendKind::Stored => ("Ends if it is not used", layer.idle),
        _ => ("Ends if it is not written", layer.max_age),
    };
    let second = ("Ends in any case", layer.absolute);
    let ends = [(first, timestamps.expires_at), (second, timestamps.deadline)];
    let lifetimes = ends
        .into_iter()
        .filter_map(|((title, total), until)| Some(remaining_lifetime(title, total?, until?, now)));
    lifetimes.collect()
}

fn remaining_lifetime(
    title: &'static str,
    total: Duration,
    until: SystemTime,
    now: SystemTime,
) -> RemainingLifetime {
    let left = until.duration_since(now).unwrap_or_default().as_secs();
    RemainingLifetime {
        title,
        seconds: total.as_secs().max(left),
        left,
        until: millis(until),
        text: duration_text(left),
    }
}

/// Returns the milliseconds since 1970.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Formats a duration in its two largest units, as in "23 h 12 min".
pub(crate) fn duration_text(seconds: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    if seconds == 0 {
        return "over".to_owned();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_is_written_in_its_two_largest_units() {
        for (seconds, expected) in [
            (0, "over"),
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
