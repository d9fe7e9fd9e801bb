//! The memory store: sessions in this process, gone when it ends.

mod counters;
mod entry;
mod index;
mod shard;
mod slab;
mod spot;
mod store;

pub use counters::MemoryCounters;
pub use store::MemoryStore;
