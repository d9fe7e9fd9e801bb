//! Tests of outages, restarts, and encryption, and of programs that create the schema at the same time.
#![expect(missing_docs, reason = "the name of a test describes what it checks")]

use std::time::Duration;

use hardtack_core::protocol::StoreKey;
use hardtack_core::store::{SessionStore, Swap};
use hardtack_engines::Database;
use hardtack_sql::Settings;

use super::sample::{key, narrow_settings, patient_settings, record};
use super::{Result, TestedStore};
use crate::barrier::{barrier, release_at_once};

pub async fn an_outage_fails_requests_at_once_and_ends_by_itself<T: TestedStore>() -> Result {
    let mut engine = Database::<T::Program>::start()?;
    let store = T::connect(&engine.url(), patient_settings()).await?;
    let Swap::Done(version) = store.create(&key(1), &record(b"before")).await? else {
        return Err("the key already exists".into());
    };
    let connects = T::metrics(&store).connects;
    engine.kill()?;
    // The store detects the outage at the first request at the latest, so all requests fail.
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

pub async fn an_unnoticed_restart_fails_no_request<T: TestedStore>() -> Result {
    let mut engine = Database::<T::Program>::start()?;
    let store = T::connect(&engine.url(), narrow_settings()).await?;
    assert_ne!(store.create(&key(1), &record(b"data")).await?, Swap::Refused);
    engine.restart()?;
    // After this pause, the store checks an idle connection before it uses the connection.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_ne!(store.create(&key(2), &record(b"data")).await?, Swap::Refused);
    assert!(store.load(&key(1)).await?.is_some());
    assert_eq!(T::metrics(&store).failed, 0);
    Ok(())
}

pub async fn encrypted_connections_are_verified<T: TestedStore>() -> Result {
    let (engine, certificate) = Database::<T::Program>::start_encrypted()?;
    let unknown = T::encrypted(&engine.url());
    assert!(T::connect(&unknown, patient_settings()).await.is_err());
    let known = T::trusting(&unknown, &certificate);
    let store = T::connect(&known, patient_settings()).await?;
    assert_ne!(store.create(&key(1), &record(b"data")).await?, Swap::Refused);
    let other = known.replace("127.0.0.1", "localhost");
    let refused = T::connect(&other, patient_settings()).await.is_err();
    assert!(refused, "the certificate is not for this name");
    Ok(())
}

/// Starts several processes, each of which runs the calling test. `this` is the path of the calling test, including its
/// crate.
pub fn programs_that_start_at_once_create_one_schema<T: TestedStore>(this: &str) -> Result {
    if let Some(url) = barrier() {
        let runtime = tokio::runtime::Runtime::new()?;
        let (table, url) = url.split_once(' ').ok_or("the arguments are a table and a URL")?;
        let settings = Settings { table: table.to_owned(), ..patient_settings() };
        let store = runtime.block_on(T::connect(url, settings))?;
        let mut unique = [0; StoreKey::LEN];
        unique[..4].copy_from_slice(&std::process::id().to_be_bytes());
        let created = runtime.block_on(store.create(&StoreKey::from_bytes(unique), &record(b"data")))?;
        assert_ne!(created, Swap::Refused);
        return Ok(());
    }
    let (_, test) = this.split_once("::").ok_or("a path without a crate")?;
    let engine = Database::<T::Program>::start_without_sync()?;
    for round in 0..20 {
        release_at_once(test, 10, &format!("round_{round} {}", engine.url()))?;
    }
    println!("summary: {}: 10 programs started at once on an empty database, 20 times", engine.version());
    Ok(())
}
