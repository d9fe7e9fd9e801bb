use std::error::Error as _;

use hardtack_core::session::{IdChange, ReplayError, StoreAction, StoreKey};
use hardtack_core::store::{Commit, Committed, Outcome, StoreError};

use crate::observe::Tally;

/// What a commit is meant to do: the facts that its counts and events need when it is done.
#[derive(Clone, Copy)]
pub(crate) struct Intent {
    pub(crate) action: StoreAction,
    id_change: IdChange,
    /// The session's key before the commit, if it was stored.
    key: Option<StoreKey>,
}

impl Intent {
    pub(crate) fn of(commit: &Commit) -> Self {
        Self {
            action: commit.action,
            id_change: commit.id_change,
            key: commit.located.as_ref().map(|located| located.key),
        }
    }

    /// Returns whether the commit ends a session that the browser may still name.
    pub(crate) fn is_logout(&self) -> bool {
        self.id_change == IdChange::LogOut
    }

    /// Metrics the outcome of the commit.
    pub(crate) fn count(&self, tally: &Tally, committed: &Result<Committed, StoreError>) {
        let committed = match committed {
            Ok(committed) => committed,
            Err(error) => {
                return match unmerged(error) {
                    Some(why) => tally.unmerged(why),
                    None => tally.failed(error),
                };
            }
        };
        tally.conflicts(committed.conflicts);
        if let Some(error) = &committed.unreadable {
            tally.unreadable(self.key.as_ref(), error);
        }
        let (old, new) = (self.key.as_ref(), committed.located.as_ref().map(|located| &located.key));
        match committed.outcome {
            Outcome::Touched => tally.touched(),
            Outcome::Ended => tally.ended(old),
            Outcome::Dropped => tally.dropped(),
            Outcome::Written if self.action == StoreAction::Create => tally.created(new),
            Outcome::Written => tally.written(new),
            Outcome::Merged => {
                tally.written(new);
                tally.merged(committed.conflicts, committed.overwritten);
            }
        }
        if committed.id.is_some() && self.id_change != IdChange::Stay {
            tally.id_changed(self.id_change, old, new);
        }
    }
}

/// Returns why a commit saved nothing although the store works: an `update` could not run again on what another request
/// wrote. This is the application's mistake.
pub(crate) fn unmerged(error: &StoreError) -> Option<&ReplayError> {
    error.source()?.downcast_ref()
}
