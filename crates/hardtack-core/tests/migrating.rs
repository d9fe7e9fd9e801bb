//! Moves sessions from one store to another while they are in use. The individual steps are interleaved in thousands of
//! orders, and processes that move a session are stopped at any step.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_conformance::spy::{Answer, Call, Hook, Spy};
use hardtack_core::protocol::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{MemoryStore, MigratingStore, SessionListing, SessionStore, StoreError, Swap};

/// A store that pauses before and after every operation until it is polled again.
type Stepped = Spy<MemoryStore, Steps>;

#[derive(Debug, Clone, Default)]
struct Steps;

impl Hook<MemoryStore> for Steps {
    async fn answer(&self, store: &MemoryStore, call: Call) -> Result<Answer, StoreError> {
        step().await;
        let answer = call.make(store).await;
        step().await;
        answer
    }
}

fn stepped(store: &MemoryStore) -> Stepped {
    Spy::on(Arc::new(store.clone()), Steps)
}

async fn step() {
    let mut has_stopped = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut has_stopped, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// A naive move, which copies the session and then deletes the original.
type Careless = Spy<Stepped, CopyThenDelete>;

/// The store from which sessions move. The store to which they move is behind the spy.
#[derive(Clone, Default)]
struct CopyThenDelete(Stepped);

impl Hook<Stepped> for CopyThenDelete {
    async fn answer(&self, to: &Stepped, call: Call) -> Result<Answer, StoreError> {
        let Self(from) = self;
        match &call {
            Call::Load { key } => {
                if let Some(stored) = to.load(key).await? {
                    return Ok(Answer::Loaded(Some(stored)));
                }
                let Some(old) = from.load(key).await? else { return Ok(Answer::Loaded(None)) };
                let _ = to.create(key, &old.record).await?;
                from.delete(key, old.version).await?;
                call.make(to).await
            }
            Call::DeleteOwnedBy { purpose, owner, spared } => {
                let left_behind = from.delete_owned_by(purpose, owner, spared.as_ref()).await?;
                Ok(Answer::Deleted(left_behind + to.delete_owned_by(purpose, owner, spared.as_ref()).await?))
            }
            call => call.make(to).await,
        }
    }
}

const KEY: StoreKey = StoreKey::from_bytes([7; 32]);

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
}

fn record(count: u8) -> Record {
    Record::new(Purpose::default(), [count], at(0))
        .login(Some(Login::new(Owner::new("ada"), Lineage::from_random([7; 16]))))
        .label(Some("phone".into()))
        .expires_at(at(60))
        .deadline(at(600))
}

/// An operation on the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mutation {
    Read,
    Increment,
    End,
    Revoke,
    List,
    Sweep,
}

/// The combined results of all operations.
#[derive(Debug, Default)]
struct Totals {
    /// The number of increments that were acknowledged, and the number that were started.
    counted: u8,
    begun: u8,
    /// Whether ending the session was started, and whether it was acknowledged.
    is_ending: bool,
    is_ended: bool,
    /// Violations of the guarantees of a store.
    faults: Vec<&'static str>,
}

async fn perform<S: SessionStore>(store: S, mutation: Mutation, totals: Arc<Mutex<Totals>>) {
    let totals = || totals.lock().expect("nobody panics under it");
    let was_ended = totals().is_ended;
    match mutation {
        Mutation::Read => {
            let found = store.load(&KEY).await.expect("memory keeps it");
            if found.is_some() && was_ended {
                totals().faults.push("an ended session was read");
            }
            if found.is_none() && !totals().is_ending {
                totals().faults.push("a session was lost for a reader");
            }
        }
        Mutation::Increment => {
            totals().begun += 1;
            while let Some(stored) = store.load(&KEY).await.expect("memory keeps it") {
                let next = record(stored.record.data[0] + 1);
                if let Swap::Done(_) =
                    store.replace(&KEY, stored.version, &next).await.expect("memory keeps it")
                {
                    totals().counted += 1;
                    if was_ended {
                        totals().faults.push("an ended session was written");
                    }
                    return;
                }
            }
            if !totals().is_ending {
                totals().faults.push("a session was lost for a writer");
            }
        }
        Mutation::End => {
            totals().is_ending = true;
            while let Some(stored) = store.load(&KEY).await.expect("memory keeps it") {
                if store.delete(&KEY, stored.version).await.expect("memory keeps it") {
                    break;
                }
            }
            totals().is_ended = true;
        }
        Mutation::Revoke => {
            totals().is_ending = true;
            store
                .delete_owned_by(&Purpose::default(), &Owner::new("ada"), None)
                .await
                .expect("memory keeps it");
            totals().is_ended = true;
        }
        Mutation::List => {
            let listed = store
                .owned_by(&Purpose::default(), &Owner::new("ada"), None, 1000)
                .await
                .expect("memory keeps it");
            match &listed[..] {
                [] if !totals().is_ending => totals().faults.push("a session was lost for who lists"),
                [one] if one.label.as_deref() != Some("phone") => totals().faults.push("a label was changed"),
                [_] if was_ended => totals().faults.push("an ended session was listed"),
                [] | [_] => {}
                _ => totals().faults.push("a session was listed twice"),
            }
        }
        Mutation::Sweep => drop(store.sweep(at(59), 9).await.expect("memory keeps it")),
    }
}

