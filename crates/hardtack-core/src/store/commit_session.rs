use crate::protocol::{Dictionary, StoreAction};
use crate::store::retry::{Retry, replay};
use crate::store::successor::Successor;
use crate::store::{Attempt, Commit, Committed, Located, Outcome, SessionStore, StoreError, Swap};

/// Executes a commit with compare-and-swap. Each time another request has committed first, the changes are replayed.
///
/// The future may be dropped at any await point. A write that was not acknowledged is stored either completely or not
/// at all, and the successor from an interrupted renewal expires after
/// [`Lifetime::PROVISIONAL`](crate::protocol::Lifetime::PROVISIONAL).
///
/// # Errors
///
/// Returns an error if the store fails. In this case, the write was applied at most once, and its outcome is unknown.
/// Also returns an error if an update cannot be replayed on what another request wrote. In this case, the session was
/// not changed.
pub async fn commit<S: SessionStore>(store: &S, commit: &Commit) -> Result<Committed, StoreError> {
    match (commit.action, &commit.located) {
        (StoreAction::Create, _) => create(store, commit).await,
        (StoreAction::Replace, Some(located)) => replace(store, commit, located).await,
        (StoreAction::Touch, Some(located)) => touch(store, commit, located).await,
        // Rare and large: boxed to keep the future of the common paths small.
        (StoreAction::Renew | StoreAction::Sever | StoreAction::End, Some(located)) => {
            Box::pin(succeed(store, commit, located)).await
        }
        (StoreAction::Nothing, located) => {
            Ok(Committed { located: located.clone(), ..Committed::of(Outcome::Written) })
        }
        (
            StoreAction::Drop
            | StoreAction::Replace
            | StoreAction::Touch
            | StoreAction::Renew
            | StoreAction::Sever
            | StoreAction::End,
            _,
        ) => Ok(Committed::dropped()),
    }
}

async fn create<S: SessionStore>(store: &S, commit: &Commit) -> Result<Committed, StoreError> {
    let text = commit.changes.text(&Dictionary::new());
    let key = commit.fresh.store_key(&commit.purpose);
    let record = commit.record(&text, None);
    match store.create(&key, &record).await? {
        Swap::Done(version) => {
            let located = Located { key, version, record };
            Ok(Committed {
                located: Some(located),
                id: Some(commit.fresh),
                ..Committed::of(Outcome::Written)
            })
        }
        Swap::Refused => Err(StoreError::new("creating a session", "its random 256-bit id already exists")),
    }
}

async fn replace<S: SessionStore>(
    store: &S,
    commit: &Commit,
    located: &Located,
) -> Result<Committed, StoreError> {
    match replace_once(store, commit, located).await? {
        Attempt::Done(committed) => Ok(committed),
        Attempt::Met { .. } => Box::pin(Retry::new(store, commit, located).replace()).await,
    }
}

/// Replaces the version that was loaded, unless another request committed first.
pub(super) async fn replace_once<S: SessionStore>(
    store: &S,
    commit: &Commit,
    located: &Located,
) -> Result<Attempt, StoreError> {
    let text = commit.changes.text(&commit.base);
    let record = commit.record(&text, Some(&located.record));
    match store.replace(&located.key, located.version, &record).await? {
        Swap::Done(version) => {
            let located = Located { key: located.key, version, record };
            Ok(Attempt::Done(Committed { located: Some(located), ..Committed::of(Outcome::Written) }))
        }
        Swap::Refused => Ok(Attempt::Met { refused: true }),
    }
}

async fn touch<S: SessionStore>(
    store: &S,
    commit: &Commit,
    located: &Located,
) -> Result<Committed, StoreError> {
    let expires_at = commit.lifetime.expires_at(commit.now, located.record.deadline);
    // A refusal means that the session has ended, or that another request has written it and thereby recorded the use.
    // Either way, there is nothing left to do.
    let touched = store.touch(&located.key, located.version, commit.now, expires_at).await?;
    let mut located = located.clone();
    if touched {
        (located.record.last_seen, located.record.expires_at) = (commit.now, expires_at);
    }
    Ok(Committed { located: Some(located), ..Committed::of(Outcome::Touched) })
}

/// Creates a successor, if the action requires one, and then replaces the session with a tombstone. Follows forwards.
async fn succeed<S: SessionStore>(
    store: &S,
    commit: &Commit,
    located: &Located,
) -> Result<Committed, StoreError> {
    let successor = if commit.action == StoreAction::End {
        None
    } else {
        let text = if commit.is_other_users(&located.record) {
            replay(commit, &Dictionary::new())?.text
        } else {
            commit.changes.text(&commit.base)
        };
        Some(Successor::create(store, commit, &text, &located.record).await?)
    };
    Retry::new(store, commit, located).write_tombstone(successor).await
}
