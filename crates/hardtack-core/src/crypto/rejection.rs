use std::error::Error as StdError;
use std::fmt;

/// Why a cookie from a browser was not believed.
///
/// It is no [`Error`](crate::Error): whoever sent such a cookie gets a fresh session, and the reason is counted. It
/// holds no part of the cookie, so it can be logged.
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
    /// It does not have the form of such a cookie at all.
    Malformed,
    /// No key of the ring made it, or somebody changed it.
    Signature,
    /// It was good once.
    Expired,
    /// It says that it was made later than now; the clocks of two servers may disagree.
    Future,
    /// A key of the ring made it, but what is inside is broken.
    Payload,
    /// A key of the ring made it, but inflated it would be longer than the limit.
    TooLarge,
}

impl Rejection {
    /// The reason in one word, for a counter's label or a log line.
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
            Self::Signature => "the cookie was not made with any of the keys",
            Self::Expired => "the cookie has expired",
            Self::Future => "the cookie was made in the future",
            Self::Payload => "the cookie is genuine but its content is broken",
            Self::TooLarge => "the cookie is genuine but its content inflates beyond the limit",
        })
    }
}

impl StdError for Rejection {}
