//! Tests how the statements of two programs interact when they overlap. A third program locks a row, so that the order
//! in which the statements see each other's changes is known. [`sql_store_tests!`](crate::sql_store_tests) generates a
//! test from this.

use std::time::Duration;

use hardtack_core::session::{Content, Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_sql::Settings;

use crate::Database;
use crate::sql_store::{Result, Tested, key, record};

/// A lock on one record, held by a connection outside any store.
pub trait RowLock: Sized + Send {
    /// Takes the lock.
    fn take(url: &str, key: &StoreKey) -> impl Future<Output = Result<Self>> + Send;

    /// Returns whether a statement is waiting for a lock.
    fn is_waited_for(&mut self) -> impl Future<Output = Result<bool>> + Send;

    /// Releases the lock.
    fn release(self) -> impl Future<Output = Result> + Send;
}

/// Checks that a session is ended even if it is renewed while all of its owner's sessions are being ended. One of the
/// owner's records is locked, so that ending them waits there. Meanwhile, the session after it is renewed to a key
/// before it: the statement then finds a tombstone under the old key, and has already passed the new one.
///
/// # Errors
///
/// Fails if the server fails.
pub async fn a11_a_session_renewed_while_it_is_ended_is_ended<T: Tested>() -> Result {
    let engine = Database::<T::Make>::start()?;
    // A busy machine may take long to report that a statement is waiting.
    let settings = || Settings { timeout: Duration::from_secs(600), ..Settings::default() };
    let (ends, renews) =
        (T::connect(&engine.url(), settings()).await?, T::connect(&engine.url(), settings()).await?);
    let (successor, held, old, own) = (key(1), key(2), key(3), key(4));
    let of = |lineage| {
        let login = Login { owner: Owner::new("ann"), lineage: Lineage::from_random([lineage; 16]) };
        Record { login: Some(login), ..record(b"{}") }
    };
    for (key, lineage) in [(&held, 2), (&own, 4)] {
        assert_ne!(renews.create(key, &of(lineage)).await?, Swap::Refused);
    }
    let Swap::Done(version) = renews.create(&old, &of(3)).await? else { return Err("it was taken".into()) };

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
    assert!(renews.load(&old).await?.is_some(), "a tombstone is nobody's");
    Ok(())
}
