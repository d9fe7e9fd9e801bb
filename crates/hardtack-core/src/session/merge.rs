use crate::session::StoreKey;

/// What lies in the store where a write was refused: the input of [`after_refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A newer version of the session.
    Newer,
    /// A forwarding tombstone: someone else has renewed it.
    Moved(StoreKey),
    /// A dead tombstone: someone else has logged in or out.
    Ended,
    /// Nothing: it was revoked, or has expired.
    Gone,
}

/// What a refused write was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// New data under the same id.
    Replacing,
    /// A forwarding tombstone over it, with a successor made.
    Renewing,
    /// A dead tombstone over it, with a successor made that holds a login.
    LoggingIn,
    /// A dead tombstone over it, with or without a successor.
    LoggingOut,
}

/// What to do about a refused write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Run the changes again on the newer version, and write again.
    Again,
    /// The same, on the session that lies under this key.
    Follow(StoreKey),
    /// Give up the successor, and write the changes to the session under this key, without a cookie.
    Yield(StoreKey),
    /// Keep the login, with this request's own changes and no others.
    KeepOwn,
    /// Drop the changes and any successor; no cookie goes out.
    Drop,
}

/// Decides what becomes of a write that the store refused because the session had changed.
///
/// ```
/// use hardtack_core::session::{Found, Next, Writing, after_refusal};
///
/// assert_eq!(after_refusal(Writing::Replacing, Found::Newer), Next::Again);
/// assert_eq!(after_refusal(Writing::Replacing, Found::Ended), Next::Drop);
/// assert_eq!(after_refusal(Writing::LoggingIn, Found::Ended), Next::KeepOwn);
/// ```
pub fn after_refusal(writing: Writing, found: Found) -> Next {
    match (writing, found) {
        (_, Found::Newer) => Next::Again,
        // Severing follows forwards, so that it also ends a session that was renewed meanwhile.
        (Writing::Replacing | Writing::LoggingIn | Writing::LoggingOut, Found::Moved(to)) => Next::Follow(to),
        // A renewal where someone else has renewed does nothing.
        (Writing::Renewing, Found::Moved(to)) => Next::Yield(to),
        // Credentials stand on their own: a double-clicked login works.
        (Writing::LoggingIn, Found::Ended | Found::Gone) => Next::KeepOwn,
        (Writing::Replacing | Writing::Renewing | Writing::LoggingOut, Found::Ended | Found::Gone) => {
            Next::Drop
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        let to = StoreKey::from_bytes([1; 32]);
        let moved = Found::Moved(to);
        let rows = [
            (Writing::Replacing, Found::Newer, Next::Again),
            (Writing::Replacing, moved, Next::Follow(to)),
            (Writing::Replacing, Found::Ended, Next::Drop),
            (Writing::Replacing, Found::Gone, Next::Drop),
            (Writing::Renewing, Found::Newer, Next::Again),
            (Writing::Renewing, moved, Next::Yield(to)),
            (Writing::Renewing, Found::Ended, Next::Drop),
            (Writing::Renewing, Found::Gone, Next::Drop),
            (Writing::LoggingIn, Found::Newer, Next::Again),
            (Writing::LoggingIn, moved, Next::Follow(to)),
            (Writing::LoggingIn, Found::Ended, Next::KeepOwn),
            (Writing::LoggingIn, Found::Gone, Next::KeepOwn),
            (Writing::LoggingOut, Found::Newer, Next::Again),
            (Writing::LoggingOut, moved, Next::Follow(to)),
            (Writing::LoggingOut, Found::Ended, Next::Drop),
            (Writing::LoggingOut, Found::Gone, Next::Drop),
        ];
        for (writing, found, next) in rows {
            assert_eq!(after_refusal(writing, found), next, "{writing:?} {found:?}");
        }
    }
}
