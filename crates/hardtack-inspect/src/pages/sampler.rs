use std::time::Duration;

use tokio::time::Instant;

/// The maximum number of exchanges per second that a page shows live. Further exchanges in the same second are left
/// out, and the page says so.
pub(super) const MAX_EXCHANGES_PER_SECOND: u64 = 40;

const SECOND: Duration = Duration::from_secs(1);

/// A counter of the exchanges in the current second, and of those that were shown.
pub(super) struct Sampler {
    pub(super) second_ends: Instant,
    shown: u64,
    all: u64,
}

impl Sampler {
    pub(super) fn new(now: Instant) -> Self {
        Self { second_ends: now + SECOND, shown: 0, all: 0 }
    }

    /// Counts an exchange, and returns whether it is shown.
    pub(super) fn admit(&mut self) -> bool {
        self.all += 1;
        let is_admitted = self.shown < MAX_EXCHANGES_PER_SECOND;
        self.shown += u64::from(is_admitted);
        is_admitted
    }

    pub(super) fn skip(&mut self, number: u64) {
        self.all += number;
    }

    /// Starts a new second. If exchanges were left out in the previous second, returns a sentence that says so.
    pub(super) fn next_second(&mut self, now: Instant) -> Option<String> {
        let (shown, all) = (self.shown, self.all);
        *self = Self::new(now);
        (all > shown).then(|| format!("Showing {shown} of {} exchanges in the last second.", grouped(all)))
    }
}

/// Formats a number with thousands separators.
fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1000), number % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sampler_says_what_it_left_out() {
        let now = Instant::now();
        let mut sampler = Sampler::new(now);
        assert_eq!((0..1003).filter(|_| sampler.admit()).count() as u64, MAX_EXCHANGES_PER_SECOND);
        sampler.skip(7);
        let sentence = sampler.next_second(now);
        assert_eq!(sentence.as_deref(), Some("Showing 40 of 1,010 exchanges in the last second."));
        assert!(sampler.admit());
        assert_eq!(sampler.next_second(now), None);
    }
}
