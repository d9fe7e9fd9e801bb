//! Tests that concurrent requests in one process that write the same session are written together.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use hardtack_conformance::spy::{Answer, Call, Hook, Spy};
use hardtack_core::protocol::{
    Changes, Dictionary, IdChange, Purpose, Replay, SessionId, StoreAction, Updated,
};
use hardtack_core::store::{
    Commit, Committed, GroupCommit, Located, MemoryStore, Opened, Outcome, SessionStore, StoreError, commit,
    open,
};
use tokio::sync::Semaphore;

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

/// A memory store whose replacements are counted, and wait for permits.
type Gated = Spy<MemoryStore, Gate>;

struct Gate {
    permits: Semaphore,
    replaced: AtomicUsize,
    /// The number of times that another process writes between a load and the subsequent replacement.
    rival: AtomicUsize,
    fails: bool,
}

impl Gate {
    fn open() -> Self {
        let permits = Semaphore::new(1_000_000);
        let (replaced, rival) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { permits, replaced, rival, fails: false }
    }

    fn shut() -> Self {
        Self { permits: Semaphore::new(0), ..Self::open() }
    }
}

impl Hook<MemoryStore> for Gate {
    async fn answer(&self, store: &MemoryStore, call: Call) -> Result<Answer, StoreError> {
        if let Call::Replace { .. } = call {
            self.permits.acquire().await.expect("it is never closed").forget();
            self.replaced.fetch_add(1, Ordering::Relaxed);
            if self.fails {
                return Err(StoreError::new("writing a session", "on purpose"));
            }
            let takes = |left: usize| left.checked_sub(1);
            if self.rival.fetch_update(Ordering::Relaxed, Ordering::Relaxed, takes).is_ok() {
                let rival = counting(load(store).await);
                commit(store, &rival).await?;
            }
        }
        call.make(store).await
    }
}

fn id() -> SessionId {
    SessionId::from_random([7; 32])
}

fn work(
    action: StoreAction,
    id_change: IdChange,
    located: Option<Located>,
    base: Dictionary,
    changes: Changes,
) -> Commit {
    let mut commit = Commit::new(action, Purpose::default(), changes, id(), NOW);
    (commit.id_change, commit.located, commit.base) = (id_change, located, base);
    commit
}

/// Loads the session as a request does.
async fn load(store: &impl SessionStore) -> (Located, Dictionary) {
    match open(store, &Purpose::default(), id().store_key(&Purpose::default()), NOW).await {
        Ok(Opened::Live(located, base, _)) => (located, base),
        other => panic!("the session lives: {other:?}"),
    }
}

/// Creates a commit that increments `n`, based on the session that was loaded.
fn counting((located, base): (Located, Dictionary)) -> Commit {
    updating((located, base), "n", |text| {
        let n: u64 = text.map_or(0, |text| text.parse().expect("a number"));
        Updated::Set((n + 1).to_string())
    })
}

/// Creates a commit that appends to `list`.
fn appending((located, base): (Located, Dictionary), item: usize) -> Commit {
    updating((located, base), "list", move |text| {
        let items = text.unwrap_or("[]").trim_matches(['[', ']']);
        let comma = if items.is_empty() { "" } else { "," };
        Updated::Set(format!("[{items}{comma}{item}]"))
    })
}

fn updating(
    (located, base): (Located, Dictionary),
    key: &str,
    update: impl Fn(Option<&str>) -> Updated + Send + 'static,
) -> Commit {
    let mut changes = Changes::new();
    changes.update(&base, key, update(base.get(key)), Replay::new(update));
    work(StoreAction::Replace, IdChange::Stay, Some(located), base, changes)
}

/// Creates a group commit over a store with one session, in which `n` is 0.
async fn commits(gate: Gate) -> GroupCommit<Gated> {
    let mut changes = Changes::new();
    changes.set(&Dictionary::new(), "n", "0".into());
    let create = work(StoreAction::Create, IdChange::Stay, None, Dictionary::new(), changes);
    let store = Arc::new(MemoryStore::new());
    commit(&*store, &create).await.expect("memory does not fail");
    GroupCommit::new(Arc::new(Spy::on(store, gate)))
}

/// Returns the store behind the gate.
fn memory(commits: &GroupCommit<Gated>) -> &MemoryStore {
    commits.store().store()
}

async fn text(commits: &GroupCommit<Gated>) -> String {
    load(memory(commits)).await.1.as_text().to_owned()
}

type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Committed, StoreError>> + 'a>>;

