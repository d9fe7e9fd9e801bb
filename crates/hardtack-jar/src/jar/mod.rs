//! The jar: which cookies it accepts, sends, and evicts.

mod arrival;
mod cookie_query;
mod eviction;
#[cfg(feature = "http")]
mod http;
mod jar;
mod limits;
#[cfg(feature = "serde")]
mod serde;
mod set_context;

pub use jar::{Change, Jar};
pub use limits::Limits;
#[cfg(feature = "json")]
pub(crate) use serde::VERSION;
