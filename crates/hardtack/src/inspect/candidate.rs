use std::fmt;

use hardtack_core::crypto::Rejection;
use hardtack_core::store::Forwarded;

/// A cookie of the session's name, and whether it verified.
#[derive(Clone)]
#[non_exhaustive]
pub struct Candidate {
    /// The value as received.
    pub value: Box<[u8]>,
    /// The layer's verdict on the cookie.
    pub verdict: Verdict,
}

/// A session layer's verdict on a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Signed or encrypted with the key at this position in the ring, where 0 is the current key.
    Genuine(usize),
    /// Authentic, but the browser sent a newer one as well, for instance after a change of the cookie's domain or path.
    Outdated,
    /// Rejected, for this reason.
    Rejected(Rejection),
    /// The cookie names a session in the store.
    Found(Forwarded),
    /// The cookie names a session that has been ended.
    Ended,
    /// The cookie names a session that has expired.
    Expired,
    /// The cookie does not name a session in the store.
    Unknown,
    /// The cookie names a record that cannot be read.
    Unreadable,
    /// The cookie is not in the format of a session id.
    NoId,
    /// The store did not answer.
    Unanswered,
}

/// Redacted: omits the value.
impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("verdict", &self.verdict).finish_non_exhaustive()
    }
}
