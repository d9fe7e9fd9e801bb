//! Tests the HTTP clients of other crates with this jar and a local server.

#![cfg(all(feature = "reqwest012", feature = "reqwest013", feature = "ureq3"))]

mod observing;
mod reqwest;
mod server;
mod ureq;
