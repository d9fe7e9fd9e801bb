//! The tour, tested with a simulated browser on all three kinds of session.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod applications;
mod cookies;
mod dictionary;
mod every_page;
mod jar;
mod login;
mod restart;
mod safety;
mod sessions;
mod state;
mod switch;
mod visitor;
mod wire;
