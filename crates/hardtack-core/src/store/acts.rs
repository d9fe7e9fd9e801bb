use crate::session::{Act, Dictionary};
use crate::store::retry::{Retry, replay};
use crate::store::successor::Successor;
use crate::store::{Attempt, Commit, Committed, Outcome, Place, SessionStore, StoreError, Swap};

/// Executes a commit with compare-and-swap, and replays its changes whenever another request committed first.
///
/// The future may be dropped at any await point. No half-renewed session stays reachable, and a write that was not
/// acknowledged is stored either completely or not at all. A successor lives no longer than
/// [`Lifetime::PROVISIONAL`](crate::session::Lifetime::PROVISIONAL) until its predecessor is a tombstone.
///
/// # Errors
///
/// Returns an error if the store fails: the write was applied at most once, and its outcome is unknown. Also returns an
/// error if an update cannot be replayed on what another request wrote; in this case nothing was written.
pub async fn commit<S: SessionStore>(store: &S, commit: &Commit) -> Result<Committed, StoreError> {
    match (commit.act, &commit.place) {
        (Act::Create, _) => create(store, commit).await,
        (Act::Replace, Some(place)) => replace(store, commit, place).await,
        (Act::Touch, Some(place)) => touch(store, commit, place).await,
        // Rare and large: boxed to keep the future of the common paths small.
        (Act::Renew | Act::Sever | Act::End, Some(place)) => Box::pin(succeed(store, commit, place)).await,
        (Act::Nothing, place) => Ok(Committed { place: place.clone(), ..Committed::of(Outcome::Written) }),
        (Act::Drop | Act::Replace | Act::Touch | Act::Renew | Act::Sever | Act::End, _) => {
            Ok(Committed::dropped())
        }
    }
}

async fn create<S: SessionStore>(store: &S, commit: &Commit) -> Result<Committed, StoreError> {
    let text = commit.changes.text(&Dictionary::new());
    let key = commit.fresh.store_key(&commit.purpose);
    let record = commit.record(&text, None);
    match store.create(&key, &record).await? {
        Swap::Done(version) => {
            let place = Place { key, version, record };
            Ok(Committed { place: Some(place), id: Some(commit.fresh), ..Committed::of(Outcome::Written) })
        }
        Swap::Refused => Err(StoreError::new("creating a session", "its 256-bit random id is taken")),
    }
}

async fn replace<S: SessionStore>(
    store: &S,
    commit: &Commit,
    place: &Place,
) -> Result<Committed, StoreError> {
    match replace_once(store, commit, place).await? {
        Attempt::Done(committed) => Ok(committed),
        Attempt::Met { .. } => Box::pin(Retry::new(store, commit, place).replace()).await,
    }
}

/// Replaces the version that was loaded, unless another request committed first.
pub(super) async fn replace_once<S: SessionStore>(
    store: &S,
    commit: &Commit,
    place: &Place,
) -> Result<Attempt, StoreError> {
    let text = commit.changes.text(&commit.base);
    let record = commit.record(&text, Some(&place.record));
    match store.replace(&place.key, place.version, &record).await? {
        Swap::Done(version) => {
            let place = Place { key: place.key, version, record };
            Ok(Attempt::Done(Committed { place: Some(place), ..Committed::of(Outcome::Written) }))
        }
        Swap::Refused => Ok(Attempt::Met { refused: true }),
    }
}

async fn touch<S: SessionStore>(store: &S, commit: &Commit, place: &Place) -> Result<Committed, StoreError> {
    let expires_at = commit.lifetime.expires_at(commit.now, place.record.deadline);
    // A refusal means that the session has ended, or that another request has written it and thereby recorded the use.
    // Either way, there is nothing left to do.
    let touched = store.touch(&place.key, place.version, commit.now, expires_at).await?;
    let mut place = place.clone();
    if touched {
        (place.record.last_seen, place.record.expires_at) = (commit.now, expires_at);
    }
    Ok(Committed { place: Some(place), ..Committed::of(Outcome::Touched) })
}

/// Makes a successor, if the act has one, and then replaces the session with a tombstone, following any forwards.
async fn succeed<S: SessionStore>(
    store: &S,
    commit: &Commit,
    place: &Place,
) -> Result<Committed, StoreError> {
    let successor = if commit.act == Act::End {
        None
    } else {
        let text = if commit.is_other_users(&place.record) {
            replay(commit, &Dictionary::new())?.text
        } else {
            commit.changes.text(&commit.base)
        };
        Some(Successor::create(store, commit, &text, &place.record).await?)
    };
    Retry::new(store, commit, place).bury(successor).await
}
