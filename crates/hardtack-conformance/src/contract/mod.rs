//! The contract of a session store, one case per sentence.

pub(crate) mod creating;
mod damaged;
pub(crate) mod deleting;
pub(crate) mod dropping;
pub(crate) mod listing;
pub(crate) mod loading;
pub(crate) mod owning;
pub(crate) mod racing;
pub(crate) mod replacing;
pub(crate) mod sweeping;
pub(crate) mod touching;

pub use damaged::check_damaged;
