//! The session as values and decisions: what a request may change, and what the end of a request does about it.

mod dictionary;
mod id;
mod record;

pub use dictionary::Dictionary;
pub use id::{SessionId, StoreKey};
pub use record::{Owner, Record};
