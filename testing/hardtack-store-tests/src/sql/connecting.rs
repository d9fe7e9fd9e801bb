//! Outages, restarts, encryption, and programs that create the schema at the same time.
#![expect(missing_docs, reason = "the name of a test says what it checks")]

use std::time::Duration;

use hardtack_core::session::StoreKey;
use hardtack_core::store::{SessionStore, Swap};
use hardtack_engines::Database;
use hardtack_sql::Settings;

use super::sample::{key, narrow, record, usual};
use super::{Result, Tested};
use crate::barrier::{barrier, released_at_once};

pub async fn an_outage_fails_requests_at_once_and_ends_by_itself<T: Tested>() -> Result {
    let mut engine = Database::<T::Make>::start()?;
    let store = T::connect(&engine.url(), usual()).await?;
    let Swap::Done(version) = store.create(&key(1), &record(b"before")).await? else {
        return Err("the key was taken".into());
    };
    let connects = T::metrics(&store).connects;
    engine.kill()?;
    // At the latest, the first request detects the cut.
    for _ in 0..20 {
        assert!(store.load(&key(1)).await.is_err());
        assert!(store.replace(&key(1), version, &record(b"lost")).await.is_err());
    }
    engine.restart()?;
    let stored = loop {
        match store.load(&key(1)).await {
            Ok(stored) => break stored.ok_or("an acknowledged write is lost")?,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    assert_eq!((*stored.record.data).to_vec(), b"before");
    loop {
        match store.replace(&key(1), version, &record(b"after")).await {
            Ok(swap) => break assert_ne!(swap, Swap::Refused),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    assert!(T::metrics(&store).connects > connects);
    Ok(())
}

pub async fn a_restart_that_nobody_noticed_fails_nobody<T: Tested>() -> Result {
    let mut engine = Database::<T::Make>::start()?;
    let store = T::connect(&engine.url(), narrow()).await?;
    assert_ne!(store.create(&key(1), &record(b"data")).await?, Swap::Refused);
    engine.restart()?;
    // Longer than an idle connection is trusted.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_ne!(store.create(&key(2), &record(b"data")).await?, Swap::Refused);
    assert!(store.load(&key(1)).await?.is_some());
    assert_eq!(T::metrics(&store).failed, 0);
    Ok(())
}

pub async fn what_is_encrypted_is_verified<T: Tested>() -> Result {
    let (engine, certificate) = Database::<T::Make>::start_encrypted()?;
    let unknown = T::encrypted(&engine.url());
    assert!(T::connect(&unknown, usual()).await.is_err());
    let known = T::trusting(&unknown, &certificate);
    let store = T::connect(&known, usual()).await?;
    assert_ne!(store.create(&key(1), &record(b"data")).await?, Swap::Refused);
    let other = known.replace("127.0.0.1", "localhost");
    let refused = T::connect(&other, usual()).await.is_err();
    assert!(refused, "the certificate is not for this name");
    Ok(())
}

/// Starts several processes of the calling test, whose path, including its crate, is `this`.
pub fn programs_that_start_at_once_make_one_schema<T: Tested>(this: &str) -> Result {
    if let Some(url) = barrier() {
        let runtime = tokio::runtime::Runtime::new()?;
        let (table, url) = url.split_once(' ').ok_or("a table and a URL")?;
        let settings = Settings { table: table.to_owned(), ..usual() };
        let store = runtime.block_on(T::connect(url, settings))?;
        let mut unique = [0; StoreKey::LEN];
        unique[..4].copy_from_slice(&std::process::id().to_be_bytes());
        let created = runtime.block_on(store.create(&StoreKey::from_bytes(unique), &record(b"data")))?;
        assert_ne!(created, Swap::Refused);
        return Ok(());
    }
    let (_, test) = this.split_once("::").ok_or("a path without a crate")?;
    let engine = Database::<T::Make>::start_careless()?;
    for round in 0..20 {
        released_at_once(test, 10, &format!("round_{round} {}", engine.url()))?;
    }
    println!("summary: {}: 10 programs started at once on an empty database, 20 times", engine.version());
    Ok(())
}
