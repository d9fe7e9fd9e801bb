use std::sync::atomic::{AtomicU64, Ordering};

/// Totals of the operations of a store on a database server since it was connected.
///
/// `writes / batches` is the average number of writes that share one round trip and one disk sync on the server, and
/// `loads / load_batches` is the average number of loads that share one round trip.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqlMetrics {
    /// Writes that were taken from the queue, including those whose condition did not hold and those that failed.
    pub writes: u64,
    /// Batches in which these writes were sent.
    pub batches: u64,
    /// The largest number of writes sent together.
    pub largest_batch: u64,
    /// Loads requested.
    pub loads: u64,
    /// Batches in which these loads were sent.
    pub load_batches: u64,
    /// Reads and writes for which a worker returned an error.
    pub failed: u64,
    /// Records omitted from listings because they cannot be decoded: another program wrote them, or they are damaged.
    pub unreadable: u64,
    /// Expired records that the store's automatic sweep removed.
    pub swept: u64,
    /// Sweeps that used the server's clock because the time of the most recent write was more than a minute ahead of
    /// it. Either the clock of this machine or that of the server is wrong.
    pub clock_ahead: u64,
    /// Connections made, including the first ones.
    pub connects: u64,
    /// Writes that are waiting to be sent. Unlike the other values, this is not a total.
    pub waiting: u64,
}

/// The counters that the workers and the sweeper update.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    writes: AtomicU64,
    batches: AtomicU64,
    largest_batch: AtomicU64,
    loads: AtomicU64,
    load_batches: AtomicU64,
    failed: AtomicU64,
    unreadable: AtomicU64,
    swept: AtomicU64,
    clock_ahead: AtomicU64,
    connects: AtomicU64,
}

impl Metrics {
    pub(crate) fn wrote(&self, writes: usize) {
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.largest_batch.fetch_max(writes as u64, Ordering::Relaxed);
    }

    pub(crate) fn loaded(&self, loads: usize) {
        self.loads.fetch_add(loads as u64, Ordering::Relaxed);
        self.load_batches.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
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

    pub(crate) fn connected(&self) {
        self.connects.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn totals(&self, waiting: usize) -> SqlMetrics {
        SqlMetrics {
            writes: self.writes.load(Ordering::Relaxed),
            batches: self.batches.load(Ordering::Relaxed),
            largest_batch: self.largest_batch.load(Ordering::Relaxed),
            loads: self.loads.load(Ordering::Relaxed),
            load_batches: self.load_batches.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            unreadable: self.unreadable.load(Ordering::Relaxed),
            swept: self.swept.load(Ordering::Relaxed),
            clock_ahead: self.clock_ahead.load(Ordering::Relaxed),
            connects: self.connects.load(Ordering::Relaxed),
            waiting: waiting as u64,
        }
    }
}
