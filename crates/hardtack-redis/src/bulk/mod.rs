//! Operations on many records: those of one owner, all records page by page, and expired records.

pub(crate) mod listing;
pub(crate) mod owner_index;
mod peek;
pub(crate) mod scan;
pub(crate) mod sweep;
