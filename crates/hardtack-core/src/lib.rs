//! The pure heart of hardtack: values and decisions, with no runtime, no clock and no I/O.
//!
//! Applications use the crate `hardtack`, which puts this into a server, and has the guide. This one is for who writes a
//! [store](store::SessionStore), a framework's integration, or a tool that reads cookies.
//!
//! | module | what is decided there |
//! |---|---|
//! | [`cookie`] | what a `Cookie` header says, and whether a browser would take a `Set-Cookie` |
//! | [`crypto`] | keys, and the signed and sealed forms of a session in its cookie |
//! | [`value`] | Flask's tagged JSON, to and from Rust's types |
//! | [`session`] | what a request did to its session, what its end does about that, and what happens when two meet |
//! | [`store`] | the contract of a session store, the two protocols over it, and the store in memory |
//! | [`base64`] | the alphabet of all of them |
//!
//! Time and random numbers come in as arguments, so that every decision can be tested as a table of values.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `axum08` | no | extractors and response parts of axum 0.8 for `Cookies`, `SetCookie` and `RemoveCookie` |
#![forbid(unsafe_code)]

pub mod base64;
pub mod cookie;
pub mod crypto;
mod error;
mod http_date;
mod purpose;
pub mod session;
pub mod store;
pub mod value;

pub use error::{Error, ErrorKind};
