//! Adapters between the jar and the HTTP clients of other crates: the shared code, and one file for each client.

#[cfg(any(feature = "reqwest012", feature = "reqwest013"))]
mod reqwest;
mod shared_jar;
#[cfg(feature = "ureq3")]
mod ureq;

pub use shared_jar::{JarEvent, SharedJar};
