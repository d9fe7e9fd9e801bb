use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::Shared;

use crate::protocol::{StoreAction, StoreKey};
use crate::store::batch::{Answer, Batch};
use crate::store::commit_session::{commit, replace_once};
use crate::store::{Commit, Committed, SessionStore, StoreError};

/// A committer that batches writes: the changes that concurrent requests in one process make to the same session are
/// written together.
///
/// The first request to write a session writes it alone, as [`commit`](crate::store::commit) does. For most sessions,
/// there is never a second request at the same time. Requests that write a session at the same time form a group: while
/// one batch is being written, the other requests wait, and then become the next batch. The changes of a batch are
/// applied to the newest version, request by request, each on the result of the previous one. The result is written
/// once, and this write acknowledges all requests in the batch. The number of writes therefore grows much more slowly
/// than the number of requests, and requests in a group do not conflict with each other. They can still conflict with
/// other processes, once per attempt to write the batch.
///
/// Only commits with [`StoreAction::Replace`] are batched. All others are written alone.
///
/// ```
/// use hardtack_core::protocol::{Changes, Dictionary, Purpose, Replay, SessionId, StoreAction, Updated};
/// use hardtack_core::store::{Commit, GroupCommit, MemoryStore, Opened, Located, open};
/// use std::sync::Arc;
/// use std::time::SystemTime;
///
/// # pollster::block_on(async {
/// let (store, now, id) = (Arc::new(MemoryStore::new()), SystemTime::now(), SessionId::from_random([7; 32]));
/// let work = |action: StoreAction, located: Option<Located>, base: Dictionary| {
///     let plus_one = |text: Option<&str>| {
///         let n: u64 = text.and_then(|text| text.parse().ok()).unwrap_or(0);
///         Updated::Set((n + 1).to_string())
///     };
///     let mut changes = Changes::new();
///     changes.update(&base, "n", plus_one(base.get("n")), Replay::new(plus_one));
///     let mut commit = Commit::new(action, Purpose::default(), changes, id, now);
///     (commit.located, commit.base) = (located, base);
///     commit
/// };
/// let commits = GroupCommit::new(Arc::clone(&store));
/// commits.commit(work(StoreAction::Create, None, Dictionary::new())).await?;
///
/// // Two requests have loaded the same version, and both updates are kept.
/// let load = async || match open(&*store, &Purpose::default(), id.store_key(&Purpose::default()), now).await {
///     Ok(Opened::Live(located, base, _)) => (located, base),
///     _ => panic!("it lives"),
/// };
/// let [(one, base_of_one), (other, base_of_other)] = [load().await, load().await];
/// commits.commit(work(StoreAction::Replace, Some(one), base_of_one)).await?;
/// commits.commit(work(StoreAction::Replace, Some(other), base_of_other)).await?;
/// assert_eq!(load().await.1.get("n"), Some("3"));
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// # })?;
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// ```
///
/// # Cancellation
///
/// Each request that waits for a batch polls it. The batch therefore continues when one of its requests is dropped,
/// even the one that started it. A request that is dropped while it waits for its batch to start is not written. If the
/// request is dropped at any other time, its outcome is unknown, as with any write. A batch is aborted only if all of
/// its requests are dropped and no other request waits for it.
pub struct GroupCommit<S> {
    store: Arc<S>,
    /// A plain mutex, because the critical section is short and never spans an await or application code.
    groups: Mutex<HashMap<StoreKey, Group>>,
    /// The number of requests in groups, for each set of keys that share a counter. Nearly all sessions have no group.
    /// They cost one atomic load and no lock.
    crowds: Box<[AtomicU32]>,
}

/// The requests that are currently writing one session.
#[derive(Default)]
struct Group {
    /// The tickets of the requests that have not been dropped.
    live: HashSet<u64>,
    next_ticket: u64,
    /// The waiting requests, in order of arrival.
    waiting: Vec<(u64, Commit)>,
    running: Option<Running>,
    /// The results that requests have not fetched yet.
    answers: Answers,
}

