use std::error::Error as StdError;
use std::fmt;

/// The reason why a cookie from a browser was rejected.
///
/// A `Rejection` is not an [`Error`](crate::Error): a visitor with such a cookie gets a fresh session, and the reason
/// is counted. A `Rejection` contains no part of the cookie, so it can be logged.
///
/// ```
/// use hardtack_core::crypto::{Key, KeyRing, Rejection, Signer, Signing};
///
/// let keys = KeyRing::new(Key::new("b6a0e5d1c94f47a2830e7f5b1c2d6e9a")?);
/// let forged = Signer::new(&keys, &Signing::flask()).verify(b"e30.ZVPxAA.c2lnbmF0dXJl", 1_700_000_060, None);
/// assert_eq!(forged.err(), Some(Rejection::Signature));
/// assert_eq!(Rejection::Signature.reason(), "signature");
/// # Ok::<(), hardtack_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rejection {
    /// The cookie does not have the required format.
    Malformed,
    /// No key of the ring made the cookie, or it was changed.
    Signature,
    /// The cookie was valid, but has expired.
    Expired,
    /// The cookie claims to have been made in the future. This can happen if the clocks of two servers differ.
    Future,
    /// A key of the ring made the cookie, but its payload is malformed.
    Payload,
    /// A key of the ring made the cookie, but its inflated payload exceeds the limit.
    TooLarge,
}

impl Rejection {
    /// Returns the reason as one word, for a metric label or a log message.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Signature => "signature",
            Self::Expired => "expired",
            Self::Future => "future",
            Self::Payload => "payload",
            Self::TooLarge => "too_large",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the cookie is malformed",
            Self::Signature => "the cookie was not signed or encrypted with any of the keys",
            Self::Expired => "the cookie has expired",
            Self::Future => "the cookie's timestamp is in the future",
            Self::Payload => "the cookie is genuine, but its content is invalid",
            Self::TooLarge => {
                "the cookie is genuine, but its content exceeds the size limit when decompressed"
            }
        })
    }
}

impl StdError for Rejection {}
