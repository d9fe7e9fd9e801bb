/// How much of a visitor's `Cookie` headers is read.
///
/// What lies behind a limit is left unread, and [`Cookies::is_truncated`](super::Cookies::is_truncated) says so; a pair
/// that does not fit is left out whole, never cut. The default, 64 KiB and 3,000 pairs, is several times what a browser
/// can send to a server with ordinary settings, and bounds what one request can make the server allocate.
///
/// ```
/// use hardtack_core::cookie::{Cookies, Limits};
///
/// let cookies = Cookies::parse_within(Limits::default().pairs(2), ["a=1; b=2; c=3"]);
/// assert_eq!(cookies.len(), 2);
/// assert!(cookies.is_truncated());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    bytes: usize,
    pairs: usize,
}

/// Positions are kept in 32 bits; this leaves room for what decoding adds.
const MOST_BYTES: usize = 1 << 28;

impl Limits {
    /// The most bytes that are read of all headers together; values over 256 MiB count as 256 MiB.
    #[must_use]
    pub const fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = if bytes < MOST_BYTES { bytes } else { MOST_BYTES };
        self
    }

    /// The most cookies that are kept.
    #[must_use]
    pub const fn pairs(mut self, pairs: usize) -> Self {
        self.pairs = pairs;
        self
    }

    /// The limits of the modes that read as Werkzeug does: it has none, so these are as wide as is safe.
    pub(super) const fn wide() -> Self {
        Self { bytes: 1 << 20, pairs: 1 << 20 }
    }

    pub(super) const fn most_bytes(&self) -> usize {
        self.bytes
    }

    pub(super) const fn most_pairs(&self) -> usize {
        self.pairs
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 * 1024, pairs: 3_000 }
    }
}
