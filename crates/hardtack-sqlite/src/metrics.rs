use std::sync::atomic::{AtomicU64, Ordering};

/// The totals of the operations of a [`SqliteStore`](crate::SqliteStore) since it was opened.
///
/// `writes / commits` is the average number of writes that share one disk sync.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqliteMetrics {
    /// Writes in committed batches, including writes whose condition was not met and writes that failed individually.
    pub writes: u64,
    /// Transactions committed, one for each of these batches.
    pub commits: u64,
    /// The number of writes in the largest of these batches.
    pub largest_batch: u64,
    /// Queued writes that returned an error. Writes that a full queue rejects are not counted.
    pub failed: u64,
    /// Records that were omitted from a listing because they cannot be decoded: they are damaged, or another program
    /// wrote them.
    pub unreadable: u64,
    /// Expired records that the store's automatic sweep removed.
    pub swept: u64,
    /// Sweep rounds that used the system clock because the most recently written record was more than a minute ahead of
    /// it. One of the clocks is wrong.
    pub clock_ahead: u64,
    /// Writes currently waiting for their batch. Unlike the other counters, this is not a total.
    pub waiting: u64,
}

/// The store's counters. The writer thread updates most of them, and listings count unreadable records.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    writes: AtomicU64,
    commits: AtomicU64,
    largest_batch: AtomicU64,
    failed: AtomicU64,
    unreadable: AtomicU64,
    swept: AtomicU64,
    clock_ahead: AtomicU64,
}

impl Metrics {
    pub(crate) fn committed(&self, writes: u64) {
        self.writes.fetch_add(writes, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.largest_batch.fetch_max(writes, Ordering::Relaxed);
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

    pub(crate) fn totals(&self, waiting: usize) -> SqliteMetrics {
        SqliteMetrics {
            writes: self.writes.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
            largest_batch: self.largest_batch.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            unreadable: self.unreadable.load(Ordering::Relaxed),
            swept: self.swept.load(Ordering::Relaxed),
            clock_ahead: self.clock_ahead.load(Ordering::Relaxed),
            waiting: waiting as u64,
        }
    }
}
