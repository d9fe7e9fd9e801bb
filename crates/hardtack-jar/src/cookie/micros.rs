use std::time::{Duration, SystemTime};

/// A time in microseconds since the Unix epoch. It has half the size of a `SystemTime`, and fits in an atomic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Micros(pub(crate) i64);

impl Micros {
    /// Converts a time. Rounds it toward the Unix epoch, and caps its distance from the epoch at 292,000 years.
    pub(crate) fn of(time: SystemTime) -> Self {
        let count = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self(count(after)),
            Err(before) => Self(-count(before.duration())),
        }
    }

    pub(crate) fn time(self) -> SystemTime {
        let distance = Duration::from_micros(self.0.unsigned_abs());
        let time = if self.0 < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(distance)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(distance)
        };
        time.unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_come_back() {
        for micros in [0, 1, -1, 1_700_000_000_123_456, -11_644_473_600_000_000] {
            assert_eq!(Micros::of(Micros(micros).time()), Micros(micros));
        }
        assert_eq!(Micros::of(SystemTime::UNIX_EPOCH + Duration::from_nanos(1_999)), Micros(1));
    }
}
