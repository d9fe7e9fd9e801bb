use std::time::{Duration, SystemTime};

use hardtack_core::store::millis;

/// The time for which Redis keeps a record, which ends some time after the record expires. The duration is computed
/// from the times in the record, so the clocks of Redis and the application may differ.
///
/// Updating an expiry costs Redis as much as writing the record. The end of the duration is therefore rounded up to a
/// step, which is at most a sixteenth of the session's remaining time. A record is kept for up to one step longer than
/// necessary, and its expiry in Redis is updated only when the rounded end changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ttl {
    /// The rounded end of the duration by the application's clock, in milliseconds since 1970.
    pub(crate) until: i64,
    /// The duration in milliseconds. It is the same for all sessions with the same idle timeout.
    length: i64,
}

const CENTURY: i64 = 100 * 366 * 86_400_000;

impl Ttl {
    /// Computes the time for which to keep a record: from `last_seen` until `linger` after `expires_at`, plus up to one
    /// step.
    pub(crate) fn between(last_seen: SystemTime, expires_at: SystemTime, linger: Duration) -> Self {
        let from = millis(last_seen);
        let ttl = millis(expires_at).saturating_sub(from).clamp(0, CENTURY);
        let linger = i64::try_from(linger.as_millis()).unwrap_or(CENTURY).min(CENTURY);
        let step = 1 << (ttl / 16).checked_ilog2().unwrap_or(0);
        let until = from.saturating_add(ttl + linger).saturating_add(step - 1) & -step;
        Self { until, length: ttl + linger + step }
    }

    /// Returns the duration in milliseconds, as text for a Redis command.
    pub(crate) fn text(self) -> Vec<u8> {
        self.length.to_string().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn a_record_is_kept_until_it_expires_and_little_longer() {
        for seconds in [0, 1, 59, 3600, 86_400, 31 * 86_400, 400 * 86_400] {
            for seen in [0, 1, 999, 1_800_000_000_123] {
                let last_seen = UNIX_EPOCH + Duration::from_millis(seen);
                let ttl = Duration::from_secs(seconds);
                let kept = Ttl::between(last_seen, last_seen + ttl, MINUTE);
                let least = i64::try_from((ttl + MINUTE).as_millis()).unwrap();
                let most = least + i64::try_from((ttl / 16).as_millis()).unwrap();
                assert!(
                    (least..=most.max(least + 1)).contains(&kept.length),
                    "{kept:?} of {seconds} seconds"
                );
                assert!((least..=kept.length).contains(&(kept.until - millis(last_seen))), "{kept:?}");
            }
        }
    }

    #[test]
    fn a_session_in_use_rarely_changes_its_expiry() {
        let begun = UNIX_EPOCH + 20_000 * DAY;
        let untils = (0..24 * 60).map(|minute| {
            let now = begun + minute * MINUTE;
            Ttl::between(now, now + DAY, MINUTE).until
        });
        let mut untils: Vec<_> = untils.collect();
        assert!(untils.is_sorted());
        untils.dedup();
        assert!((16..=32).contains(&untils.len()), "{} times a day", untils.len());
    }

    #[test]
    fn extreme_times_do_not_panic() {
        let far = UNIX_EPOCH + Duration::from_secs(1 << 60);
        let long_ago = UNIX_EPOCH - Duration::from_secs(1 << 60);
        for (from, to) in [(far, far), (far, long_ago), (long_ago, far), (long_ago, long_ago)] {
            for linger in [Duration::ZERO, Duration::MAX] {
                let ttl = Ttl::between(from, to, linger);
                assert!((1..=3 * CENTURY).contains(&ttl.length), "{ttl:?}");
            }
        }
        let ttl = Ttl::between(UNIX_EPOCH + DAY, UNIX_EPOCH, MINUTE);
        assert_eq!(ttl.length, 60_001, "what has expired is kept from when it was seen");
    }
}
