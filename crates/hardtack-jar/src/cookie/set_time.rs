//! Decides which of two copies of a cookie is newer.

use super::micros::Micros;

/// The time at which a copy of a cookie was set, or a limit for this time if it is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SetTime {
    /// When the copy was last set, if its file records that.
    updated: Option<Micros>,
    /// The latest time at which the copy can have been set.
    latest: Micros,
}

impl SetTime {
    /// Creates a set time. `updated` is the time at which the copy was last set, or `None` if its file does not record
    /// it.
    pub(crate) fn new(updated: Option<Micros>) -> Self {
        Self { updated, latest: updated.unwrap_or(Micros(i64::MAX)) }
    }

    /// Limits the set time to the time at which the copy's file was written, unless the file records when the copy was
    /// set.
    pub(crate) fn written(self, written: Micros) -> Self {
        if self.updated.is_some() { self } else { Self { latest: written, ..self } }
    }

    /// Returns when the copy was last set, if that is known.
    pub(crate) const fn updated(self) -> Option<Micros> {
        self.updated
    }

    /// Returns whether the copy was certainly set at the same time as an old copy, or later.
    pub(crate) fn is_newer_than(self, old: Self) -> bool {
        self.updated.is_some_and(|updated| old.latest <= updated)
    }

    /// Returns whether this copy replaces the old copy in the jar. `expires` contains the expirations of this copy and
    /// of the old one.
    ///
    /// If it is certain which copy was set later, that copy wins. This is certain if one copy has a recorded time, and
    /// the other has an earlier one or comes from a file that was written earlier.
    ///
    /// Most files record no times. The expirations then decide, because a server that sets a cookie again usually gives
    /// it a later expiration.
    ///
    /// If one of the copies has no expiration, this copy wins, because the user asked for the import. The exception is
    /// a copy that was set before the file of the old copy was written, such as a copy from an old recording.
    pub(crate) fn replaces(self, old: Self, expires: (Option<Micros>, Option<Micros>)) -> bool {
        let is_older = old.updated.is_some_and(|updated| updated > self.latest);
        let may_be_newer = match expires {
            (Some(new), Some(old)) => new >= old,
            _ => self.updated.is_none(),
        };
        self.is_newer_than(old) || !is_older && may_be_newer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the set time of a copy whose file records when it was set.
    fn set(at: i64) -> SetTime {
        SetTime::new(Some(Micros(at)))
    }

    fn from_file(written: i64) -> SetTime {
        SetTime::new(None).written(Micros(written))
    }

    #[test]
    fn certain_times_decide_before_expirations() {
        for (new, old, expires, expected) in [
            (set(2), set(1), (1, 9), true),
            (set(1), set(2), (9, 1), false),
            (set(2), set(2), (1, 9), true),
            // The other copy's file was written before this copy was set.
            (set(3), from_file(2), (1, 9), true),
            (from_file(2), set(3), (9, 1), false),
            // The other copy may have been set before or after this one.
            (set(1), from_file(2), (9, 1), true),
            (set(1), from_file(2), (1, 9), false),
            (from_file(3), set(2), (1, 9), false),
            (from_file(1), from_file(2), (9, 1), true),
            (from_file(2), from_file(1), (1, 9), false),
            (SetTime::new(None), from_file(1), (1, 9), false),
        ] {
            let (mine, other) = expires;
            let expires = (Some(Micros(mine)), Some(Micros(other)));
            assert_eq!(new.replaces(old, expires), expected, "{new:?} {old:?} {expires:?}");
        }
    }

    #[test]
    fn a_session_cookie_that_comes_in_replaces_one_that_is_not_certainly_newer() {
        assert!(from_file(1).replaces(from_file(2), (None, Some(Micros(9)))));
        assert!(!from_file(1).replaces(set(2), (None, None)));
    }

    #[test]
    fn a_copy_of_a_known_time_replaces_none_from_a_later_file_unless_it_expires_later() {
        for expires in [(None, Some(Micros(9))), (Some(Micros(9)), None), (None, None)] {
            assert!(!set(1).replaces(from_file(2), expires), "{expires:?}");
            assert!(set(2).replaces(from_file(2), expires), "{expires:?}");
        }
    }
}
