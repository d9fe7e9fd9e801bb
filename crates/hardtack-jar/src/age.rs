//! Decides which of two copies of a cookie is newer.

use crate::micros::Micros;
use crate::stored_cookie::StoredCookie;

/// What is known about when a copy was set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Age {
    /// When it was last set, if its file records that.
    pub(crate) updated: Option<Micros>,
    /// When its file was written: the cookie was set no later than that.
    pub(crate) written: Micros,
    /// When it expires.
    pub(crate) expires: Option<Micros>,
}

impl Age {
    /// Whether the copy replaces the one in the jar.
    ///
    /// The times decide if both are known, or if the jar's is later than the other copy's file. Most files record no
    /// times. A server that sets a cookie again usually gives it a later expiration, so the expiration decides next.
    /// Without either, the incoming copy replaces the existing one, because the user asked for the import.
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

    /// Whether an expired copy is a deletion: the server set it after the one in the jar.
    pub(crate) fn deletes(self, old: &StoredCookie) -> bool {
        matches!((self.updated, old.updated), (Some(new), Some(old)) if old <= new)
    }
}
