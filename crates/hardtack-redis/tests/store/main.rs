//! Tests of the store on real servers, including servers that fail.

mod batching;
mod cluster;
mod format;
mod listing;
mod overlapping;
mod owners;
mod sentinel;
mod server;
mod support;
#[cfg(feature = "tls")]
mod tls;
