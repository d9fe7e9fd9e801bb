use std::fmt;

use hardtack_core::crypto::Rejection;
use hardtack_core::store::Followed;

/// A cookie of the session's name, and what was thought of it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Candidate {
    /// Its value as it came.
    pub value: Box<[u8]>,
    /// What was thought of it.
    pub verdict: Verdict,
}

/// What a session layer thought of a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Signed or encrypted with the key at this place of the ring, 0 for the current one.
    Genuine(usize),
    /// Genuine, but the browser sent a newer one as well, as after a change of the cookie's domain or path.
    Outdated,
    /// Not believed.
    Rejected(Rejection),
    /// It names a session in the store.
    Found(Followed),
    /// It names a session that has been ended.
    Ended,
    /// It names a session that has expired.
    Expired,
    /// It names no session in the store.
    Unknown,
    /// It names a record that cannot be read.
    Unreadable,
    /// It does not look like a session's id.
    NoId,
    /// The store did not answer.
    Unanswered,
}

/// Nothing of the value.
impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("verdict", &self.verdict).finish_non_exhaustive()
    }
}
