//! The jar's own tables, for what other projects' cases hardly cover.

mod by_name;
mod context;
mod expiry;
mod formats;
mod insecure;
mod limits;
mod merging;
mod partition;
mod refusals;
mod replacing;
mod sending;
#[cfg(feature = "serde")]
mod serialized;
mod support;
