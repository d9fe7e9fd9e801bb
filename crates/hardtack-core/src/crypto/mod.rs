//! Keys, and the two ways a session travels inside a cookie: signed as Flask signs, or sealed so that nobody reads it.
//!
//! | type | what it is |
//! |---|---|
//! | [`Key`], [`KeyRing`] | the secret, and the secrets that it replaced |
//! | [`Signing`], [`Signer`] | Flask's cookie: readable by anyone, changed by nobody |
//! | [`Sealer`] | an encrypted token: neither readable nor changeable, and it knows when it ends |
//! | [`Rejection`] | why a cookie from a browser was not believed |
//! | [`base64`] | the alphabet of all of them, strict and as lenient as Python's |
//!
//! Nothing here knows what the text inside a cookie means, reads a clock or draws a random number: times and nonces
//! are arguments.
//!
//! # The primitives, and why these
//!
//! All come from pure Rust crates, so that building hardtack needs no C compiler and no assembler.

pub mod base64;
mod deflate;
mod key;
mod mac;
mod rejection;
mod sealer;
mod signer;
mod signing;

pub use key::{Key, KeyAge, KeyRing};
pub use rejection::Rejection;
pub use sealer::{Sealer, Times, Unsealed};
pub use signer::{Signer, Verified};
pub use signing::{Compression, Digest, KeyDerivation, Signing};
