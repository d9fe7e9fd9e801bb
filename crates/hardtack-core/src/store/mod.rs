//! The store contract, and the two protocols over it: opening a session and committing what a request did to it.
//!
//! A store moves bytes; what the bytes mean, and what happens when two requests meet, is decided here and in
//! [`session`](crate::session), the same way over every store.

mod acts;
mod commit;
mod contract;
mod error;
mod memory;
mod moving;
mod place;
mod retry;
mod successor;

pub use acts::commit;
pub use commit::{Commit, Committed, Outcome};
pub use contract::{SessionStore, Stored, Summary, Swap, Version};
pub use error::StoreError;
pub use memory::{MemoryCounters, MemoryStore};
pub use moving::Moving;
pub use place::{Followed, Opened, Place, open};
