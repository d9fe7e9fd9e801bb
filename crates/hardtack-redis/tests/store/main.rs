//! The store on real servers, and what it does when they break.

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