/// A small random number generator that returns the same numbers for the same seed.
struct Rng(u64);

impl Rng {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

/// Runs one history, and returns the violation in it, if there is one.
fn play<S: SessionStore + Clone>(seed: u64, store: &S) -> Option<&'static str> {
    let mut rng = Rng(seed);
    let totals = Arc::new(Mutex::new(Totals::default()));
    let mutations = [
        Mutation::Read,
        Mutation::Increment,
        Mutation::Increment,
        Mutation::End,
        Mutation::Revoke,
        Mutation::List,
        Mutation::Sweep,
    ];
    let mut running: Vec<Pin<Box<dyn Future<Output = ()>>>> = (0..2 + rng.below(4))
        .map(|_| mutations[rng.below(mutations.len())])
        .map(|mutation| Box::pin(perform(store.clone(), mutation, Arc::clone(&totals))) as _)
        .collect();
    let stops = rng.below(3) == 0;
    let restless = 1 + rng.below(4);
    let mut current = 0;
    while !running.is_empty() {
        if current >= running.len() || rng.below(restless) == 0 {
            current = rng.below(running.len());
        }
        if stops && rng.below(16) == 0 {
            // The process is stopped permanently, at any step.
            drop(running.swap_remove(current));
            continue;
        }
        if running[current].as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            drop(running.swap_remove(current));
        }
    }
    let mut totals = totals.lock().expect("nobody panics under it");
    let left = now(store.load(&KEY)).expect("memory keeps it");
    match left {
        Some(_) if totals.is_ended => totals.faults.push("a session came back"),
        Some(stored) if !(totals.counted..=totals.begun).contains(&stored.record.data[0]) => {
            totals.faults.push("an increment was lost");
        }
        Some(stored) if stored.record != record(stored.record.data[0]) => {
            totals.faults.push("a record was changed")
        }
        None if !totals.is_ending => totals.faults.push("a session was lost"),
        _ => {}
    }
    totals.faults.first().copied()
}

/// Returns the number in the environment variable `HARDTACK_SCHEDULES`, or 20 000 by default.
fn runs() -> u64 {
    std::env::var("HARDTACK_SCHEDULES").ok().and_then(|runs| runs.parse().ok()).unwrap_or(20_000)
}

#[test]
fn moving_sessions_keeps_every_promise() {
    let runs = runs();
    for seed in 0..runs {
        let (from, to) = (MemoryStore::new(), MemoryStore::new());
        let _ = now(from.create(&KEY, &record(0))).expect("memory keeps it");
        let moving = MigratingStore::new(stepped(&from), stepped(&to));
        assert_eq!(play(seed, &moving), None, "seed {seed}");
        // Regardless of the history, the second store can be used alone.
        let found = now(moving.load(&KEY)).expect("memory keeps it");
        assert_eq!(now(to.load(&KEY)).expect("memory keeps it"), found, "seed {seed}");
        assert!(
            now(from.owned_by(&Purpose::default(), &Owner::new("ada"), None, 1000))
                .expect("memory keeps it")
                .is_empty(),
            "seed {seed}"
        );
    }
    println!("summary: moving from store to store: {runs} schedules");
}

