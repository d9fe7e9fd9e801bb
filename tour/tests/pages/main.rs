//! The tour in a browser's words, on all three kinds of session.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod browser;
mod cookies;
mod every_page;
mod login;
mod restart;
mod sessions;
mod switch;
mod wire;