/// A running batch, which any number of requests poll. The first one to see it complete takes the answers.
type Running = Shared<Pin<Box<dyn Future<Output = Arc<Mutex<Answers>>> + Send>>>;

/// The results of requests, by ticket.
type Answers = HashMap<u64, Answer>;

/// The number of counters, which is high enough that two busy sessions rarely share one. Sharing costs only time.
const CROWDS: usize = 256;

/// The maximum size of a batch. Further requests wait for the next one, so that no poll runs for long.
const MAX_BATCH: usize = 256;

impl<S: SessionStore> GroupCommit<S> {
    /// Creates a group commit over `store`. Requests that share the same `GroupCommit` form groups; one store can have
    /// several.
    pub fn new(store: Arc<S>) -> Self {
        let crowds = (0..CROWDS).map(|_| AtomicU32::new(0)).collect();
        Self { store, groups: Mutex::default(), crowds }
    }

    /// Returns the store.
    pub fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// Executes a commit, as [`commit`](crate::store::commit) does.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`commit`](crate::store::commit). If a batch fails, each of its requests gets the
    /// error.
    pub async fn commit(&self, work: Commit) -> Result<Committed, StoreError> {
        match self.try_alone(&*self.store, &work).await {
            Ok(Attempt::Done(committed)) => Ok(committed),
            Ok(Attempt::Met { refused }) => Box::pin(self.join(work, refused)).await,
            Err(error) => Err(error),
        }
    }

    /// Runs the first half of [`commit`](GroupCommit::commit): writes the request alone, unless other requests are
    /// writing the session too. In that case, [`join`] is the second half. The halves are separate so that a request
    /// that is written alone can access the store through `direct`, a wrapper of the same store, such as one that
    /// records its calls.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`commit`](GroupCommit::commit).
    ///
    /// [`join`]: GroupCommit::join
    #[doc(hidden)]
    pub async fn try_alone<T: SessionStore>(&self, direct: &T, work: &Commit) -> Result<Attempt, StoreError> {
        let (StoreAction::Replace, Some(located)) = (work.action, &work.located) else {
            return commit(direct, work).await.map(Attempt::Done);
        };
        if self.crowd(&located.key).load(Ordering::Relaxed) > 0 {
            return Ok(Attempt::Met { refused: false });
        }
        replace_once(direct, work, located).await
    }

    /// Waits in the session's group until a batch has written this request. Call it when
    /// [`try_alone`](GroupCommit::try_alone) returns [`Attempt::Met`], with the same `refused`.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`commit`](GroupCommit::commit).
    #[doc(hidden)]
    pub async fn join(&self, work: Commit, refused: bool) -> Result<Committed, StoreError> {
        let Some(key) = work.located.as_ref().map(|located| located.key) else {
            return commit(&*self.store, &work).await;
        };
        let mut committed = self.wait(key, work).await?;
        committed.conflicts += u32::from(refused);
        Ok(committed)
    }

    async fn wait(&self, key: StoreKey, work: Commit) -> Result<Committed, StoreError> {
        let member = Member::enter(self, key, work);
        loop {
            let batch = match member.probe() {
                Probe::Done(answer) => return answer,
                Probe::Running(batch) => batch,
            };
            let answers = batch.clone().await;
            member.retire(&batch, &answers);
        }
    }

    fn crowd(&self, key: &StoreKey) -> &AtomicU32 {
        &self.crowds[usize::from(key.as_bytes()[0]) % CROWDS]
    }
}

/// The result of an attempt to write a request without a group.
#[doc(hidden)]
#[derive(Debug)]
#[must_use = "a request that conflicted with others has not written anything yet"]
#[expect(clippy::large_enum_variant, reason = "the large one is the common one, and is moved on at once")]
pub enum Attempt {
    /// The request is complete.
    Done(Committed),
    /// Nothing was written: other requests are writing the session at the same time.
    Met {
        /// Whether the store refused the write of this request.
        refused: bool,
    },
}

