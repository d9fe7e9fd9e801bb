use std::time::{Duration, SystemTime};

use crate::session::Record;

/// How long a stored session lives.
///
/// ```
/// use std::time::Duration;
/// use hardtack_core::session::Lifetime;
///
/// let lifetime = Lifetime::new().idle(Duration::from_secs(15 * 60));
/// assert_eq!(lifetime.idle_timeout(), Duration::from_secs(900));
/// assert_eq!(lifetime.absolute_timeout(), Duration::from_secs(30 * 24 * 3600));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    idle: Duration,
    absolute: Duration,
    touch_after: Duration,
    grace: Duration,
}

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

impl Lifetime {
    /// 24 hours idle, 30 days in all, touched at most every hour, ten seconds of grace.
    pub const fn new() -> Self {
        Self {
            idle: DAY,
            absolute: Duration::from_secs(30 * DAY.as_secs()),
            touch_after: HOUR,
            grace: Duration::from_secs(10),
        }
    }

    /// How long a session lives without being used. Default 24 hours: a working day and the night after it.
    ///
    /// It slides: each use moves it, but a use that changes nothing writes at most once per twenty-fourth of it.
    #[must_use]
    pub const fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self.touch_after = Duration::from_millis((idle.as_millis() / 24) as u64);
        self
    }

    /// How long a session lives in all, however much it is used. Default 30 days, the longest that NIST SP 800-63B
    /// advises for its lowest level.
    #[must_use]
    pub const fn absolute(mut self, absolute: Duration) -> Self {
        self.absolute = absolute;
        self
    }

    /// How long after its last noted use a session's use is noted again. Default a twenty-fourth of the idle timeout:
    /// the cost is that a session may end so much earlier, the gain that reading hardly ever writes.
    #[must_use]
    pub const fn touch_after(mut self, touch_after: Duration) -> Self {
        self.touch_after = touch_after;
        self
    }

    /// How long a request that is still under way with an old id is served after a renewal. Default ten seconds. With
    /// zero, an old id is unknown at once.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The idle timeout.
    pub const fn idle_timeout(&self) -> Duration {
        self.idle
    }

    /// The absolute timeout.
    pub const fn absolute_timeout(&self) -> Duration {
        self.absolute
    }

    /// How long after its last noted use a session's use is noted again.
    pub const fn touch_interval(&self) -> Duration {
        self.touch_after
    }

    /// The grace period after a renewal.
    pub const fn grace_period(&self) -> Duration {
        self.grace
    }

    /// When a session that begins at `now` ends in any case.
    pub fn deadline(&self, now: SystemTime) -> SystemTime {
        later(now, self.absolute)
    }

    /// When a session used at `now` ends unless it is used again.
    pub fn expires_at(&self, now: SystemTime, deadline: SystemTime) -> SystemTime {
        later(now, self.idle).min(deadline)
    }

    /// How long a record lives that a login or a renewal has made, until it has ended the one before: 60 seconds.
    ///
    /// Then it gets its full life. If the request is cut off in between, nobody has been told its id, and it expires by
    /// itself. The time does not depend on the grace period: a store may sweep between the two steps, and the two steps
    /// take as long as the store takes.
    pub const PROVISIONAL: Duration = Duration::from_secs(60);

    /// When a record made at `now` expires that nobody has been told of yet.
    pub(crate) fn provisional_until(now: SystemTime) -> SystemTime {
        later(now, Self::PROVISIONAL)
    }

    /// When a tombstone left at `now` may be swept.
    pub fn grace_ends(&self, now: SystemTime) -> SystemTime {
        later(now, self.grace)
    }

    /// Whether a use at `now` has to be noted.
    pub fn is_touch_due(&self, record: &Record, now: SystemTime) -> bool {
        let due = record.last_seen.checked_add(self.touch_after);
        now > record.last_seen && due.is_some_and(|due| due <= now)
    }
}

impl Default for Lifetime {
    fn default() -> Self {
        Self::new()
    }
}

impl Record {
    /// Whether it has ended at `now`: idle for too long, or past its deadline.
    pub fn is_expired(&self, now: SystemTime) -> bool {
        self.expires_at <= now || self.deadline <= now
    }
}

/// Far beyond any session, and within what every platform's `SystemTime` and every store can hold.
const FAR: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

fn later(now: SystemTime, by: Duration) -> SystemTime {
    now.checked_add(by.min(FAR)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Purpose;
    use std::sync::Arc;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn record(last_seen: u64, expires_at: u64, deadline: u64) -> Record {
        Record {
            purpose: Purpose::default(),
            data: Arc::from([]),
            login: None,
            label: None,
            created_at: at(0),
            last_seen: at(last_seen),
            expires_at: at(expires_at),
            deadline: at(deadline),
        }
    }

    #[test]
    fn a8_a_session_ends_at_the_second_of_its_expiry() {
        let record = record(0, 100, 1000);
        assert!(!record.is_expired(at(99)));
        assert!(record.is_expired(at(100)));
        assert!(record.is_expired(at(101)));
    }

    #[test]
    fn a9_a_session_ends_at_its_deadline_however_it_is_used() {
        let lifetime = Lifetime::new().idle(Duration::from_secs(100));
        assert_eq!(lifetime.expires_at(at(950), at(1000)), at(1000));
        assert!(record(0, 2000, 1000).is_expired(at(1000)));
    }

    #[test]
    fn a_touch_is_due_once_a_fraction() {
        let lifetime = Lifetime::new().idle(Duration::from_secs(240));
        assert!(!lifetime.is_touch_due(&record(0, 240, 1000), at(9)));
        assert!(lifetime.is_touch_due(&record(0, 240, 1000), at(10)));
    }

    #[test]
    fn a_clock_that_went_back_touches_nothing() {
        assert!(!Lifetime::new().is_touch_due(&record(50_000, 60_000, 90_000), at(10)));
    }

    #[test]
    fn an_endless_timeout_does_not_overflow() {
        let lifetime = Lifetime::new().idle(Duration::MAX).absolute(Duration::MAX);
        assert!(lifetime.deadline(at(0)) > at(3_000_000_000));
    }
}
