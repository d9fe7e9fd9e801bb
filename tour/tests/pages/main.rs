//! Tests of the tour with a simulated browser, on all three backends.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod applications;
mod authentication;
mod change_backend;
mod cookies;
mod every_page;
mod headers;
mod restart;
mod session;
mod start;
mod state;
mod visitor;
