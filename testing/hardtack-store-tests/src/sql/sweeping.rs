//! Tests that the automatic sweep uses the right clock, and that clients can work during a sweep.
#![expect(missing_docs, reason = "the name of a test describes what it checks")]

use std::time::{Duration, SystemTime};

use hardtack_core::protocol::{Lineage, Login, Owner, Purpose};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_engines::Database;
use hardtack_sql::Settings;

use super::sample::{at, key, patient_settings, record};
use super::{Result, TestedStore};
use crate::sweep_latency::sweep_beside_clients;

pub async fn the_automatic_sweep_uses_the_records_times<T: TestedStore>() -> Result {
    let engine = Database::<T::Program>::start()?;
    let settings = Settings { sweep_interval: Some(Duration::from_millis(1)), ..patient_settings() };
    let store = T::connect(&engine.url(), settings).await?;
    for number in 0..50 {
        let record = record(b"data")
            .login(Some(Login::new(Owner::new("ann"), Lineage::from_random([7; 16]))))
            .expires_at(at(10));
        assert_ne!(store.create(&key(number), &record).await?, Swap::Refused);
    }
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("ann"), None, 1000).await?.len(), 50);
    let later = record(b"data").last_seen(at(10));
    assert_ne!(store.create(&key(99), &later).await?, Swap::Refused);
    while T::metrics(&store).swept < 50 {
        tokio::task::yield_now().await;
    }
    assert!(store.load(&key(1)).await?.is_none());
    assert!(store.load(&key(99)).await?.is_some());
    Ok(())
}

pub async fn a_clock_that_is_two_days_ahead_sweeps_no_live_session<T: TestedStore>() -> Result {
    const HOUR: Duration = Duration::from_secs(3600);
    let engine = Database::<T::Program>::start()?;
    let written = |last_seen: SystemTime| {
        record(b"data").last_seen(last_seen).expires_at(last_seen + HOUR).deadline(last_seen + 24 * HOUR)
    };
    let right = T::connect(&engine.url(), Settings { sweep_interval: None, ..patient_settings() }).await?;
    for number in 0..10 {
        assert_ne!(right.create(&key(number), &written(SystemTime::now())).await?, Swap::Refused);
    }
    assert_ne!(right.create(&key(10), &record(b"expired")).await?, Swap::Refused);
    let settings = Settings { sweep_interval: Some(Duration::from_millis(1)), ..patient_settings() };
    let ahead = T::connect(&engine.url(), settings).await?;
    let in_two_days = SystemTime::now() + 48 * HOUR;
    assert_ne!(ahead.create(&key(20), &written(in_two_days)).await?, Swap::Refused);
    while T::metrics(&ahead).swept == 0 {
        tokio::task::yield_now().await;
    }
    // The test waits until another sweep has started, so that the first one has ended.
    let turns = T::metrics(&ahead).clock_ahead;
    assert!(turns > 0);
    assert_ne!(ahead.create(&key(21), &written(in_two_days)).await?, Swap::Refused);
    while T::metrics(&ahead).clock_ahead == turns {
        tokio::task::yield_now().await;
    }
    assert_eq!(T::metrics(&ahead).swept, 1, "sessions that have expired by the server's clock");
    for number in 0..10 {
        assert!(right.load(&key(number)).await?.is_some(), "{number}");
    }
    Ok(())
}

pub async fn a_sweep_removes_a_third_while_clients_work<T: TestedStore>() -> Result {
    let engine = Database::<T::Program>::start_without_sync()?;
    let records = std::env::var("HARDTACK_RECORDS").ok().and_then(|records| records.parse().ok());
    let settings = Settings { sweep_interval: None, ..patient_settings() };
    let store = T::connect(&engine.url(), settings).await?;
    let swept = sweep_beside_clients(store, records.unwrap_or(20_000)).await?;
    assert_eq!(swept.records as u64, swept.of.div_ceil(3));
    println!("summary: {}: {swept}", engine.version());
    Ok(())
}
