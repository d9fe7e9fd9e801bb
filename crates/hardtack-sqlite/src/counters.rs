use std::sync::atomic::{AtomicU64, Ordering};

/// What a [`SqliteStore`](crate::SqliteStore) has done since it was opened, in totals.
///
/// `writes / commits` is how many writes share one wait for the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqliteCounters {
    /// Writes asked for and carried out, whether or not their condition held.
    pub writes: u64,
    /// Transactions committed for them.
    pub commits: u64,
    /// The most writes ever committed together.
    pub largest_group: u64,
    /// Writes that were answered with an error.
    pub failed: u64,
    /// Records that were left out of a listing because they cannot be decoded: another program wrote them, or they were
    /// damaged.
    pub unreadable: u64,
    /// Expired records that the store removed by itself.
    pub swept: u64,
    /// Turns of sweeping in which the record written last was more than a minute ahead of the machine's clock, by which
    /// the store then swept: a clock is wrong.
    pub clock_ahead: u64,
    /// Writes that wait for their group now; not a total.
    pub waiting: u64,
}

/// The counters. The writer's thread counts, and of listings the reader.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    writes: AtomicU64,
    commits: AtomicU64,
    largest_group: AtomicU64,
    failed: AtomicU64,
    unreadable: AtomicU64,
    swept: AtomicU64,
    clock_ahead: AtomicU64,
}

impl Counting {
    pub(crate) fn committed(&self, writes: u64) {
        self.writes.fetch_add(writes, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.largest_group.fetch_max(writes, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, writes: u64) {
        self.failed.fetch_add(writes, Ordering::Relaxed);
    }

    pub(crate) fn left_out(&self, records: u64) {
        self.unreadable.fetch_add(records, Ordering::Relaxed);
    }

    pub(crate) fn swept(&self, records: u64) {
        self.swept.fetch_add(records, Ordering::Relaxed);
    }

    pub(crate) fn clock_ahead(&self) {
        self.clock_ahead.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn totals(&self, waiting: usize) -> SqliteCounters {
        SqliteCounters {
            writes: self.writes.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
            largest_group: self.largest_group.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            unreadable: self.unreadable.load(Ordering::Relaxed),
            swept: self.swept.load(Ordering::Relaxed),
            clock_ahead: self.clock_ahead.load(Ordering::Relaxed),
            waiting: waiting as u64,
        }
    }
}
