/// The totals of a [`MemoryStore`](crate::store::MemoryStore) since it was created.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryMetrics {
    /// Lookups, including those that found no record.
    pub loads: u64,
    /// Records created under a new key.
    pub creates: u64,
    /// Records that replaced another record.
    pub replaces: u64,
    /// Conditional operations of any kind whose condition did not hold.
    pub refused: u64,
    /// Records whose times were updated.
    pub touches: u64,
    /// Records removed by `delete` or `delete_owned_by`.
    pub deletes: u64,
    /// Expired records removed by `sweep`, or by `create` as a side effect.
    pub swept: u64,
    /// Records removed before they expired, because the store was full. If this number grows, raise the limit.
    pub evicted: u64,
    /// Records currently in the store.
    pub live: u64,
    /// The highest number of records that a sweep examined while holding one lock.
    pub longest_sweep_hold: u64,
}

impl MemoryMetrics {
    /// Returns these totals combined with those of another shard.
    pub(super) fn merged(self, other: &Self) -> Self {
        Self {
            loads: self.loads + other.loads,
            creates: self.creates + other.creates,
            replaces: self.replaces + other.replaces,
            refused: self.refused + other.refused,
            touches: self.touches + other.touches,
            deletes: self.deletes + other.deletes,
            swept: self.swept + other.swept,
            evicted: self.evicted + other.evicted,
            live: self.live + other.live,
            longest_sweep_hold: self.longest_sweep_hold.max(other.longest_sweep_hold),
        }
    }
}
