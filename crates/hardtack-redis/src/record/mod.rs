//! The stored data: the names of keys, the encoding of a record, and how long Redis keeps it.

pub(crate) mod encoding;
pub(crate) mod keys;
pub(crate) mod ttl;
