//! A demo application with a page for each concept of Hardtack.
//!
//! `cargo run` starts the application. Tests call [`app`].
#![forbid(unsafe_code)]

mod app;
mod assets;
mod headers;
#[cfg(feature = "inspect")]
mod inspection;
mod pages;
mod program;
mod sessions;
mod templates;

pub use app::app;
pub use pages::{GROUPS, Group, Page, Script, pages};
pub use program::{Options, Port, SecretFile, Setup, USAGE, run};
pub use sessions::{Backend, SessionLayers};