/// The membership of a request in a group. Dropping it removes the request from the group.
struct Member<'a, S: SessionStore> {
    commits: &'a GroupCommit<S>,
    key: StoreKey,
    ticket: u64,
}

impl<'a, S: SessionStore> Member<'a, S> {
    fn enter(commits: &'a GroupCommit<S>, key: StoreKey, work: Commit) -> Self {
        // The ordering is relaxed, because the count is only a hint that decides which path a request takes.
        commits.crowd(&key).fetch_add(1, Ordering::Relaxed);
        let mut groups = lock(&commits.groups);
        let group = groups.entry(key).or_default();
        let ticket = group.next_ticket;
        group.next_ticket += 1;
        group.live.insert(ticket);
        group.waiting.push((ticket, work));
        Self { commits, key, ticket }
    }

    /// Returns the result of this request, or else the running batch. If no batch is running, the waiting requests
    /// become the next batch, or the first `MAX_BATCH` of them.
    fn probe(&self) -> Probe {
        let mut groups = lock(&self.commits.groups);
        let group = groups.entry(self.key).or_default();
        if let Some(answer) = group.answers.remove(&self.ticket) {
            return Probe::Done(answer);
        }
        let waiting = &mut group.waiting;
        let begin = || {
            let members: Vec<_> = waiting.drain(..waiting.len().min(MAX_BATCH)).collect();
            let tickets: Vec<u64> = members.iter().map(|(ticket, _)| *ticket).collect();
            let batch = Batch::new(Arc::clone(&self.commits.store), self.key, members);
            let answered = AssertUnwindSafe(batch.write()).catch_unwind().map(move |answers| {
                let answers = answers.unwrap_or_else(|_| {
                    let error = StoreError::new("writing a session", "the store panicked");
                    tickets.into_iter().map(|ticket| (ticket, Err(error.clone()))).collect()
                });
                Arc::new(Mutex::new(answers))
            });
            answered.boxed().shared()
        };
        Probe::Running(group.running.get_or_insert_with(begin).clone())
    }

    /// Ends a completed batch, so that the next batch can start. Takes the answers of the completed batch, unless
    /// another request has already taken them.
    fn retire(&self, batch: &Running, answers: &Mutex<Answers>) {
        let mut groups = lock(&self.commits.groups);
        if let Some(group) = groups.get_mut(&self.key)
            && group.running.take_if(|running| running.ptr_eq(batch)).is_some()
        {
            let live = &group.live;
            group.answers.extend(lock(answers).drain().filter(|(ticket, _)| live.contains(ticket)));
        }
    }
}

/// The state that a member finds in its group.
#[expect(clippy::large_enum_variant, reason = "the large one is moved on at once")]
enum Probe {
    Done(Answer),
    Running(Running),
}

impl<S: SessionStore> Drop for Member<'_, S> {
    fn drop(&mut self) {
        let mut groups = lock(&self.commits.groups);
        let Entry::Occupied(mut entry) = groups.entry(self.key) else { return };
        let group = entry.get_mut();
        // Requests are sorted by ticket, because they are added in order.
        let at = group.waiting.binary_search_by_key(&self.ticket, |(ticket, _)| *ticket);
        let unwritten = at.ok().map(|at| group.waiting.remove(at));
        group.answers.remove(&self.ticket);
        group.live.remove(&self.ticket);
        let abandoned = if group.live.is_empty() { Some(entry.remove()) } else { None };
        drop(groups);
        // Dropping updates runs application code, so it must not happen under the lock.
        drop((unwritten, abandoned));
        self.commits.crowd(&self.key).fetch_sub(1, Ordering::Relaxed);
    }
}

/// Locks a mutex and ignores poisoning, because a panic under the lock cannot leave the data partially changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S> fmt::Debug for GroupCommit<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupCommit").finish_non_exhaustive()
    }
}
