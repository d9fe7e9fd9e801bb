//! The core types and decisions of hardtack, without a runtime, a clock, or I/O.
//!
//! Applications use the crate `hardtack`, which adds the server integration and contains the guide. This crate is for
//! authors of [session stores](store::SessionStore), framework integrations, and tools that read cookies.
//!
//! | module | contents |
//! |---|---|
//! | [`cookie`] | parsing of `Cookie` headers, and checks that browsers accept a `Set-Cookie` header |
//! | [`crypto`] | keys, and signed and encrypted session cookies |
//! | [`value`] | conversion between Flask's tagged JSON and Rust types |
//! | [`protocol`] | a request's changes, what is written when it ends, and how concurrent changes are merged |
//! | [`store`] | the contract of a session store, how sessions are opened and committed, and the in-memory store |
//!
//! Time and random numbers are passed as arguments, so that every decision can be tested as a table of values.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `axum08` | no | extractors and response parts of axum 0.8 for `Cookies`, `SetCookie`, and `RemoveCookie` |
#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod base64;
pub mod cookie;
pub mod crypto;
mod error;
mod http_date;
pub mod protocol;
mod purpose;
pub mod store;
pub mod value;

pub use error::{Error, ErrorKind};
