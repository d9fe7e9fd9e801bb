//! Which of two copies of a cookie is the newer one.

use crate::micros::Micros;
use crate::stored_cookie::StoredCookie;

/// What is known about when a copy was set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Age {
    /// When it was last set, if its file says so.
    pub(crate) updated: Option<Micros>,
    /// When it was written down: it was not set later than that.
    pub(crate) written: Micros,
    /// When it expires.
    pub(crate) expires: Option<Micros>,
}

impl Age {
    /// Whether the copy replaces the one that the jar has.
    ///
    /// Times decide where both are known, or where the jar's is later than the file of the other. Most files hold no
    /// times; a server that sets a cookie again gives it a later expiration, so that decides next. Without either, the
    /// copy that comes in replaces the one that is there, as the user asked for it.
    pub(crate) fn replaces(self, old: &StoredCookie) -> bool {
        let latest = self.updated.unwrap_or(self.written);
        match (self.updated, old.updated) {
            (Some(_), Some(updated)) => updated <= latest,
            (None, Some(updated)) if updated > latest => false,
            _ => match (self.expires, old.expires) {
                (Some(new), Some(old)) => old <= new,
                _ => true,
            },
        }
    }

    /// Whether a copy that has expired is a deletion: the server set it after the one that the jar has.
    pub(crate) fn deletes(self, old: &StoredCookie) -> bool {
        matches!((self.updated, old.updated), (Some(new), Some(old)) if old <= new)
    }
}
