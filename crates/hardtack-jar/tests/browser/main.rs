//! The test browser, on applications of axum.

#![cfg(all(feature = "axum08", feature = "reqwest013"))]

mod forms;
mod people;
mod redirects;
mod sessions;
mod sites;
