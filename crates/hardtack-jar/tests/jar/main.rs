//! The jar's own tables: what other projects' cases hardly reach.

mod context;
mod expiry;
mod formats;
mod limits;
mod partition;
mod refusals;
mod replacing;
mod sending;
mod support;
