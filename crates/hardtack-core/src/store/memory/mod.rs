//! The memory store: sessions in the memory of this process, lost when it ends.

mod counters;
mod entry;
mod index;
mod shard;
mod slab;
mod spot;
mod store;

pub use counters::MemoryCounters;
pub use store::MemoryStore;
