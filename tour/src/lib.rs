//! The application to run first: every concept of hardtack on a page of its own.
//!
//! `cargo run` starts it; [`app`] is the same for tests.
#![forbid(unsafe_code)]

mod app;
mod cookies;
mod home;
mod kind;
mod lines;
mod login;
mod options;
mod pages;
mod secret;
mod serve;
mod sessions;
mod setup;
mod templates;
mod tries;
mod users;

pub use app::app;
pub use kind::Kind;
pub use options::{Options, Port, Store, USAGE};
pub use secret::SecretFile;
pub use serve::run;
pub use setup::Setup;
