use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_core::protocol::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, StoreError, Swap, Version};
use hardtack_engines::Redis;
use hardtack_redis::RedisStore;

pub(crate) type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// The timeout for each answer, which is long because a busy machine is slow.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) fn key(number: u64) -> StoreKey {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[24..].copy_from_slice(&number.to_be_bytes());
    StoreKey::from_bytes(bytes)
}

pub(crate) fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
}

pub(crate) fn record(data: &[u8]) -> Record {
    Record::new(Purpose::default(), data, at(0)).last_seen(at(1)).expires_at(at(60)).deadline(at(1000))
}

pub(crate) fn owned(owner: &str) -> Record {
    record(b"data")
        .login(Some(Login::new(Owner::new(owner), Lineage::from_random([7; 16]))))
        .label(Some("Firefox on Linux".into()))
}

pub(crate) async fn create(store: &RedisStore, key: &StoreKey, record: &Record) -> Result<Version> {
    done(store.create(key, record).await?)
}

pub(crate) async fn replace(
    store: &RedisStore,
    key: &StoreKey,
    expected: Version,
    record: &Record,
) -> Result<Version> {
    done(store.replace(key, expected, record).await?)
}

pub(crate) fn done(swap: Swap) -> Result<Version> {
    match swap {
        Swap::Done(version) => Ok(version),
        Swap::Refused => Err("it was refused".into()),
    }
}

/// Loads a record, and retries, as clients do, until the server answers.
pub(crate) async fn load_at_last(store: &RedisStore, key: &StoreKey) -> Option<Record> {
    loop {
        match store.load(key).await {
            Ok(stored) => return stored.map(|stored| stored.record),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

pub(crate) fn why(error: &StoreError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

/// Returns the number of times that a server has executed a command.
pub(crate) fn calls(engine: &Redis, command: &str) -> Result<u64> {
    let stats = engine.command(&["INFO", "commandstats"])?;
    let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls=")));
    Ok(line.and_then(|rest| rest.split(',').next()).map_or(Ok(0), str::parse)?)
}
