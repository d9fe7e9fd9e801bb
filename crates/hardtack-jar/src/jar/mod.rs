//! The jar, which accepts, sends, and evicts cookies.

mod cookie_query;
mod eviction;
#[cfg(feature = "http")]
mod http;
mod insertion;
mod jar;
mod limits;
#[cfg(feature = "serde")]
mod serde;
mod set_context;

pub use jar::{Jar, JarChange};
pub use limits::Limits;
#[cfg(feature = "json")]
pub(crate) use serde::{NEWER_VERSION, VERSION};
