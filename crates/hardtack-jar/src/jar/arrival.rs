use crate::cookie::{Micros, StoredCookie};

/// The way in which a cookie enters the jar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// A server or a script set it.
    Set,
    /// It is restored as it was.
    Restored,
    /// It comes from another jar, which was written at that time.
    Merged { written: Micros },
}

impl Arrival {
    pub(super) fn replaces(self, new: &StoredCookie, old: &StoredCookie) -> bool {
        match self {
            Self::Set | Self::Restored => true,
            Self::Merged { .. } => new.age.replaces(old.age, (new.expires, old.expires)),
        }
    }

    /// Returns whether an expired cookie removes the existing one.
    pub(super) fn deletes(self, new: &StoredCookie, old: &StoredCookie) -> bool {
        match self {
            Self::Set | Self::Restored => true,
            Self::Merged { .. } => new.age.is_newer_than(old.age),
        }
    }
}