#[test]
fn moving_back_keeps_every_promise() {
    for seed in 0..runs() / 4 {
        let (old, new) = (MemoryStore::new(), MemoryStore::new());
        let _ = now(old.create(&KEY, &record(0))).expect("memory keeps it");
        // The session has moved, or its move was stopped at some step.
        let there = MigratingStore::new(stepped(&old), stepped(&new));
        let mut moving = Box::pin(there.load(&KEY));
        for _ in 0..seed % 16 {
            if moving.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                break;
            }
        }
        drop(moving);
        let back = MigratingStore::new(stepped(&new), stepped(&old));
        assert_eq!(play(seed, &back), None, "seed {seed}");
        let found = now(back.load(&KEY)).expect("memory keeps it");
        let alone =
            now(old.load(&KEY)).expect("memory keeps it").filter(|stored| stored.record.login.is_some());
        assert_eq!(alone, found, "seed {seed}");
    }
}

/// Checks the check itself, which must find the faults of a careless move.
#[test]
fn a_careless_move_is_found() {
    let faults: std::collections::BTreeSet<&str> = (0..10_000)
        .filter_map(|seed| {
            let store = Careless::default();
            let _ = now(store.0.create(&KEY, &record(0))).expect("memory keeps it");
            play(seed, &store)
        })
        .collect();
    assert!(faults.contains("a session came back"), "{faults:?}");
}

/// Returns the keys that are listed, including duplicates.
fn listed(
    store: &MigratingStore<MemoryStore, MemoryStore>,
    mut after_each_page: impl FnMut(),
) -> Vec<StoreKey> {
    let (mut keys, mut next) = (Vec::new(), None);
    loop {
        let page = now(store.page(next.as_ref(), 3)).expect("a store in memory has a page");
        keys.extend(page.records.iter().map(|listed| listed.summary.key));
        after_each_page();
        next = page.next;
        if next.is_none() {
            return keys;
        }
    }
}

#[test]
fn a_session_that_moves_while_all_are_listed_is_not_missed() {
    let (from, to) = (MemoryStore::new(), MemoryStore::new());
    let key = |number| StoreKey::from_bytes([number; 32]);
    for number in 0..40 {
        let store = if number % 4 == 0 { &to } else { &from };
        assert_ne!(now(store.create(&key(number), &record(1))).unwrap(), Swap::Refused);
    }
    let store = MigratingStore::new(from, to);
    let mut moved = 0;
    let keys = listed(&store, || {
        for number in [moved, 39 - moved] {
            assert!(now(store.load(&key(number))).unwrap().is_some());
        }
        moved = (moved + 1).min(39);
    });
    for number in 0..40 {
        assert!(keys.contains(&key(number)), "{number}");
    }
}

#[test]
fn wherever_a_move_is_stopped_its_session_is_not_missed() {
    for stop in 0.. {
        let (from, to) = (Stepped::default(), Stepped::default());
        assert_ne!(now(from.store().create(&KEY, &record(1))).unwrap(), Swap::Refused);
        let moving = MigratingStore::new(from.clone(), to.clone());
        let mut load = pin!(moving.load(&KEY));
        let mut context = Context::from_waker(Waker::noop());
        let is_done = (0..stop).any(|_| load.as_mut().poll(&mut context).is_ready());
        let store = MigratingStore::new(from.store().as_ref().clone(), to.store().as_ref().clone());
        let keys = listed(&store, || {});
        assert!(!keys.is_empty() && keys.iter().all(|key| *key == KEY), "stopped after {stop} steps");
        if is_done {
            assert!(stop > 4);
            return;
        }
    }
}

#[test]
fn what_is_left_of_a_moved_session_expires_with_it() {
    let (from, to) = (MemoryStore::new(), MemoryStore::new());
    let _ = now(from.create(&KEY, &record(0))).expect("memory keeps it");
    let moving = MigratingStore::new(from.clone(), to.clone());
    now(moving.load(&KEY)).expect("memory keeps it").expect("memory keeps it");
    assert_eq!(now(from.sweep(at(59), 9)).expect("memory keeps it"), 0);
    assert_eq!(now(from.sweep(at(60), 9)).expect("memory keeps it"), 1);
    assert_eq!(now(to.load(&KEY)).expect("memory keeps it").expect("memory keeps it").record, record(0));
}
