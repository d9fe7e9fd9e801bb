//! Tests that a session that is renewed while its user's sessions are being ended is ended too.
#![expect(missing_docs, reason = "the name of a test describes what it checks")]

use hardtack_core::protocol::{Content, Lineage, Login, Owner, Purpose};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_engines::Database;
use hardtack_sql::Settings;

use super::sample::{key, patient_settings, record};
use super::{Result, RowLock, TestedStore};
use crate::renewal_race::{
    play_in_this_process, renew_while_ending, renew_while_ending_in_five_processes, rounds_of_renewals,
};

/// Checks that a session is ended even if it is renewed while all of its owner's sessions are being ended.
///
/// One of the owner's records is locked, so that the statement that ends the sessions waits at this record. Meanwhile,
/// a session with a higher key is renewed, and its new key is lower than that of the locked record. When the statement
/// continues, it finds a tombstone under the old key, and has already passed the new key.
///
/// # Errors
///
/// Fails if the server fails.
pub async fn a11_a_session_renewed_while_it_is_ended_is_ended<T: TestedStore>() -> Result {
    let engine = Database::<T::Program>::start()?;
    let (ends, renews) = (
        T::connect(&engine.url(), patient_settings()).await?,
        T::connect(&engine.url(), patient_settings()).await?,
    );
    let (successor, held, old, own) = (key(1), key(2), key(3), key(4));
    let of = |lineage| {
        let login = Login::new(Owner::new("ann"), Lineage::from_random([lineage; 16]));
        record(b"{}").login(Some(login))
    };
    for (key, lineage) in [(&held, 2), (&own, 4)] {
        assert_ne!(renews.create(key, &of(lineage)).await?, Swap::Refused);
    }
    let Swap::Done(version) = renews.create(&old, &of(3)).await? else {
        return Err("the key already exists".into());
    };

    let mut lock = T::Lock::take(&engine.url(), &held).await?;
    let ending = tokio::spawn(async move {
        let spared = Lineage::from_random([4; 16]);
        ends.delete_owned_by(&Purpose::default(), &Owner::new("ann"), Some(&spared)).await
    });
    while !lock.is_waited_for().await? {
        tokio::task::yield_now().await;
    }
    assert_ne!(renews.create(&successor, &of(3)).await?, Swap::Refused);
    let tombstone = record(&Content::Moved(successor).to_data());
    assert_ne!(renews.replace(&old, version, &tombstone).await?, Swap::Refused);
    lock.release().await?;

    assert_eq!(ending.await??, 2);
    let left = renews.owned_by(&Purpose::default(), &Owner::new("ann"), None, 10).await?;
    assert_eq!(left.iter().map(|summary| summary.key).collect::<Vec<_>>(), [own]);
    assert!(renews.load(&successor).await?.is_none());
    assert!(renews.load(&old).await?.is_some(), "a tombstone has no owner");
    Ok(())
}

pub async fn a11_no_renewal_by_another_program_escapes<T: TestedStore>() -> Result {
    for settings in [&[][..], T::SLOW_COMMITS] {
        let engine = Database::<T::Program>::start_with(settings)?;
        let mut stores = Vec::new();
        for _ in 0..5 {
            let settings = Settings { readers: 1, ..patient_settings() };
            stores.push(T::connect(&engine.url(), settings).await?);
        }
        let renewed = renew_while_ending(&stores, rounds_of_renewals(25)).await?;
        assert_eq!(renewed.survivors, 0, "{renewed}, with {settings:?}");
    }
    Ok(())
}

/// Starts several processes, each of which runs the calling test. `this` is the path of the calling test, including its
/// crate.
pub fn a11_no_renewal_in_another_process_escapes<T: TestedStore>(this: &str) -> Result {
    let connect = async |url: &str| {
        let settings = Settings { readers: 1, ..patient_settings() };
        T::connect(url, settings).await
    };
    if play_in_this_process(connect)?.is_some() {
        return Ok(());
    }
    for settings in [&[][..], T::SLOW_COMMITS] {
        let engine = Database::<T::Program>::start_with(settings)?;
        let renewed = renew_while_ending_in_five_processes(this, &engine.url(), rounds_of_renewals(10))?;
        assert_eq!(renewed.survivors, 0, "{renewed}, with {settings:?}");
        println!("summary: {}, 5 processes, {settings:?}: {renewed}", engine.version());
    }
    Ok(())
}
