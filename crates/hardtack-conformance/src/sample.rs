use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_core::protocol::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, StoreError, Stored, Summary, Swap, Version};

use crate::failure::Failure;

/// Returns the time of all cases: January 1, 2100. This time is in the future. A store that sweeps by its own or its
/// engine's clock therefore finds no expired records, no matter when the suite runs.
pub(crate) fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(4_102_444_800)
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn key(number: u8) -> StoreKey {
    StoreKey::from_bytes([number; 32])
}

/// Returns a record that lives for an hour.
pub(crate) fn record(data: &[u8]) -> Record {
    Record::new(Purpose::default(), data, noon())
        .expires_at(noon() + seconds(3600))
        .deadline(noon() + seconds(86_400))
}

pub(crate) fn owner(name: &str) -> Owner {
    Owner::new(name)
}

pub(crate) fn owned(name: &str, data: &[u8]) -> Record {
    owned_by_login(name, 0, data)
}

/// Returns a record that belongs to one of an owner's logins.
pub(crate) fn owned_by_login(name: &str, number: u8, data: &[u8]) -> Record {
    record(data).login(Some(Login::new(owner(name), lineage(number))))
}

pub(crate) fn lineage(number: u8) -> Lineage {
    Lineage::from_random([number; Lineage::LEN])
}

/// Returns a purpose other than the default.
pub(crate) fn other_purpose() -> Purpose {
    Purpose::new("admin").expect("a short string is a valid purpose")
}

pub(crate) fn expiring(at: SystemTime, data: &[u8]) -> Record {
    record(data).expires_at(at)
}

/// Creates a record under a key that must be unused.
pub(crate) async fn create<S: SessionStore>(
    store: &S,
    key: StoreKey,
    record: &Record,
) -> Result<Version, Failure> {
    done(store.create(&key, record).await?, "a record was not created for a new key")
}

/// Replaces a record, whose current version must be the given one.
pub(crate) async fn replace<S: SessionStore>(
    store: &S,
    key: StoreKey,
    version: Version,
    record: &Record,
) -> Result<Version, Failure> {
    done(store.replace(&key, version, record).await?, "a record was not replaced with its current version")
}

pub(crate) fn done(swap: Swap, otherwise: &str) -> Result<Version, Failure> {
    match swap {
        Swap::Done(version) => Ok(version),
        Swap::Refused => Err(Failure::new(otherwise)),
    }
}

/// Loads a record that must exist.
pub(crate) async fn load<S: SessionStore>(store: &S, key: StoreKey) -> Result<Stored, Failure> {
    store.load(&key).await?.ok_or_else(|| Failure::new("a written record is missing"))
}

/// Returns the keys of one owner's records, each of which must appear once.
pub(crate) async fn keys_of<S: SessionStore>(store: &S, name: &str) -> Result<BTreeSet<StoreKey>, Failure> {
    let listed = listed(store, name).await?;
    let keys: BTreeSet<StoreKey> = listed.iter().map(|summary| summary.key).collect();
    if keys.len() == listed.len() {
        Ok(keys)
    } else {
        Err(Failure::new("an owner's record was listed twice"))
    }
}

/// Returns all records of one owner, reading page by page.
pub(crate) async fn listed<S: SessionStore>(store: &S, name: &str) -> Result<Vec<Summary>, StoreError> {
    const PAGE: usize = 100;
    let (purpose, owner) = (Purpose::default(), owner(name));
    let mut all: Vec<Summary> = Vec::new();
    loop {
        let after = all.last().map(|summary| summary.key);
        let mut page = store.owned_by(&purpose, &owner, after.as_ref(), PAGE).await?;
        let is_last = page.len() < PAGE;
        all.append(&mut page);
        if is_last {
            return Ok(all);
        }
    }
}

/// Ends all sessions of one owner.
pub(crate) async fn end_all<S: SessionStore>(store: &S, name: &str) -> Result<u64, StoreError> {
    store.delete_owned_by(&Purpose::default(), &owner(name), None).await
}

/// Ends all sessions of one owner, except those of one lineage.
pub(crate) async fn end_others<S: SessionStore>(
    store: &S,
    name: &str,
    spared: &Lineage,
) -> Result<u64, StoreError> {
    store.delete_owned_by(&Purpose::default(), &owner(name), Some(spared)).await
}
