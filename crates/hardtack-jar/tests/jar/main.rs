//! Tests behavior of the jar that the cases of other projects hardly cover.

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
