//! Tests that waiting requests are sent together, that no write is lost, and that a write does not fail because of
//! another write.
#![expect(missing_docs, reason = "the name of a test describes what it checks")]

use std::error::Error as _;

use hardtack_core::store::{SessionStore, StoreError, Swap};
use hardtack_engines::Database;
use hardtack_sql::Settings;

use super::sample::{at, key, narrow_settings, patient_settings, record};
use super::{Result, TestedStore};

pub async fn waiting_requests_are_sent_together<T: TestedStore>() -> Result {
    let engine = Database::<T::Program>::start()?;
    let store = T::connect(&engine.url(), narrow_settings()).await?;
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let created = store.create(&key(number), &record(b"data")).await?;
                let loaded = store.load(&key(number)).await?.map(|stored| stored.version);
                Ok::<_, StoreError>((created, loaded))
            })
        })
        .collect();
    for task in tasks {
        let (created, loaded) = task.await??;
        assert_eq!(Some(created), loaded.map(Swap::Done));
    }
    let counters = T::metrics(&store);
    assert_eq!((counters.writes, counters.loads, counters.failed), (100, 100, 0));
    assert!(counters.batches < 10 && counters.load_batches < 10, "{counters:?}");
    assert_eq!(counters.connects, 2);
    Ok(())
}

/// A pending future is in memory as a whole, and is part of every caller's future. The request itself is in the queue.
pub async fn a_request_holds_little_while_it_waits<T: TestedStore>() -> Result {
    const MAX_LOAD_SIZE: usize = 144;
    const MAX_WRITE_SIZE: usize = 440;
    let engine = Database::<T::Program>::start()?;
    let store = T::connect(&engine.url(), narrow_settings()).await?;
    let (key, record) = (key(1), record(b"data"));
    let Swap::Done(version) = store.create(&key, &record).await? else {
        return Err("the key is free".into());
    };
    assert!(size_of_val(&store.load(&key)) <= MAX_LOAD_SIZE);
    assert!(size_of_val(&store.create(&key, &record)) <= MAX_WRITE_SIZE);
    assert!(size_of_val(&store.replace(&key, version, &record)) <= MAX_WRITE_SIZE);
    assert!(size_of_val(&store.touch(&key, version, at(1), at(2))) <= MAX_WRITE_SIZE);
    assert!(size_of_val(&store.delete(&key, version)) <= MAX_WRITE_SIZE);
    Ok(())
}

pub async fn a_refused_write_fails_alone<T: TestedStore>() -> Result {
    let engine = Database::<T::Program>::start()?;
    let store = T::connect(&engine.url(), Settings { writers: 1, ..patient_settings() }).await?;
    T::refuse_poison(&engine.url()).await?;
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let store = store.clone();
            let data = if number == 30 { vec![0xba, 0xd0] } else { b"good".to_vec() };
            tokio::spawn(async move { store.create(&key(number), &record(&data)).await })
        })
        .collect();
    for (number, task) in (0..).zip(tasks) {
        let result = task.await?;
        assert_eq!(result.is_err(), number == 30, "{number}: {result:?}");
        if let Err(error) = &result {
            assert!(error.source().is_some_and(|cause| cause.to_string().contains("poison")), "{error:?}");
        }
        assert_eq!(store.load(&key(number)).await?.is_none(), number == 30, "{number}: {result:?}");
    }
    assert_eq!(T::metrics(&store).failed, 1);
    Ok(())
}

pub async fn programs_that_write_the_same_records_lose_nothing<T: TestedStore>() -> Result {
    let engine = Database::<T::Program>::start()?;
    write_the_same_records::<T>(&engine.url()).await
}

/// Checks that no write is lost when two programs write the same records to an empty database at `url`. There are only
/// a few records, and each batch contains most of them, so that the programs wait for each other as often as possible.
///
/// # Errors
///
/// Fails if a store operation fails.
///
/// # Panics
///
/// Panics if a write is lost.
pub async fn write_the_same_records<T: TestedStore>(url: &str) -> Result {
    const RECORDS: usize = 12;
    const ADDITIONS: usize = 40;
    let programs = [T::connect(url, narrow_settings()).await?, T::connect(url, narrow_settings()).await?];
    let key_of = |number: usize| key((number % RECORDS) as u8);
    for number in 0..RECORDS {
        let created = programs[0].create(&key_of(number), &record(&0_u32.to_be_bytes())).await?;
        assert_ne!(created, Swap::Refused);
    }
    let tasks: Vec<_> = (0..32_usize)
        .map(|task| {
            let store = programs[task % 2].clone();
            tokio::spawn(async move {
                for turn in 0..ADDITIONS {
                    let key = key_of(task / 2 * 5 + turn * 7);
                    loop {
                        let mut stored = store.load(&key).await?.ok_or("the record is missing")?;
                        let count = u32::from_be_bytes((&*stored.record.data).try_into()?) + 1;
                        stored.record.data = count.to_be_bytes().into();
                        if store.replace(&key, stored.version, &stored.record).await? != Swap::Refused {
                            break;
                        }
                    }
                }
                Result::<_>::Ok(())
            })
        })
        .collect();
    let wanted = tasks.len() * ADDITIONS;
    for task in tasks {
        task.await??;
    }
    let mut counted = 0;
    for number in 0..RECORDS {
        let stored = programs[1].load(&key_of(number)).await?.ok_or("the record is missing")?;
        counted += u32::from_be_bytes((&*stored.record.data).try_into()?) as usize;
    }
    assert_eq!(counted, wanted);
    assert_eq!(programs.each_ref().map(|store| T::metrics(store).failed), [0, 0]);
    Ok(())
}
