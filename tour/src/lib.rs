//! A demo application: every concept of hardtack on a page of its own.
//!
//! `cargo run` starts it. Tests use [`app`].
#![forbid(unsafe_code)]

mod app;
mod checklist;
mod concepts;
mod contents;
mod exchange;
mod group;
mod inspection;
mod kind;
mod kinds;
mod lines;
mod options;
mod page;
mod pages;
mod paint;
mod peer;
mod quiz;
mod secret;
mod serve;
mod setup;
mod short;
#[cfg(feature = "inspect")]
mod shown;
mod switch;
mod templates;
mod tokens;
mod tries;
mod users;
mod wire;

pub use app::app;
pub use contents::GROUPS;
pub use group::Group;
pub use kind::Kind;
pub use kinds::Kinds;
pub use options::{Options, Port, USAGE};
pub use page::{Page, Script};
pub use pages::pages;
pub use secret::SecretFile;
pub use serve::run;
pub use setup::Setup;