/// Creates requests that wait together on a store whose gate is closed. An earlier request has set `n` to 1, so that
/// the store refused their writes.
async fn waiting<'a>(
    commits: &'a GroupCommit<Gated>,
    number: usize,
    request: impl Fn((Located, Dictionary), usize) -> Commit,
) -> Vec<Waiting<'a>> {
    let first = commits.commit(counting(load(memory(commits)).await));
    let mut requests: Vec<Waiting<'a>> = Vec::new();
    for item in 0..number {
        requests.push(Box::pin(commits.commit(request(load(memory(commits)).await, item))));
    }
    let mut first = pin!(first);
    assert!(poll(first.as_mut()).is_pending());
    for request in &mut requests {
        assert!(poll(request.as_mut()).is_pending());
    }
    commits.store().permits.add_permits(1 + number);
    assert_eq!(first.await.unwrap().outcome, Outcome::Written);
    for request in &mut requests {
        assert!(poll(request.as_mut()).is_pending());
    }
    assert_eq!(commits.store().permits.available_permits(), 0);
    assert_eq!(commits.store().replaced.swap(0, Ordering::Relaxed), 1 + number);
    requests
}

fn poll<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn a_request_that_is_alone_writes_by_itself() {
    let commits = commits(Gate::open()).await;
    for number in 1..=3 {
        let loaded = load(memory(&commits)).await;
        let committed = commits.commit(counting(loaded)).await.unwrap();
        assert_eq!((committed.outcome, committed.conflicts), (Outcome::Written, 0));
        assert_eq!(commits.store().replaced.load(Ordering::Relaxed), number);
    }
}

