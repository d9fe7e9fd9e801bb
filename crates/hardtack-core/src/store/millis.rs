use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// For store authors: converts a time to whole milliseconds since 1970, as most databases store it. Earlier times are
/// negative. The result is rounded down.
///
/// ```
/// use hardtack_core::store::{from_millis, millis};
/// use std::time::{Duration, SystemTime};
///
/// let time = SystemTime::UNIX_EPOCH + Duration::from_micros(1_999);
/// assert_eq!(millis(time), 1);
/// assert_eq!(from_millis(1), SystemTime::UNIX_EPOCH + Duration::from_millis(1));
/// ```
#[must_use]
pub fn millis(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => {
            let nanos = before.duration().as_nanos();
            i64::try_from(nanos.div_ceil(1_000_000)).map_or(i64::MIN, |millis| -millis)
        }
    }
}

/// For store authors: converts the result of [`millis`] back to a time. A number that no `SystemTime` can represent is
/// converted to the start of 1970. [`millis`] never returns such a number.
#[must_use]
pub fn from_millis(millis: i64) -> SystemTime {
    let distance = Duration::from_millis(millis.unsigned_abs());
    let time = if millis < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
    time.unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back_rounded_down_to_the_millisecond() {
        for (written, read) in [
            (UNIX_EPOCH, UNIX_EPOCH),
            (UNIX_EPOCH + Duration::from_nanos(1_999_999), UNIX_EPOCH + Duration::from_millis(1)),
            (UNIX_EPOCH - Duration::from_nanos(1), UNIX_EPOCH - Duration::from_millis(1)),
            (UNIX_EPOCH - Duration::from_secs(9), UNIX_EPOCH - Duration::from_secs(9)),
        ] {
            assert_eq!(from_millis(millis(written)), read);
        }
    }

    #[test]
    fn a_number_that_was_never_written_is_a_time_all_the_same() {
        for number in [i64::MIN, i64::MAX] {
            assert!(millis(from_millis(number)).unsigned_abs() <= number.unsigned_abs());
        }
    }
}
