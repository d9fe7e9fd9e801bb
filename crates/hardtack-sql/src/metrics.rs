use std::sync::atomic::{AtomicU64, Ordering};

/// Totals of the operations of a store on a database server since it was connected.
///
/// `writes / batches` is the average number of writes that share one round trip and one disk sync on the server;
/// `loads / load_batches` is the same for reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqlMetrics {
    /// Writes requested and executed, whether or not their condition held.
    pub writes: u64,
    /// Batches sent for those writes.
    pub batches: u64,
    /// The largest number of writes sent together.
    pub largest_batch: u64,
    /// Records requested.
    pub loads: u64,
    /// Batches sent for those loads.
    pub load_batches: u64,
    /// Reads and writes that returned an error.
    pub failed: u64,
    /// Records omitted from a listing because they cannot be decoded: another program wrote them, or they are damaged.
    pub unreadable: u64,
    /// Expired records that the store's automatic sweep removed.
    pub swept: u64,
    /// Sweep rounds that used the server's clock because the most recently written record was more than a minute ahead
    /// of it. Either this machine's clock or the server's is wrong.
    pub clock_ahead: u64,
    /// Connections made, including the first ones.
    pub connects: u64,
    /// Writes currently waiting for their batch. Unlike the other counters, this is not a total.
    pub waiting: u64,
}

/// The counters as the workers update them.
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
