use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::Shared;

use crate::session::{Act, StoreKey};
use crate::store::acts::{commit, replace_once};
use crate::store::batch::{Answer, Batch};
use crate::store::{Commit, Committed, SessionStore, StoreError};

/// Commits over a store, with group commit: requests of one process that write one session at the same time are
/// written together.
///
/// The first request to write a session writes it by itself, as [`commit`](crate::store::commit) does, and most sessions
/// never see a second one. Requests that meet at a session form a group: while one batch of them is being written, the
/// others wait, and then all who wait are the next batch. The changes of a batch are applied to the newest version one
/// request after the other, each on what the one before it left, and are written once; that write is what each of them
/// is acknowledged by. So the number of writes does not grow with the number of requests, and requests do not refuse
/// each other's writes. Those of other processes they may still meet, once per batch.
///
/// ```
/// use hardtack_core::session::{Act, Changes, Dictionary, Lifetime, Purpose, Replay, SessionId, Turn, Updated};
/// use hardtack_core::store::{Commit, GroupCommit, MemoryStore, Opened, Place, open};
/// use std::sync::Arc;
/// use std::time::SystemTime;
///
/// # pollster::block_on(async {
/// let (store, now, id) = (Arc::new(MemoryStore::new()), SystemTime::now(), SessionId::from_random([7; 32]));
/// let work = |act: Act, place: Option<Place>, base: Dictionary| {
///     let plus_one = |text: Option<&str>| {
///         let n: u64 = text.and_then(|text| text.parse().ok()).unwrap_or(0);
///         Updated::Set((n + 1).to_string())
///     };
///     let mut changes = Changes::new();
///     changes.update(&base, "n", plus_one(base.get("n")), Replay::new(plus_one));
///     let (purpose, turn, lifetime) = (Purpose::default(), Turn::Stay, Lifetime::new());
///     Commit { purpose, act, turn, place, base, changes, fresh: id, jitter: 0, login: None, label: None, now, lifetime }
/// };
/// let commits = GroupCommit::new(Arc::clone(&store));
/// commits.commit(work(Act::Create, None, Dictionary::new())).await?;
///
/// // Two requests have loaded the same version, and both count.
/// let load = async || match open(&*store, &Purpose::default(), id.store_key(&Purpose::default()), now).await {
///     Ok(Opened::Live(place, base, _)) => (place, base),
///     _ => panic!("it lives"),
/// };
/// let [(one, base_of_one), (other, base_of_other)] = [load().await, load().await];
/// commits.commit(work(Act::Replace, Some(one), base_of_one)).await?;
/// commits.commit(work(Act::Replace, Some(other), base_of_other)).await?;
/// assert_eq!(load().await.1.get("n"), Some("3"));
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// # })?;
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// ```
///
/// # Cancellation
///
/// Each request that waits for a batch drives it, so it goes on when any of its requests is dropped, also the one that began it.
/// A request that is dropped before its batch began is not written; after that, its outcome is unknown, as with any
/// write. Only a batch of which every request is dropped, and for which no other request waits, is cut off.
pub struct GroupCommit<S> {
    store: Arc<S>,
    /// A short critical section that never spans an await or the application's code, so a plain mutex.
    groups: Mutex<HashMap<StoreKey, Group>>,
    /// How many requests are in the groups of some keys: by this, a session without a group, as nearly all are, costs
    /// one look and no lock.
    crowds: Box<[AtomicU32]>,
}

/// The requests that write one session now.
#[derive(Default)]
struct Group {
    /// The tickets of the requests that are still there.
    live: HashSet<u64>,
    next_ticket: u64,
    /// In the order in which they came.
    waiting: Vec<(u64, Commit)>,
    running: Option<Running>,
    /// What became of requests that have not looked yet.
    answers: Answers,
}

/// A batch under way, which any number of requests drive. The first to see its end takes the answers.
type Running = Shared<Pin<Box<dyn Future<Output = Arc<Mutex<Answers>>> + Send>>>;

/// What became of requests, by their tickets.
type Answers = HashMap<u64, Answer>;

/// Enough counters that two busy sessions seldom share one; sharing one only costs time.
const CROWDS: usize = 256;

/// More requests than this wait for the next batch, so that no poll runs for long.
const MAX_BATCH: usize = 256;

impl<S: SessionStore> GroupCommit<S> {
    /// Commits over `store`. Requests that share one of these form groups; over one store there may be several.
    pub fn new(store: Arc<S>) -> Self {
        let crowds = (0..CROWDS).map(|_| AtomicU32::new(0)).collect();
        Self { store, groups: Mutex::default(), crowds }
    }

    /// The store.
    pub fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// Carries out what was settled, as [`commit`](crate::store::commit) does.
    ///
    /// # Errors
    ///
    /// As there. When a batch fails, each of its requests gets the error.
    pub async fn commit(&self, work: Commit) -> Result<Committed, StoreError> {
        match self.try_alone(&*self.store, &work).await {
            Ok(Attempt::Done(committed)) => Ok(committed),
            Ok(Attempt::Met { refused }) => Box::pin(self.join(work, refused)).await,
            Err(error) => Err(error),
        }
    }

