//! In a forked process, the store returns an error that says to open the store again.
//!
//! This test is a separate program. In a shared one, another test's thread could hold one of SQLite's locks at the time
//! of the fork, and the child would wait for that lock forever. For the same reason, the child does not open a store of
//! its own.
#![cfg(unix)]

use std::error::Error;
use std::process::exit;
use std::time::{Duration, SystemTime};

use fork::{Fork, fork, waitpid};
use hardtack_core::protocol::{Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, StoreError, Swap};
use hardtack_sqlite::SqliteStore;
use pollster::block_on;

fn key(number: u8) -> StoreKey {
    StoreKey::from_bytes([number; 32])
}

fn create(store: &SqliteStore, number: u8) -> Result<Swap, StoreError> {
    let now = SystemTime::now();
    let record = Record::new(Purpose::default(), *b"data", now)
        .expires_at(now + Duration::from_secs(3600))
        .deadline(now + Duration::from_secs(86_400));
    block_on(store.create(&key(number), &record))
}

#[test]
fn a_forked_process_is_told_to_open_the_store_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = block_on(SqliteStore::open(folder.path().join("sessions.db"))).unwrap();
    assert_ne!(create(&store, 1).unwrap(), Swap::Refused);
    match fork().unwrap() {
        Fork::Child => {
            let errors = [block_on(store.load(&key(1))).err(), create(&store, 2).err()];
            let is_told = |error: &Option<StoreError>| {
                let why = error.as_ref().and_then(StoreError::source).map(ToString::to_string);
                why.is_some_and(|why| why.contains("open the store again in this process"))
            };
            let are_told = errors.iter().all(is_told);
            // Dropping the handle must not wait for the parent's threads either.
            drop(store);
            exit(i32::from(!are_told));
        }
        Fork::Parent(child) => {
            assert_eq!(waitpid(child).unwrap(), 0, "the child was told");
            assert_ne!(create(&store, 2).unwrap(), Swap::Refused);
            assert!(block_on(store.load(&key(2))).unwrap().is_some());
        }
    }
}
