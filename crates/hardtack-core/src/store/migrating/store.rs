use std::time::SystemTime;

use crate::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use crate::store::{SessionStore, StoreError, Stored, Summary, Swap, Version};

use super::mark::{self, Mark};

/// Two stores that act as one while sessions move from the first to the second. Use a `MigratingStore` to change
/// engines without logging out any user.
///
/// New sessions are created in the second store. A session that is still in the first store is moved when it is first
/// used, and when its owner's devices are listed. A session that is never used again stays in the first store until it
/// expires. After the idle timeout, the first store contains no live sessions, and the second store can be used alone.
///
/// ```
/// use hardtack_core::protocol::{Purpose, Record, StoreKey};
/// use hardtack_core::store::{MemoryStore, MigratingStore, SessionStore};
/// use std::time::{Duration, SystemTime};
///
/// # pollster::block_on(async {
/// let (old, new) = (MemoryStore::new(), MemoryStore::new());
/// let (key, now) = (StoreKey::from_bytes([7; 32]), SystemTime::UNIX_EPOCH);
/// let record = Record::new(Purpose::default(), *b"data", now)
///     .expires_at(now + Duration::from_secs(60))
///     .deadline(now + Duration::from_secs(3600));
/// let _ = old.create(&key, &record).await?;
///
/// let store = MigratingStore::new(old, new.clone());
/// assert_eq!(store.load(&key).await?.map(|stored| stored.record), Some(record));
/// assert!(new.load(&key).await?.is_some());
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// # })?;
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// ```
///
/// # How to change engines
///
/// Restart every server with `MigratingStore` around the current store and the future one. From then on, no server may
/// use the first store alone, because to that server the moved sessions would have ended. Later, restart the servers
/// with the second store alone. Until then, you can go back: use `MigratingStore` with the two stores swapped.
///
/// # Cost
///
/// Loading a session that has moved takes one lookup in the second store, and so does every other operation on it.
/// Looking up an id that neither store contains takes a lookup in both, and so does creating a session. Moving a
/// session takes five operations, including both lookups, once.
///
/// # Consistency
///
/// No transaction spans two engines, and a process that moves a session may be stopped at any time, temporarily or
/// permanently. A single compare-and-swap in the *first* store therefore decides whether the session has moved:
///
/// 1. The session is read from the first store, in version *v*.
/// 2. A copy is created in the second store. It is marked as arriving, with *v* as its source, so that it is not
///    treated as a session yet. Its own version is *t*.
/// 3. In the first store, *v* is replaced by "moved to *t*". **This is the move.** If several processes try, one
///    succeeds. None succeeds if the session was written or ended in the meantime.
/// 4. The copy is replaced by the session itself.
///
/// A process that finds an arriving copy reads the first store. If that store contains "moved to *t*", the copy is the
/// session, and the process completes step 4. If the first store still contains *v*, the process performs step 3. In
/// all other cases, the process deletes the copy. A late copy of a session that has already been moved, used, and ended
/// is therefore discarded, because the first store does not refer to it. A session is never lost when its move is
/// interrupted, because it is in the first store until it is in the second.
///
/// Versions are always those of the second store, because loading a session moves it. The remains in the first store
/// expire when the session would have expired, so sweeping that store removes them.
#[derive(Debug, Clone)]
pub struct MigratingStore<From, To> {
    pub(super) from: From,
    pub(super) to: To,
}

/// The state of a session across the two stores.
enum Found {
    /// The session is in the second store.
    Session(Stored),
    /// The session is in neither store. If a move in the other direction left a record in the second store, the version
    /// is that record's.
    Nothing(Option<Version>),
}

const MOVING: &str = "moving a session to the new store";

/// The maximum number of attempts. A single session never causes that many conflicts, so if this number is exceeded, a
/// store is faulty.
const MAX_ATTEMPTS: usize = 64;

impl<From: SessionStore, To: SessionStore> MigratingStore<From, To> {
    /// Creates a store that moves sessions `from` one store `to` another.
    #[must_use]
    pub fn new(from: From, to: To) -> Self {
        Self { from, to }
    }

    /// Finds a session in either store, given the second store's record. Moves the session to the second store if
    /// necessary.
    async fn find(&self, key: &StoreKey, mut there: Option<Stored>) -> Result<Found, StoreError> {
        let mut has_moved = false;
        for _ in 0..MAX_ATTEMPTS {
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
                // An earlier move in the other direction left this record.
                Some(Mark::Moved { version, to }) => Some((version, to)),
            };
            let over = left.map(|(version, _)| version);
            match self.from.load(key).await?.map(Mark::read) {
                None => return Ok(Found::Nothing(over)),
                // The session may have moved between the two lookups, so look it up once more. If neither store
                // contains it then, it has ended.
                Some(Mark::Moved { .. }) if has_moved => return Ok(Found::Nothing(over)),
                Some(Mark::Moved { .. }) => has_moved = true,
                Some(Mark::Arriving { copy, version, .. }) => {
                    // A move in the other direction was interrupted, either after or before the deciding step.
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

    /// Completes or undoes an interrupted move whose copy is already in the second store. Returns the session, or
    /// `None` if the caller must look up the session again.
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

    /// Performs the move: replaces the session in the first store with a reference to its copy, and then completes the
    /// copy.
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

impl<From: SessionStore, To: SessionStore> SessionStore for MigratingStore<From, To> {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let there = match self.to.load(key).await? {
            Some(stored) if !mark::is_marked(&stored) => return Ok(Some(stored)),
            there => there,
        };
        // Rare and large: boxed to keep the future of the common path small.
        match Box::pin(self.find(key, there)).await? {
            Found::Session(stored) => Ok(Some(stored)),
            Found::Nothing(_) => Ok(None),
        }
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        let marked = mark::live(record);
        let record = marked.as_ref().unwrap_or(record);
        for _ in 0..MAX_ATTEMPTS {
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

    /// Moves a page of the owner's sessions first. Afterwards, all sessions before the end of that page are in the
    /// second store.
    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        for old in self.from.owned_by(purpose, owner, after, at_most).await? {
            match self.load(&old.key).await {
                // The record stays in the first store, and is not treated as a session.
                Err(error) if error.is_unreadable() => {}
                loaded => drop(loaded?),
            }
        }
        for _ in 0..MAX_ATTEMPTS {
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

    /// Deletes from the first store before the second. A session that is no longer in the first store is already in the
    /// second, possibly as an arriving copy, which has the same owner. A session that is being moved may be counted
    /// twice.
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

/// Creates a record, or replaces the record that a move in the other direction has left.
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
    StoreError::new(MOVING, "other requests keep writing it")
}
