/// Limits on the number of bytes and pairs that are read from a visitor's `Cookie` headers.
///
/// Everything beyond a limit is ignored, and [`Cookies::is_truncated`](super::Cookies::is_truncated) returns `true`. A
/// pair that does not fit is skipped entirely, never cut. The default of 64 KiB and 3,000 pairs is several times what a
/// browser can send to a server with typical settings, and bounds the memory that one request can make the server
/// allocate.
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

/// Positions are stored in 32 bits. This limit leaves room for the bytes that decoding adds.
const MAX_BYTES: usize = 1 << 28;

impl Limits {
    /// Sets the maximum number of bytes to read from all headers together. Values over 256 MiB are treated as 256 MiB.
    #[must_use]
    pub const fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = if bytes < MAX_BYTES { bytes } else { MAX_BYTES };
        self
    }

    /// Sets the maximum number of cookies to keep.
    #[must_use]
    pub const fn pairs(mut self, pairs: usize) -> Self {
        self.pairs = pairs;
        self
    }

    /// Returns the limits for parsing like Werkzeug. Werkzeug itself has no limits, so these are as wide as is safe.
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
