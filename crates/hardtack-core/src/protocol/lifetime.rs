use std::time::{Duration, SystemTime};

use crate::protocol::Record;

/// The timeouts of a stored session.
///
/// ```
/// use std::time::Duration;
/// use hardtack_core::protocol::Lifetime;
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
    /// Creates the default timeouts: 24 hours idle, 30 days in total, a touch at most once per hour, and a grace period
    /// of ten seconds.
    pub const fn new() -> Self {
        Self {
            idle: DAY,
            absolute: Duration::from_secs(30 * DAY.as_secs()),
            touch_after: HOUR,
            grace: Duration::from_secs(10),
        }
    }

    /// Sets how long a session lives without being used. The default is 24 hours: a working day and the following
    /// night.
    ///
    /// The timeout slides: each use extends it. Requests that use the session without changing it cause at most one
    /// write per twenty-fourth of the timeout. To change this interval, call [`touch_after`](Lifetime::touch_after)
    /// after `idle`.
    #[must_use]
    pub const fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self.touch_after = Duration::from_millis((idle.as_millis() / 24) as u64);
        self
    }

    /// Sets how long a session lives in total, even if it is used continuously. The default is 30 days, the maximum
    /// that NIST SP 800-63B recommends for its lowest level.
    #[must_use]
    pub const fn absolute(mut self, absolute: Duration) -> Self {
        self.absolute = absolute;
        self
    }

    /// Sets the minimum interval between two writes that only record that the session was used. The default is a
    /// twenty-fourth of the idle timeout. The benefit is that reads rarely write; the cost is that a session may expire
    /// earlier by up to this interval.
    #[must_use]
    pub const fn touch_after(mut self, touch_after: Duration) -> Self {
        self.touch_after = touch_after;
        self
    }

    /// Sets how long requests with the old id are served after a renewal. The default is ten seconds. If it is zero,
    /// the old id is invalid immediately.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Returns the idle timeout.
    pub const fn idle_timeout(&self) -> Duration {
        self.idle
    }

    /// Returns the absolute timeout.
    pub const fn absolute_timeout(&self) -> Duration {
        self.absolute
    }

    /// Returns the minimum interval between two writes that only record that the session was used.
    pub const fn touch_interval(&self) -> Duration {
        self.touch_after
    }

    /// Returns the grace period after a renewal.
    pub const fn grace_period(&self) -> Duration {
        self.grace
    }

    /// Returns when a session that begins at `now` ends even if it is used continuously.
    pub fn deadline(&self, now: SystemTime) -> SystemTime {
        later(now, self.absolute)
    }

    /// Returns when a session that is used at `now` expires if it is not used again.
    pub fn expires_at(&self, now: SystemTime, deadline: SystemTime) -> SystemTime {
        later(now, self.idle).min(deadline)
    }

    /// The lifetime of a new record between its creation by a login, logout, or renewal and the end of its predecessor:
    /// 60 seconds.
    ///
    /// Once the predecessor has ended, the new record gets its full lifetime. If the request is aborted before that,
    /// the id was never sent to a browser, and the record expires by itself. The value does not depend on the grace
    /// period, because a store may sweep between the two steps, and the store determines how long the steps take.
    pub const PROVISIONAL: Duration = Duration::from_secs(60);

    /// Returns when a record made at `now` expires if its id was never sent.
    pub(crate) fn provisional_until(now: SystemTime) -> SystemTime {
        later(now, Self::PROVISIONAL)
    }

    /// Returns when a tombstone that is written at `now` may be swept.
    pub(crate) fn grace_ends(&self, now: SystemTime) -> SystemTime {
        later(now, self.grace)
    }

    /// Returns whether a use of the session at `now` must be recorded.
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
    /// Returns whether the session has ended by `now`: idle for too long, or past its deadline.
    pub fn is_expired(&self, now: SystemTime) -> bool {
        self.expires_at <= now || self.deadline <= now
    }
}

/// A duration longer than any session, within the range of every platform's `SystemTime` and of every store.
const FAR: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

fn later(now: SystemTime, by: Duration) -> SystemTime {
    now.checked_add(by.min(FAR)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Purpose;
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
