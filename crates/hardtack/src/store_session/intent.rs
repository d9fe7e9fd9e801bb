use std::error::Error as _;
use std::time::Duration;

use hardtack_core::protocol::{IdChange, Owner, ReplayError, StoreAction, StoreKey};
use hardtack_core::store::{Commit, Committed, Outcome, StoreError};

use crate::observe::{EventKind, EventUser, StoreOperation, Subject};
use crate::slot::Slot;

/// The intended effect of a commit: the facts with which its outcome is reported.
#[derive(Clone)]
pub(crate) struct Intent {
    pub(crate) action: StoreAction,
    id_change: IdChange,
    /// The session's key before the commit, if it was stored.
    pub(crate) key: Option<StoreKey>,
    /// The user who logs in or out.
    user: Option<Owner>,
}

impl Intent {
    pub(crate) fn of(commit: &Commit) -> Self {
        let located = commit.located.as_ref();
        Self {
            action: commit.action,
            id_change: commit.id_change,
            key: located.map(|located| located.key),
            user: match commit.id_change {
                IdChange::LogIn => commit.login.as_ref().map(|login| login.owner.clone()),
                IdChange::LogOut => located.and_then(|located| located.record.owner().cloned()),
                IdChange::Stay | IdChange::Renew => None,
            },
        }
    }

    /// Returns whether the commit is a logout. If such a commit is lost, the browser may still have the id of a live
    /// session.
    pub(crate) fn is_logout(&self) -> bool {
        self.id_change == IdChange::LogOut
    }

    /// Returns the intent of a commit that only cleans up, so that no logout is reported.
    pub(crate) fn into_cleanup(self) -> Self {
        Self { id_change: IdChange::Stay, user: None, ..self }
    }

    /// Turns a login into an ordinary write, so that no login is reported: the request was canceled, so no browser
    /// receives the session.
    pub(crate) fn forget_login(&mut self) {
        if self.id_change == IdChange::LogIn {
            self.id_change = IdChange::Stay;
        }
    }

    /// Reports the outcome of the commit.
    pub(crate) fn report(
        &self,
        slot: &Slot,
        committed: &Result<Committed, StoreError>,
        took: Option<Duration>,
    ) {
        let old = self.key.as_ref();
        let committed = match committed {
            Ok(committed) => committed,
            Err(error) => return self.report_failure(slot, error, took),
        };
        let new = committed.located.as_ref().map(|located| &located.key);
        if committed.conflicts > 0 {
            slot.emit(Subject::of(old), EventKind::Conflict { retries: committed.conflicts });
        }
        if let Some(error) = &committed.unreadable {
            slot.emit(Subject::of(old), EventKind::Unreadable { operation: StoreOperation::Save, error });
        }
        match committed.outcome {
            Outcome::Touched => slot.emit(Subject::of(new).took(took), EventKind::Touched),
            Outcome::Ended => slot.emit(Subject::of(old).took(took), EventKind::Ended),
            Outcome::Dropped => slot.emit(Subject::of(old).took(took), EventKind::Dropped),
            Outcome::Written if self.action == StoreAction::Create => {
                slot.emit(Subject::of(new).took(took), EventKind::Created);
            }
            Outcome::Merged => {
                slot.emit(Subject::of(new).took(took), EventKind::Written);
                slot.emit(Subject::of(new), EventKind::Merged { overwritten: committed.overwritten });
            }
            // `Written`. An outcome that is added later also means that the session was written.
            _ => slot.emit(Subject::of(new).took(took), EventKind::Written),
        }
        if self.id_change != IdChange::Stay {
            self.report_id_change(slot, committed, new);
        }
    }

    #[cold]
    fn report_failure(&self, slot: &Slot, error: &StoreError, took: Option<Duration>) {
        let subject = Subject::of(self.key.as_ref()).took(took);
        match unmerged(error) {
            Some(error) => slot.emit(subject, EventKind::UpdateFailed { error }),
            None => slot.emit(subject, EventKind::StoreFailed { operation: StoreOperation::Save, error }),
        }
    }

    /// Reports a renewal, login, or logout that has taken effect.
    #[cold]
    fn report_id_change(&self, slot: &Slot, committed: &Committed, new: Option<&StoreKey>) {
        let user = self.user.as_ref().map(|user| EventUser(user.as_str()));
        let has_new_id = committed.id.is_some();
        let subject = Subject::of(new.filter(|_| has_new_id)).before(self.key.as_ref());
        match (self.id_change, user) {
            (IdChange::LogIn, Some(user)) if has_new_id => slot.emit(subject, EventKind::LoggedIn { user }),
            (IdChange::LogOut, Some(user)) if has_new_id || committed.outcome == Outcome::Ended => {
                slot.emit(subject, EventKind::LoggedOut { user });
            }
            // If a guest logs out, the data is kept under a new id.
            (IdChange::Renew | IdChange::LogOut, _) if has_new_id && self.key.is_some() => {
                slot.emit(subject, EventKind::Renewed);
            }
            _ => {}
        }
    }
}

/// Returns the error of an `update` that could not run again on a value that another request had written. In that case,
/// the commit has saved nothing although the store works. This is a mistake in the application.
pub(crate) fn unmerged(error: &StoreError) -> Option<&ReplayError> {
    error.source()?.downcast_ref()
}
