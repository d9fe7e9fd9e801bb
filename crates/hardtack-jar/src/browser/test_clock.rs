use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A clock that advances only when a test calls [`advance`](Self::advance). The browser and the application that it
/// visits can share the clock.
///
/// ```
/// use std::time::Duration;
/// use hardtack_jar::TestClock;
///
/// let clock = TestClock::new();
/// let now = clock.reader(); // for `SessionLayer::clock` and `Browser::clock`
/// let before = now();
/// clock.advance(Duration::from_secs(3600));
/// assert_eq!(now().duration_since(before).map(|hour| hour.as_secs()).ok(), Some(3600));
/// ```
#[derive(Debug, Clone)]
pub struct TestClock {
    start: SystemTime,
    /// The time by which the clock was advanced, in nanoseconds.
    advanced: Arc<AtomicU64>,
}

impl TestClock {
    /// Creates a clock set to January 1, 2030, noon UTC.
    pub fn new() -> Self {
        Self::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_499_200))
    }

    /// Creates a clock set to this time.
    pub fn at(start: SystemTime) -> Self {
        Self { start, advanced: Arc::default() }
    }

    /// Advances the clock by this duration, for all of its readers.
    pub fn advance(&self, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.advanced.fetch_add(nanos, Ordering::SeqCst);
    }

    /// Returns the clock's current time.
    pub fn now(&self) -> SystemTime {
        self.start + Duration::from_nanos(self.advanced.load(Ordering::SeqCst))
    }

    /// Returns a function that returns the clock's current time. Pass it to the application and to the browser.
    pub fn reader(&self) -> impl Fn() -> SystemTime + Clone + Send + Sync + 'static {
        let clock = self.clone();
        move || clock.now()
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}
