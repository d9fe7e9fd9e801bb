//! Tests the test browser with axum applications.

#![cfg(all(feature = "axum08", feature = "reqwest013"))]

mod forms;
mod people;
mod redirects;
mod sessions;
mod sites;
