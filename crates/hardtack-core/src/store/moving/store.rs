use std::time::SystemTime;

use crate::session::{Lineage, Owner, Purpose, Record, StoreKey};
use crate::store::{SessionStore, StoreError, Stored, Summary, Swap, Version};

use super::mark::{self, Mark};

/// Two stores as one, while the sessions of the first move to the second: a change of engine that logs nobody out.
///
/// What is new is made in the second store. A session that still lies in the first is moved when it is used for the
/// first time, and when its owner's devices are listed. Whoever is never seen again stays in the first store until the
/// session expires; after the idle timeout nothing is left there, and the second store can be used alone.
///
/// ```
/// use hardtack_core::session::{Purpose, Record, StoreKey};
/// use hardtack_core::store::{MemoryStore, Moving, SessionStore};
/// use std::time::{Duration, SystemTime};
///
/// # pollster::block_on(async {
/// let (old, new) = (MemoryStore::new(), MemoryStore::new());
/// let (key, now) = (StoreKey::from_bytes([7; 32]), SystemTime::UNIX_EPOCH);
/// let record = Record {
///     purpose: Purpose::default(),
///     data: b"data"[..].into(),
///     login: None,
///     label: None,
///     created_at: now,
///     last_seen: now,
///     expires_at: now + Duration::from_secs(60),
///     deadline: now + Duration::from_secs(3600),
/// };
/// let _ = old.create(&key, &record).await?;
///
/// let store = Moving::new(old, new.clone());
/// assert_eq!(store.load(&key).await?.map(|stored| stored.record), Some(record));
/// assert!(new.load(&key).await?.is_some());
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// # })?;
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// ```
///
/// # How to change engines
///
/// Start every server anew with `Moving` around the store there was and the one there is to be. From then on no server
/// may use the first store alone: it would find ended what has moved. Later, start them anew with the second store
/// alone. Until then the way back is open: `Moving` with the two the other way round.
///
/// # Cost
///
/// Loading a session that has moved is one look in the second store, and so is every other operation on one. An id that
/// neither store knows takes a look in both, and so does making a session. To move one takes six operations, once.
///
/// # How nothing is lost and nothing comes back
///
/// No transaction spans two engines, and whoever moves a session may be stopped at any moment, for ever or for a while.
/// So one single compare-and-swap in the *first* store decides:
///
/// 1. The session is read from the first store, in version *v*.
/// 2. A copy is created in the second store. It says of itself that it is arriving, and from which *v*: nobody takes it
///    for a session yet. Its own version is *t*.
/// 3. In the first store, *v* is replaced by "moved to *t*". **This is the move.** Of several who try, one wins, and none
///    if the session was written or ended meanwhile.
/// 4. The copy is replaced by the session itself.
///
/// Whoever meets an arriving copy looks into the first store: if that says "moved to *t*", the copy is the session, and
/// step 4 is taken for the one who was stopped; if *v* is still there, step 3; in all other cases the copy is thrown away.
/// So a copy made late, of a session that has long been moved, used and ended, becomes nothing: the first store does
/// not name it. And a session whose mover was stopped is never lost: it is in the first store until it is in the
/// second.
///
/// Versions are always those of the second store, because to load a session is to move it. What is left in the first
/// store expires when the session would have, so a sweep there takes it along.
#[derive(Debug, Clone)]
pub struct Moving<From, To> {
    pub(super) from: From,
    pub(super) to: To,
}

/// What there is of a session in two stores.
enum Found {
    /// It is in the second one.
    Session(Stored),
    /// It is in neither; in the second one lies what a move the other way has left, in this version.
    Nothing(Option<Version>),
}

const MOVING: &str = "moving a session from one store to the other";

/// More than can meet at one session; past it something is wrong with a store.
const MOST_TURNS: usize = 64;

impl<From: SessionStore, To: SessionStore> Moving<From, To> {
    /// Moves sessions `from` one store `to` another.
    #[must_use]
    pub fn new(from: From, to: To) -> Self {
        Self { from, to }
    }

    /// Finds a session in either store, beginning with what the second one has; afterwards it is there.
    async fn find(&self, key: &StoreKey, mut there: Option<Stored>) -> Result<Found, StoreError> {
        let mut has_moved = false;
        for _ in 0..MOST_TURNS {
            let left = match there.map(Mark::read) {
                None => None,
                Some(Mark::Live(stored)) => return Ok(Found::Session(stored)),
                Some(Mark::Arriving { copy, version, of }) => {
                    if let Some(stored) = self.arrive(key, copy, version, of).await? {
                        return Ok(Found::Session(stored));
                    }
                    there = self.to.load(key).await?;
                    continue;
                }
                // Sessions have been moved the other way before.
                Some(Mark::Moved { version, to }) => Some((version, to)),
            };
            let over = left.map(|(version, _)| version);
            match self.from.load(key).await?.map(Mark::read) {
                None => return Ok(Found::Nothing(over)),
                // It may have moved between the two looks, so it takes another. If it is in neither then, it has
                // ended.
                Some(Mark::Moved { .. }) if has_moved => return Ok(Found::Nothing(over)),
                Some(Mark::Moved { .. }) => has_moved = true,
                Some(Mark::Arriving { copy, version, .. }) => {
                    // A move the other way was stopped: after it was decided, or before.
                    if left.is_some_and(|(_, to)| to == version) {
                        let session = mark::live(&copy);
                        let _ = self.from.replace(key, version, session.as_ref().unwrap_or(&copy)).await?;
                    } else {
                        self.from.delete(key, version).await?;
                    }
                }
                Some(Mark::Live(old)) => {
                    let copy = mark::arriving(&old.record, old.version);
                    if let Swap::Done(version) = write(&self.to, key, over, &copy).await?
                        && let Some(stored) = self.decide(key, old.record, version, old.version).await?
                    {
                        return Ok(Found::Session(stored));
                    }
                }
            }
            there = self.to.load(key).await?;
        }
        Err(without_pause())
    }

