//! The store on real servers, and what it does when they break.

mod cluster;
mod form;
mod listing;
mod overlapping;
mod owners;
mod sentinel;
mod server;
mod support;
#[cfg(feature = "tls")]
mod tls;
mod together;
