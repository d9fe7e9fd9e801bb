use std::sync::Arc;
use std::time::SystemTime;

use crate::protocol::{
    Changes, Content, Dictionary, IdChange, Lifetime, Login, Purpose, Record, SessionId, StoreAction,
};
use crate::store::{Located, StoreError, Version};

/// The write that a request needs, with all data that is required to execute it.
///
/// Create a commit with [`Commit::new`], and then set the fields for which the default is not suitable. If the session
/// exists, these include `located` and `base`, which [`open`](crate::store::open) returns.
#[derive(Debug)]
#[non_exhaustive]
pub struct Commit {
    /// The decision of [`settle`](crate::protocol::settle).
    pub action: StoreAction,
    /// The change that the request makes to the id of the session. It also determines which user the session gets. The
    /// default is [`IdChange::Stay`].
    pub id_change: IdChange,
    /// The purpose of the session.
    pub purpose: Purpose,
    /// The location from which the session was loaded, if it existed. The default is `None`.
    pub located: Option<Located>,
    /// The content of the session when it was loaded. The default is empty.
    pub base: Dictionary,
    /// The changes that the request made.
    pub changes: Changes,
    /// A fresh random id, for actions that need a new id.
    pub fresh: SessionId,
    /// A random number that spreads out retries, so that conflicting requests do not conflict again. The default is 0,
    /// which does not spread out retries.
    pub jitter: u64,
    /// The user who logs in, under a new lineage, if `id_change` is [`IdChange::LogIn`]. The default is `None`.
    pub login: Option<Login>,
    /// The new name of the device, or `None` to keep the current one. The default is `None`.
    pub label: Option<Arc<str>>,
    /// The current time.
    pub now: SystemTime,
    /// The timeouts of the session. The default is [`Lifetime::new`].
    pub lifetime: Lifetime,
}

/// The result of a [`Commit`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Committed {
    /// What was written.
    pub outcome: Outcome,
    /// The location at which the session is stored now, if it is live. After a touch, which may be refused, this is the
    /// location from which the session was loaded.
    pub located: Option<Located>,
    /// The new id, if the browser must receive one.
    pub id: Option<SessionId>,
    /// The number of times that another request committed first.
    pub conflicts: u32,
    /// The number of keys that were overwritten although another request had changed them in the meantime. The last
    /// writer wins.
    pub overwritten: usize,
    /// The error if a record that was written in the meantime cannot be read. The session is treated as gone, and the
    /// error must be reported. Boxed, because it is rare.
    pub unreadable: Option<Box<StoreError>>,
}

/// The outcome of a commit.
///
/// A variant that is added later means that the changes are in the store: treat it as [`Written`](Outcome::Written).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The changes, if any, were written, and no other request had committed first.
    Written,
    /// Another request had committed first. The changes, if any, were replayed and written.
    Merged,
    /// Only the time of the last use was recorded, or nothing if another request had written or ended the session.
    Touched,
    /// The session has ended, as requested.
    Ended,
    /// The changes were dropped: the session had been ended or revoked, had expired, or could not be read.
    Dropped,
}

impl Commit {
    /// Creates a commit for a session that does not exist yet. `fresh` must come from a cryptographic random generator,
    /// and must be new for each commit whose action needs an id.
    #[inline]
    #[must_use]
    pub const fn new(
        action: StoreAction,
        purpose: Purpose,
        changes: Changes,
        fresh: SessionId,
        now: SystemTime,
    ) -> Self {
        Self {
            action,
            id_change: IdChange::Stay,
            purpose,
            located: None,
            base: Dictionary::new(),
            changes,
            fresh,
            jitter: 0,
            login: None,
            label: None,
            now,
            lifetime: Lifetime::new(),
        }
    }

    /// Returns whether a record belongs to a user other than the one who logs in. In this case, the login keeps none of
    /// the record's data, neither data that was written while this request was running, nor the remaining data of a
    /// session from which the application removed the user's name.
    pub(super) fn is_other_users(&self, record: &Record) -> bool {
        let user = self.login.as_ref().map(|login| &login.owner);
        self.id_change == IdChange::LogIn && record.login.is_some() && record.owner() != user
    }

    /// Returns the record to write: `text` as its data, and the fields of the previous record that are kept.
    pub(super) fn record(&self, text: &str, before: Option<&Record>) -> Record {
        let (created_at, deadline) = match before {
            // A login starts a new session, regardless of the age of the guest session (ASVS 5.0, 7.3.2).
            Some(before) if self.id_change != IdChange::LogIn => (before.created_at, before.deadline),
            _ => (self.now, self.lifetime.deadline(self.now)),
        };
        let login = match self.id_change {
            IdChange::LogIn => self.login.clone(),
            IdChange::LogOut => None,
            // A renewal keeps the lineage.
            IdChange::Stay | IdChange::Renew => before.and_then(|before| before.login.clone()),
        };
        let label = self.label.clone().or_else(|| before.and_then(|before| before.label.clone()));
        Record {
            purpose: self.purpose.clone(),
            data: Content::live_data(text),
            login,
            label,
            created_at,
            last_seen: self.now,
            expires_at: self.lifetime.expires_at(self.now, deadline),
            deadline,
        }
    }
}

impl Committed {
    /// Returns the id for the cookie: the new id, or the request's `own` id if the session is still stored under it.
    /// Returns `None` if there is no live session, or if it is stored under an id that another request has sent to the
    /// browser. That request's cookie must not be overwritten.
    pub fn id_to_send(&self, own: Option<SessionId>) -> Option<SessionId> {
        let lies_at =
            |own: &SessionId, located: &Located| located.key == own.store_key(&located.record.purpose);
        let stays = |own: &SessionId| self.located.as_ref().is_some_and(|located| lies_at(own, located));
        self.id.or(own.filter(stays))
    }

    pub(super) fn of(outcome: Outcome) -> Self {
        Self { outcome, located: None, id: None, conflicts: 0, overwritten: 0, unreadable: None }
    }

    pub(super) fn dropped() -> Self {
        Self::of(Outcome::Dropped)
    }
}

/// The number of times in a row that a store may refuse a write to the version that it has just returned. Conflicts
/// with other requests are not counted, because each of those requests has made progress. This limit catches a store
/// that contradicts itself, or that reads from a replica with a long lag.
const MAX_FUTILE_TRIES: u32 = 256;

/// Counts consecutive refused writes after which the store still returns the version that they expected.
///
/// # Errors
///
/// Returns an error after more than `MAX_FUTILE_TRIES` such refusals, because the store must be faulty.
pub(super) fn count_futile(futile: &mut u32, expected: Version, found: Version) -> Result<(), StoreError> {
    *futile = if expected == found { *futile + 1 } else { 0 };
    if *futile > MAX_FUTILE_TRIES {
        return Err(StoreError::new(
            "writing a session",
            "the store refuses to overwrite the version that it returns",
        ));
    }
    Ok(())
}
