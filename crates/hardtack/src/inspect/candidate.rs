use std::fmt;

use hardtack_core::crypto::Rejection;
use hardtack_core::store::Forwarded;

/// A cookie with the session's name, and the layer's verdict on it.
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
    /// The cookie was signed or encrypted with the key at this position in the ring, where 0 is the current key.
    Genuine(usize),
    /// The cookie is authentic, but the browser also sent a newer one, for instance after a change of the cookie's
    /// domain or path.
    Outdated,
    /// The cookie was rejected for this reason.
    Rejected(Rejection),
    /// The cookie names a session in the store, either directly or by an old id.
    Found(Forwarded),
    /// The cookie names a session that has been ended.
    Ended,
    /// The cookie names a session that has expired.
    Expired,
    /// The cookie does not name a session in the store.
    Unknown,
    /// The cookie names a record that cannot be read.
    Unreadable,
    /// The cookie's value is not in the format of a session id.
    NoId,
    /// The layer has no verdict: the store did not answer, or the cookie repeats an earlier one.
    Unanswered,
}

/// Redacted: omits the value.
impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("verdict", &self.verdict).finish_non_exhaustive()
    }
}