    /// What an arriving copy turns out to be: the session, or nothing, so that one has to look again.
    async fn arrive(
        &self,
        key: &StoreKey,
        copy: Record,
        version: Version,
        of: Version,
    ) -> Result<Option<Stored>, StoreError> {
        match self.from.load(key).await?.map(Mark::read) {
            Some(Mark::Moved { to, .. }) if to == version => self.confirm(key, copy, version).await,
            Some(Mark::Live(old)) if old.version == of => self.decide(key, copy, version, of).await,
            Some(_) | None => {
                self.to.delete(key, version).await?;
                Ok(None)
            }
        }
    }

    /// The move itself.
    async fn decide(
        &self,
        key: &StoreKey,
        copy: Record,
        version: Version,
        of: Version,
    ) -> Result<Option<Stored>, StoreError> {
        match self.from.replace(key, of, &mark::moved(&copy, version)).await? {
            Swap::Done(_) => self.confirm(key, copy, version).await,
            Swap::Refused => Ok(None),
        }
    }

    async fn confirm(
        &self,
        key: &StoreKey,
        copy: Record,
        version: Version,
    ) -> Result<Option<Stored>, StoreError> {
        match self.to.replace(key, version, mark::live(&copy).as_ref().unwrap_or(&copy)).await? {
            Swap::Done(version) => Ok(Some(Stored { record: copy, version })),
            Swap::Refused => Ok(None),
        }
    }
}

impl<From: SessionStore, To: SessionStore> SessionStore for Moving<From, To> {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let there = match self.to.load(key).await? {
            Some(stored) if !mark::is_marked(&stored) => return Ok(Some(stored)),
            there => there,
        };
        // Rare, and large: boxed, so that the common way stays small.
        match Box::pin(self.find(key, there)).await? {
            Found::Session(stored) => Ok(Some(stored)),
            Found::Nothing(_) => Ok(None),
        }
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        let marked = mark::live(record);
        let record = marked.as_ref().unwrap_or(record);
        for _ in 0..MOST_TURNS {
            let there = self.to.load(key).await?;
            let Found::Nothing(left) = Box::pin(self.find(key, there)).await? else {
                return Ok(Swap::Refused);
            };
            if let done @ Swap::Done(_) = write(&self.to, key, left, record).await? {
                return Ok(done);
            }
        }
        Err(without_pause())
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        self.to.replace(key, expected, mark::live(record).as_ref().unwrap_or(record)).await
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        self.to.touch(key, expected, last_seen, expires_at).await
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        self.to.delete(key, expected).await
    }

    /// Moves a page of them first: then all that comes before the end of that page is in the second store.
    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        for old in self.from.owned_by(purpose, owner, after, at_most).await? {
            match self.load(&old.key).await {
                // It stays where it is, and counts as no session.
                Err(error) if error.is_unreadable() => {}
                loaded => drop(loaded?),
            }
        }
        for _ in 0..MOST_TURNS {
            let mut summaries = self.to.owned_by(purpose, owner, after, at_most).await?;
            let mut are_all_there = true;
            for summary in &mut summaries {
                if mark::is_arriving(summary.label.as_deref()) {
                    are_all_there = false;
                    self.load(&summary.key).await?;
                }
                summary.label = summary.label.take().map(mark::unmarked);
            }
            if are_all_there {
                return Ok(summaries);
            }
        }
        Err(without_pause())
    }

    /// In the first store first: what is not there any more then is in the second already, if only as an arriving copy,
    /// and that has its owner. A session that is just being moved may count twice.
    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        let left_behind = self.from.delete_owned_by(purpose, owner, spared).await?;
        Ok(left_behind + self.to.delete_owned_by(purpose, owner, spared).await?)
    }

    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        let swept = self.from.sweep(now, at_most).await?;
        Ok(swept + self.to.sweep(now, at_most.saturating_sub(swept)).await?)
    }
}

/// Writes where nothing is, or over what a move the other way has left.
async fn write<S: SessionStore>(
    store: &S,
    key: &StoreKey,
    left: Option<Version>,
    record: &Record,
) -> Result<Swap, StoreError> {
    match left {
        None => store.create(key, record).await,
        Some(version) => store.replace(key, version, record).await,
    }
}

fn without_pause() -> StoreError {
    StoreError::new(MOVING, "it is written without pause")
}
