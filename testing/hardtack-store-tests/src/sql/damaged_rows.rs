//! Tests that a row that cannot be decoded affects no other row.
#![expect(missing_docs, reason = "the name of a test describes what it checks")]

use hardtack_conformance::check_damaged;
use hardtack_core::protocol::{Lineage, Login, Owner, StoreKey};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_engines::Database;
use hardtack_sql::Settings;

use super::sample::{key, narrow_settings, record};
use super::{Result, TestedStore};

pub async fn an_undecodable_row_is_unreadable_by_itself<T: TestedStore>() -> Result {
    let database = Database::<T::Program>::start()?;
    let store = T::connect(&database.url(), narrow_settings()).await?;
    let (damaged, whole, missing) = (key(1), key(2), key(3));
    let login = Login::new(Owner::new("ada"), Lineage::from_random([7; 16]));
    for (key, login) in [(damaged, Some(login)), (whole, None)] {
        let swap = store.create(&key, &record(b"data").login(login)).await?;
        assert_ne!(swap, Swap::Refused);
    }
    T::damage(&database.url(), &damaged).await?;
    // The loads are sent together, and those of the damaged row do not make the others fail.
    let tasks: Vec<_> = (0..30)
        .map(|number| {
            let (store, key) = (store.clone(), [damaged, whole, missing][number % 3]);
            tokio::spawn(async move { store.load(&key).await })
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        match (number % 3, task.await?) {
            (0, loaded) => assert!(loaded.is_err_and(|error| error.is_unreadable())),
            (1, loaded) => assert_eq!(loaded?.map(|stored| stored.record), Some(record(b"data"))),
            (_, loaded) => assert_eq!(loaded?, None),
        }
    }
    assert!(T::metrics(&store).load_batches < 10);
    Ok(())
}

pub async fn an_undecodable_row_hides_no_other<T: TestedStore>() -> Result {
    let database = Database::<T::Program>::start()?;
    let store = T::connect(&database.url(), Settings::default()).await?;
    let url = database.url();
    check_damaged(&store, async |key: &StoreKey| T::damage(&url, key).await).await?;
    assert_ne!(T::metrics(&store).unreadable, 0);
    Ok(())
}
