//! The store contract: what moves a session's bytes to where they are kept, and nothing more.

mod contract;
mod error;
mod memory;

pub use contract::{SessionStore, Stored, Summary, Swap, Version};
pub use error::StoreError;
pub use memory::{MemoryCounters, MemoryStore};
