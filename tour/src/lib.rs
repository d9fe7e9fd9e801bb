//! A demo application: every concept of hardtack on a page of its own.
//!
//! `cargo run` starts it. Tests use [`app`].
#![forbid(unsafe_code)]

mod app;
mod exchange;
mod inspection;
mod kind;
mod kinds;
mod lines;
mod options;
mod pages;
mod paint;
mod peer;
mod secret;
mod serve;
mod setup;
mod short;
#[cfg(feature = "inspect")]
mod shown;
mod switch;
mod templates;
mod tour_state;
mod tries;
mod users;
mod wire;

pub use app::app;
pub use kind::Kind;
pub use kinds::Kinds;
pub use options::{Options, Port, USAGE};
pub use pages::{GROUPS, Group, Page, Script, pages};
pub use secret::SecretFile;
pub use serve::run;
pub use setup::Setup;
