//! The application to run first: every concept of hardtack on a page of its own.
//!
//! `cargo run` starts it; [`app`] is the same for tests.
#![forbid(unsafe_code)]

mod app;
mod checklist;
mod concepts;
mod contents;
mod exchange;
mod inspection;
mod kind;
mod kinds;
mod lines;
mod options;
mod pages;
mod paint;
mod peer;
mod quiz;
mod secret;
mod serve;
mod setup;
mod short;
mod switch;
mod templates;
mod tokens;
mod tries;
mod users;
mod wire;

pub use app::app;
pub use contents::GROUPS;
pub use kind::Kind;
pub use kinds::Kinds;
pub use options::{Options, Port, USAGE};
pub use pages::{Group, Page, Script, pages};
pub use secret::SecretFile;
pub use serve::run;
pub use setup::Setup;