    /// The first half of [`commit`](GroupCommit::commit), for callers that bring the same store in another form for what
    /// a request does alone, such as one that records its calls. Where others write the session too, [`join`] is the rest.
    ///
    /// # Errors
    ///
    /// As [`commit`](GroupCommit::commit).
    ///
    /// [`join`]: GroupCommit::join
    pub async fn try_alone<T: SessionStore>(&self, direct: &T, work: &Commit) -> Result<Attempt, StoreError> {
        let (Act::Replace, Some(place)) = (work.act, &work.place) else {
            return commit(direct, work).await.map(Attempt::Done);
        };
        if self.crowd(&place.key).load(Ordering::Relaxed) > 0 {
            return Ok(Attempt::Met { refused: false });
        }
        replace_once(direct, work, place).await
    }

    /// Waits in the session's group until a batch has written this request, as the answer of
    /// [`try_alone`](GroupCommit::try_alone) asks for.
    ///
    /// # Errors
    ///
    /// As [`commit`](GroupCommit::commit).
    pub async fn join(&self, work: Commit, refused: bool) -> Result<Committed, StoreError> {
        let Some(key) = work.place.as_ref().map(|place| place.key) else {
            return commit(&*self.store, &work).await;
        };
        let mut committed = self.wait(key, work).await?;
        committed.conflicts += u32::from(refused);
        Ok(committed)
    }

    async fn wait(&self, key: StoreKey, work: Commit) -> Result<Committed, StoreError> {
        let member = Member::enter(self, key, work);
        loop {
            let batch = match member.look() {
                Look::Answered(answer) => return answer,
                Look::Running(batch) => batch,
            };
            let answers = batch.clone().await;
            member.retire(&batch, &answers);
        }
    }

    fn crowd(&self, key: &StoreKey) -> &AtomicU32 {
        &self.crowds[usize::from(key.as_bytes()[0]) % CROWDS]
    }
}

/// What a request came to that wrote without a group.
#[derive(Debug)]
#[must_use = "a request that met others has written nothing yet"]
#[expect(clippy::large_enum_variant, reason = "the large one is the common one, and is moved on at once")]
pub enum Attempt {
    /// It is done.
    Done(Committed),
    /// Nothing was written: others write the session at the same time.
    Met {
        /// Whether the store has refused this request's write.
        refused: bool,
    },
}

/// A request in a group, until it is dropped.
struct Member<'a, S: SessionStore> {
    commits: &'a GroupCommit<S>,
    key: StoreKey,
    ticket: u64,
}

impl<'a, S: SessionStore> Member<'a, S> {
    fn enter(commits: &'a GroupCommit<S>, key: StoreKey, work: Commit) -> Self {
        // Relaxed: the count is a hint, and nothing is decided by it but who goes which way.
        commits.crowd(&key).fetch_add(1, Ordering::Relaxed);
        let mut groups = lock(&commits.groups);
        let group = groups.entry(key).or_default();
        let ticket = group.next_ticket;
        group.next_ticket += 1;
        group.live.insert(ticket);
        group.waiting.push((ticket, work));
        Self { commits, key, ticket }
    }

    /// What became of this request, or else the batch under way. Where there is none, all who wait are the next one, and
    /// this request is among them.
    fn look(&self) -> Look {
        let mut groups = lock(&self.commits.groups);
        let group = groups.entry(self.key).or_default();
        if let Some(answer) = group.answers.remove(&self.ticket) {
            return Look::Answered(answer);
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
        Look::Running(group.running.get_or_insert_with(begin).clone())
    }

    /// Makes room for the next batch once this one is done, and takes the answers, unless someone else has.
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

/// What a member sees in its group.
#[expect(clippy::large_enum_variant, reason = "the large one is moved on at once")]
enum Look {
    Answered(Answer),
    Running(Running),
}

impl<S: SessionStore> Drop for Member<'_, S> {
    fn drop(&mut self) {
        let mut groups = lock(&self.commits.groups);
        let Entry::Occupied(mut entry) = groups.entry(self.key) else { return };
        let group = entry.get_mut();
        // They came in the order of their tickets.
        let at = group.waiting.binary_search_by_key(&self.ticket, |(ticket, _)| *ticket);
        let unwritten = at.ok().map(|at| group.waiting.remove(at));
        group.answers.remove(&self.ticket);
        group.live.remove(&self.ticket);
        let abandoned = if group.live.is_empty() { Some(entry.remove()) } else { None };
        drop(groups);
        // The application's code runs when its updates are dropped, so not under the lock.
        drop((unwritten, abandoned));
        self.commits.crowd(&self.key).fetch_sub(1, Ordering::Relaxed);
    }
}

/// A panic under the lock cannot leave what is locked half changed, so poisoning is passed over.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S> fmt::Debug for GroupCommit<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupCommit").finish_non_exhaustive()
    }
}
