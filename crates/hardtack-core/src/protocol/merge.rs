use crate::protocol::StoreKey;

/// The content of a store under the key for which a write was refused: the input of [`after_refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A newer version of the session.
    Newer,
    /// A forwarding tombstone: another request has renewed the session.
    Moved(StoreKey),
    /// A tombstone that marks the session as ended: another request has logged in or out.
    Ended,
    /// No usable record: the session was revoked, has expired, or cannot be read.
    Gone,
}

/// The kind of write that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// The data is replaced under the same id.
    Replacing,
    /// The record is replaced with a forwarding tombstone. A successor was created.
    Renewing,
    /// The record is replaced with a tombstone that marks the session as ended. A successor with a login was created.
    LoggingIn,
    /// The record is replaced with a tombstone that marks the session as ended, with or without a successor.
    LoggingOut,
}

/// The reaction to a refused write: the result of [`after_refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Replay the changes on the newer version, and write again.
    Again,
    /// Repeat the action with the session under this key.
    Follow(StoreKey),
    /// Abandon the successor, and write the changes to the session under this key, without sending a cookie.
    Yield(StoreKey),
    /// Keep the login, with the changes of this request only.
    KeepOwn,
    /// Drop the changes and any successor, and send no cookie.
    Drop,
}

/// Decides how to continue after the store refused a write because the session had changed.
pub(crate) fn after_refusal(writing: Writing, found: Found) -> Next {
    match (writing, found) {
        (_, Found::Newer) => Next::Again,
        // Follow the forward. Logins and logouts thereby also end a session that was renewed in the meantime.
        (Writing::Replacing | Writing::LoggingIn | Writing::LoggingOut, Found::Moved(to)) => Next::Follow(to),
        // If another request has renewed the session, renewing it again has no benefit.
        (Writing::Renewing, Found::Moved(to)) => Next::Yield(to),
        // The login does not depend on the old session, so a double-clicked login works.
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
