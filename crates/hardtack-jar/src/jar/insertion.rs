use crate::cookie::{Micros, StoredCookie};

/// The way in which a cookie enters the jar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Insertion {
    /// A server or a script sets the cookie.
    Set,
    /// The cookie is restored as it was.
    Restored,
    /// The cookie comes from another jar or from a file, which was written at the time `written`.
    Merged { written: Micros },
}

impl Insertion {
    pub(super) fn replaces(self, new: &StoredCookie, old: &StoredCookie) -> bool {
        match self {
            Self::Set | Self::Restored => true,
            Self::Merged { .. } => new.set_time.replaces(old.set_time, (new.expires, old.expires)),
        }
    }

    /// Returns whether an expired cookie removes the existing one.
    pub(super) fn deletes(self, new: &StoredCookie, old: &StoredCookie) -> bool {
        match self {
            Self::Set | Self::Restored => true,
            Self::Merged { .. } => new.set_time.is_newer_than(old.set_time),
        }
    }
}
