//! Tests the memory store with the conformance suite that every store must pass, and checks the store's guarantees
//! between threads.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use hardtack_conformance::block_on;
use hardtack_core::protocol::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{MemoryStore, SessionListing, SessionStore, Swap};

async fn fresh() -> MemoryStore {
    MemoryStore::new()
}

const NAME: &str = concat!("memory, hardtack ", env!("CARGO_PKG_VERSION"));

hardtack_conformance::suite!(fresh, block_on, NAME);
hardtack_conformance::listing_suite!(fresh, block_on, NAME);

/// Runs the suite on the same store behind an `Arc`.
mod shared {
    use std::sync::Arc;

    use hardtack_conformance::block_on;
    use hardtack_core::store::MemoryStore;

    async fn fresh() -> Arc<MemoryStore> {
        Arc::default()
    }

    const NAME: &str = concat!("memory, shared, hardtack ", env!("CARGO_PKG_VERSION"));

    hardtack_conformance::suite!(fresh, block_on, NAME);
    hardtack_conformance::listing_suite!(fresh, block_on, NAME);
}

const THREADS: u32 = 8;
const ROUNDS: u32 = 500;

fn record(number: u32) -> Record {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    Record::new(Purpose::default(), number.to_be_bytes(), now)
        .login(Some(Login::new(Owner::new("ada"), Lineage::from_random([7; 16]))))
        .expires_at(now + Duration::from_secs(60))
        .deadline(now + Duration::from_secs(600))
}

fn number(record: &Record) -> u32 {
    record.data.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// Runs the same function on every thread, and returns the results.
fn on_all_threads<T: Send>(run: impl Fn(u32) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || run(thread))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
    })
}

/// If most slots are vacant, a page ends before it is full.
#[test]
fn few_records_among_many_free_places_are_all_listed() {
    let store = MemoryStore::new();
    let key = |number: u32| {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&number.to_be_bytes());
        // The store hashes a key by these bytes. In keys of real sessions, they are random.
        key[4..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_le_bytes());
        StoreKey::from_bytes(key)
    };
    for number in 0..60_000 {
        let Swap::Done(_) = block_on(store.create(&key(number), &record(number))).unwrap() else {
            panic!("the key was taken")
        };
    }
    let stays = |number: u32| number.is_multiple_of(10_000);
    for number in (0..60_000).filter(|number| !stays(*number)) {
        let stored = block_on(store.load(&key(number))).unwrap().unwrap();
        assert!(block_on(store.delete(&key(number), stored.version)).unwrap());
    }
    let first = block_on(store.page(None, 100)).unwrap();
    assert!(first.records.len() < 6 && first.next.is_some());
    let (mut listed, mut next) = (first.records, first.next);
    while let Some(cursor) = next {
        let page = block_on(store.page(Some(&cursor), 100)).unwrap();
        listed.extend(page.records);
        next = page.next;
    }
    let mut keys: Vec<StoreKey> = listed.iter().map(|listed| listed.summary.key).collect();
    keys.sort();
    assert_eq!(keys, (0..60_000).filter(|number| stays(*number)).map(key).collect::<Vec<_>>());
}

#[test]
fn of_all_threads_that_create_a_key_one_wins() {
    let store = MemoryStore::new();
    for round in 0..ROUNDS {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&round.to_be_bytes());
        let key = StoreKey::from_bytes(key);
        let swaps = on_all_threads(|thread| block_on(store.create(&key, &record(thread))).unwrap());
        assert_eq!(swaps.iter().filter(|swap| matches!(swap, Swap::Done(_))).count(), 1);
        let winner = swaps.iter().position(|swap| matches!(swap, Swap::Done(_))).unwrap();
        assert_eq!(number(&block_on(store.load(&key)).unwrap().unwrap().record), winner as u32);
    }
}

#[test]
fn no_count_is_lost_between_threads() {
    let store = Arc::new(MemoryStore::new());
    let key = StoreKey::from_bytes([7; 32]);
    assert!(matches!(block_on(store.create(&key, &record(0))).unwrap(), Swap::Done(_)));
    on_all_threads(|_| {
        for _ in 0..ROUNDS {
            loop {
                let stored = block_on(store.load(&key)).unwrap().unwrap();
                let next = record(number(&stored.record) + 1);
                if let Swap::Done(_) = block_on(store.replace(&key, stored.version, &next)).unwrap() {
                    break;
                }
            }
        }
    });
    assert_eq!(number(&block_on(store.load(&key)).unwrap().unwrap().record), THREADS * ROUNDS);
    assert_eq!(block_on(store.delete_owned_by(&Purpose::default(), &Owner::new("ada"), None)).unwrap(), 1);
}
