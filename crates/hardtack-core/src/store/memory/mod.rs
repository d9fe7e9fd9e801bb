//! The memory store: sessions in the memory of this process, which are lost when the process exits.

mod entry;
mod index;
mod metrics;
mod shard;
mod slab;
mod spot;
mod store;

pub use metrics::MemoryMetrics;
pub use store::MemoryStore;
