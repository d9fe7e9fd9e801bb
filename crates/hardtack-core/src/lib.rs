//! The pure heart of hardtack: values and decisions, no runtime, no clock, no I/O.
#![forbid(unsafe_code)]

pub mod cookie;
pub mod crypto;
mod error;
pub mod session;
pub mod store;
pub mod value;

pub use error::{Error, ErrorKind};
