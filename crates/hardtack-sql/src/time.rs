use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Whole milliseconds since 1970, negative before it; rounded down.
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

/// The time that [`millis`] wrote. A number that no `SystemTime` can hold, which it never wrote, reads as 1970.
#[must_use]
pub fn time(millis: i64) -> SystemTime {
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
            assert_eq!(time(millis(written)), read);
        }
    }
}
