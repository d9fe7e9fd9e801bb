//! Keys, and the two ways a session travels inside a cookie: signed as Flask signs, or sealed so that nobody reads it.
//!
//! | type | what it is |
//! |---|---|
//! | [`Key`], [`KeyRing`] | the secret, and the secrets that it replaced |
//! | [`Signing`], [`Signer`] | Flask's cookie: readable by anyone, changed by nobody |
//! | [`Sealer`] | an encrypted token: neither readable nor changeable, and it knows when it ends |
//! | [`Rejection`] | why a cookie from a browser was not believed |
//!
//! Nothing here knows what the text inside a cookie means, reads a clock or draws a random number: times and nonces
//! are arguments.
//!
//! # The primitives, and why these
//!
//! All come from pure Rust crates, so that building hardtack needs neither a C compiler nor an assembler. The figures
//! are instructions for a login's session of 230 bytes; those without SHA extensions were counted under callgrind,
//! which hides them.
//!
//! - **HMAC and SHA** from `hmac`, `sha1` and `sha2`, the key's two states computed once. Verifying a cookie is 11,800,
//!   of which SHA-1's compression of seven blocks is 10,300. `aws-lc-rs`, with its assembler, makes the same HMAC with a
//!   quarter less; but on a processor with SHA extensions it takes twice the instructions of these (2,200 to 1,100 for
//!   a message of 285 bytes), and it needs a C toolchain and half a minute to build.
//! - **XAES-256-GCM** from `xaes-256-gcm`, over `aes` and `aes-gcm`: 5,200 to seal, 5,400 to open, of which 800 wipe the
//!   derived key. Its nonce of 192 bits can be random without counting tokens, which AES-GCM's own 96 bits cannot, and
//!   unlike XChaCha20-Poly1305 it runs on the AES instructions that servers have. Writing the derivation here would
//!   save less than 200, and be cryptography of our own.
//! - **HKDF-SHA256** from `hkdf`, once for each key when a program starts.
//! - **Base64** from `base64-simd`, with its detection of the processor: a quarter of what reading character by
//!   character costs.
//! - **zlib** from `flate2` over `zlib-rs`: of the pure implementations it inflates the cheapest by a factor of four, and
//!   most often agrees with the original about whether compressing pays. Only a compressed cookie meets it.

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
