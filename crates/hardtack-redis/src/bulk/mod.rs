//! Operations on many records: an owner's, all of them page by page, and those that have expired.

pub(crate) mod listing;
pub(crate) mod owner_index;
mod peek;
pub(crate) mod scan;
pub(crate) mod sweep;