#[tokio::test]
async fn requests_that_wait_for_one_session_are_written_at_once_in_the_order_they_came() {
    let commits = commits(Gate::shut()).await;
    let requests = waiting(&commits, 64, appending).await;
    commits.store().permits.add_permits(2);
    for request in requests {
        assert_eq!(request.await.unwrap().outcome, Outcome::Merged);
    }
    // One write by the request that started the group, and one for all requests that arrived during that write.
    assert_eq!(commits.store().replaced.load(Ordering::Relaxed), 2);
    let items: Vec<String> = (0..64).map(|item| item.to_string()).collect();
    assert_eq!(text(&commits).await, format!(r#"{{"list":[{}],"n":1}}"#, items.join(",")));
}

#[tokio::test]
async fn a_request_at_a_busy_session_does_not_try_alone() {
    let commits = commits(Gate::shut()).await;
    let requests = waiting(&commits, 2, |loaded, _| counting(loaded)).await;
    let late = commits.commit(counting(load(memory(&commits)).await));
    let mut late: Waiting<'_> = Box::pin(late);
    assert!(poll(late.as_mut()).is_pending());
    commits.store().permits.add_permits(2);
    for request in requests {
        request.await.unwrap();
    }
    late.await.unwrap();
    assert_eq!(commits.store().replaced.load(Ordering::Relaxed), 2);
    assert_eq!(text(&commits).await, r#"{"n":4}"#);
}

#[tokio::test]
async fn a_session_that_is_quiet_again_costs_one_write_again() {
    let commits = commits(Gate::shut()).await;
    let requests = waiting(&commits, 3, |loaded, _| counting(loaded)).await;
    commits.store().permits.add_permits(3);
    for request in requests {
        request.await.unwrap();
    }
    let committed = commits.commit(counting(load(memory(&commits)).await)).await.unwrap();
    assert_eq!((committed.outcome, committed.conflicts), (Outcome::Written, 0));
}

#[tokio::test]
async fn others_finish_the_batch_of_a_request_that_is_dropped() {
    for dropped in 0..4 {
        let commits = commits(Gate::shut()).await;
        let mut requests = waiting(&commits, 4, appending).await;
        // The first request's batch is running and contains only that request. The other three wait for the next batch.
        drop(requests.remove(dropped));
        commits.store().permits.add_permits(2);
        for request in requests {
            request.await.unwrap();
        }
        let items = match dropped {
            0 => "0,1,2,3",
            1 => "0,2,3",
            2 => "0,1,3",
            _ => "0,1,2",
        };
        assert_eq!(text(&commits).await, format!(r#"{{"list":[{items}],"n":1}}"#));
    }
}

#[tokio::test]
async fn a_group_whose_requests_are_all_dropped_leaves_nothing_behind() {
    let commits = commits(Gate::shut()).await;
    drop(waiting(&commits, 4, appending).await);
    commits.store().permits.add_permits(1);
    let committed = commits.commit(counting(load(memory(&commits)).await)).await.unwrap();
    assert_eq!((committed.outcome, committed.conflicts), (Outcome::Written, 0));
    assert_eq!(text(&commits).await, r#"{"n":2}"#);
}

#[tokio::test]
async fn an_update_that_panics_in_a_batch_fails_its_own_request_alone() {
    let commits = commits(Gate::shut()).await;
    let requests = waiting(&commits, 4, |loaded, item| {
        if item != 2 {
            return counting(loaded);
        }
        let mut panics = updating(loaded, "n", |text| {
            assert_eq!(text, Some("0"), "on purpose");
            Updated::Set("99".to_owned())
        });
        panics.changes.set(&panics.base, "other", "1".into());
        panics
    });
    let requests = requests.await;
    commits.store().permits.add_permits(2);
    for (item, request) in requests.into_iter().enumerate() {
        let answer = request.await;
        assert_eq!(answer.is_err(), item == 2, "{answer:?}");
    }
    assert_eq!(text(&commits).await, r#"{"n":4}"#);
}

#[tokio::test]
async fn a_batch_of_nothing_but_failed_updates_writes_nothing() {
    let commits = commits(Gate::shut()).await;
    let fails = |loaded| {
        updating(loaded, "n", |text| match text {
            Some("0") => Updated::Set("99".to_owned()),
            _ => Updated::Failed,
        })
    };
    let mut requests: Vec<Waiting<'_>> = waiting(&commits, 1, |loaded, _| counting(loaded)).await;
    let stale = load(memory(&commits)).await;
    for _ in 0..3 {
        let base = Dictionary::parse(r#"{"n":0}"#).unwrap();
        requests.push(Box::pin(commits.commit(fails((stale.0.clone(), base)))));
    }
    for request in &mut requests {
        assert!(poll(request.as_mut()).is_pending());
    }
    commits.store().permits.add_permits(1);
    for (number, request) in requests.into_iter().enumerate() {
        assert_eq!(request.await.is_err(), number > 0);
    }
    assert_eq!(commits.store().replaced.load(Ordering::Relaxed), 1);
    assert_eq!(text(&commits).await, r#"{"n":2}"#);
}

#[tokio::test]
async fn a_store_that_fails_fails_every_request_of_the_batch() {
    let gate = Gate { fails: true, ..Gate::shut() };
    let commits = commits(gate).await;
    let mut requests: Vec<Waiting<'_>> = Vec::new();
    for _ in 0..3 {
        requests.push(Box::pin(commits.commit(counting(load(memory(&commits)).await))));
    }
    commits.store().permits.add_permits(10);
    for request in requests {
        assert!(request.await.is_err());
    }
    assert_eq!(text(&commits).await, r#"{"n":0}"#);
}

#[tokio::test]
async fn a_session_that_was_ended_takes_nothing_of_those_who_wait() {
    let commits = commits(Gate::shut()).await;
    let requests = waiting(&commits, 3, |loaded, _| counting(loaded)).await;
    let (located, base) = load(memory(&commits)).await;
    let mut changes = Changes::new();
    changes.forget();
    let ends = work(StoreAction::End, IdChange::LogOut, Some(located), base, changes);
    assert_eq!(commit(memory(&commits), &ends).await.unwrap().outcome, Outcome::Ended);
    commits.store().permits.add_permits(10);
    for request in requests {
        assert_eq!(request.await.unwrap().outcome, Outcome::Dropped);
    }
    assert!(matches!(
        open(memory(&commits), &Purpose::default(), id().store_key(&Purpose::default()), NOW).await,
        Ok(Opened::Ended)
    ));
}

#[tokio::test]
async fn a_session_that_was_renewed_is_written_where_it_now_is() {
    let commits = commits(Gate::shut()).await;
    let requests = waiting(&commits, 3, |loaded, _| counting(loaded)).await;
    let (located, base) = load(memory(&commits)).await;
    let mut renews = work(StoreAction::Renew, IdChange::Renew, Some(located), base, Changes::new());
    renews.fresh = SessionId::from_random([8; 32]);
    commit(memory(&commits), &renews).await.unwrap();
    commits.store().permits.add_permits(10);
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!(text(&commits).await, r#"{"n":4}"#);
}

#[tokio::test]
async fn however_often_another_process_comes_first_nobody_gives_up() {
    let commits = commits(Gate::shut()).await;
    let requests = waiting(&commits, 3, |loaded, _| counting(loaded)).await;
    commits.store().rival.store(2_000, Ordering::Relaxed);
    commits.store().permits.add_permits(1_000_000);
    for request in requests {
        assert_eq!(request.await.unwrap().outcome, Outcome::Merged);
    }
    assert_eq!(text(&commits).await, r#"{"n":2004}"#);
}

#[tokio::test]
async fn a_request_alone_does_not_give_up_either() {
    let gate = Gate::open();
    gate.rival.store(2_000, Ordering::Relaxed);
    let commits = commits(gate).await;
    let committed = commit(&**commits.store(), &counting(load(memory(&commits)).await)).await.unwrap();
    assert_eq!((committed.outcome, committed.conflicts), (Outcome::Merged, 2_000));
    assert_eq!(text(&commits).await, r#"{"n":2001}"#);
}

#[tokio::test]
async fn the_last_use_of_a_batch_is_that_of_its_latest_request() {
    let commits = commits(Gate::shut()).await;
    let requests = waiting(&commits, 3, |loaded, item| {
        let mut request = counting(loaded);
        request.now += Duration::from_secs([5, 9, 7][item]);
        request
    });
    let requests = requests.await;
    commits.store().permits.add_permits(2);
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!(load(memory(&commits)).await.0.record.last_seen, NOW + Duration::from_secs(9));
}
