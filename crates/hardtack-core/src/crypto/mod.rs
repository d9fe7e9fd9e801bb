//! Keys, and the two formats for a session inside a cookie: signed as in Flask, or encrypted.
//!
//! | type | description |
//! |---|---|
//! | [`Key`], [`KeyRing`] | the secret, and the secrets that it replaced |
//! | [`Signing`], [`Signer`] | Flask's cookie: readable by anyone, but tamper-evident |
//! | [`Sealer`] | an encrypted, tamper-evident token that contains its own expiry |
//! | [`Rejection`] | the reason why a cookie from a browser was rejected |
//!
//! This module does not interpret the payload of a cookie, read a clock, or draw a random number. Times and nonces are
//! arguments.
//!
//! # The primitives and the reasons for them
//!
//! All primitives come from pure Rust crates, so building hardtack requires neither a C compiler nor an assembler. The
//! figures are instructions for a login session of 230 bytes. Figures without SHA extensions were measured under
//! callgrind, which does not expose the extensions.
//!
//! - **HMAC and SHA** from `hmac`, `sha1`, and `sha2`, with the key's two states computed once. Verifying a cookie
//!   takes 11,800 instructions, of which SHA-1's compression of seven blocks takes 10,300. `aws-lc-rs`, which uses
//!   assembler, computes the same HMAC with a quarter fewer instructions. On a processor with SHA extensions, however,
//!   it takes twice as many as these crates (2,200 compared to 1,100 for a message of 285 bytes). It also requires a C
//!   toolchain and half a minute to build.
//! - **XAES-256-GCM** (`xaes.rs`) on top of `aes` and `aes-gcm`: 5,200 instructions to encrypt and 4,400 to decrypt.
//!   Its 192-bit nonces can be random without counting tokens, unlike the 96-bit nonces of AES-GCM. Unlike
//!   XChaCha20-Poly1305, it uses the AES instructions that servers have. The key derivation is implemented here, so
//!   that only what a token needs is computed; the tests compare the result with the crate `xaes-256-gcm`.
//! - **HKDF-SHA256** from `hkdf`, once per key when a program starts.
//! - **Base64** from `base64-simd`, with its CPU detection: a quarter of the cost of decoding character by character.
//! - **zlib** from `flate2` with `zlib-rs`. It inflates four times faster than the other pure Rust implementations, and
//!   agrees most often with the original zlib about whether compression makes a cookie shorter. Uncompressed cookies
//!   are read without it.

mod deflate;
mod key;
mod mac;
mod rejection;
mod sealer;
mod signer;
mod signing;
mod xaes;

pub use key::{Key, KeyAge, KeyRing};
pub use rejection::Rejection;
pub use sealer::{Sealer, Times, Unsealed};
pub use signer::{Signer, Verified};
pub use signing::{Compression, Digest, KeyDerivation, Signing};
