/// What a [`MemoryStore`](crate::store::MemoryStore) has done since it was made, in totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryCounters {
    /// Look-ups, found or not.
    pub loads: u64,
    /// Records written where there was none.
    pub creates: u64,
    /// Records written over another.
    pub replaces: u64,
    /// Conditional operations of any kind whose condition did not hold.
    pub refused: u64,
    /// Records whose times were moved.
    pub touches: u64,
    /// Records removed by `delete` or `delete_owned_by`.
    pub deletes: u64,
    /// Expired records removed, by `sweep` or in passing by `create`.
    pub swept: u64,
    /// Records removed before their time because the store was full: a reason to raise the limit.
    pub evicted: u64,
    /// Records held now.
    pub live: u64,
    /// The most records that a sweep ever looked at under one hold of one lock.
    pub longest_sweep_hold: u64,
}

impl MemoryCounters {
    /// These and another shard's together.
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
