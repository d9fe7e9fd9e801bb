use hardtack_core::store::{SessionStore, Swap};

use crate::executor::poll_at_most;
use crate::failure::{Checked, Failure, ensure};
use crate::sample::{create, done, end_all, key, listed, load, noon, owned, record, seconds};

/// A dropped call may or may not be applied: afterward, the record is complete, or it does not exist.
pub(crate) async fn a_dropped_create_is_atomic<S: SessionStore>(store: &S) -> Checked {
    for number in 0..20_u8 {
        let polls = usize::from(number % 3);
        let finished = poll_at_most(store.create(&key(number), &owned("ada", &[number])), polls).await;
        let stored = settled(store, number).await?;
        ensure!(!finished || stored.is_some(), "a record was not created for a new key");
        if let Some(data) = stored {
            ensure!(*data == [number], "a record was only partly created");
        }
    }
    Ok(())
}

pub(crate) async fn a_dropped_replace_is_atomic<S: SessionStore>(store: &S) -> Checked {
    for number in 0..20_u8 {
        let version = create(store, key(number), &record(b"before")).await?;
        let polls = usize::from(number % 3);
        let finished = poll_at_most(store.replace(&key(number), version, &record(b"after")), polls).await;
        let data = settled(store, number).await?;
        let data = data.ok_or_else(|| Failure::new("a dropped replace removed the record"))?;
        let whole: &[&[u8]] = if finished { &[b"after"] } else { &[b"before", b"after"] };
        ensure!(whole.contains(&&*data), "a record was only partly written");
    }
    Ok(())
}

/// The store continues to serve other calls after some were dropped.
pub(crate) async fn dropped_calls_leave_the_store_usable<S: SessionStore>(store: &S) -> Checked {
    let version = create(store, key(1), &owned("ada", b"{}")).await?;
    for polls in [0, 1, 1, 1, 2] {
        poll_at_most(store.load(&key(1)), polls).await;
        poll_at_most(store.touch(&key(1), version, noon(), noon() + seconds(5000)), polls).await;
        poll_at_most(listed(store, "ada"), polls).await;
        poll_at_most(end_all(store, "bob"), polls).await;
        poll_at_most(store.sweep(noon(), 10), polls).await;
        poll_at_most(store.delete(&key(2), version), polls).await;
        poll_at_most(store.create(&key(1), &record(b"{}")), polls).await;
    }
    let newer = done(
        store.replace(&key(1), version, &record(b"newer")).await?,
        "a record was not replaced with its current version",
    )?;
    ensure!(
        load(store, key(1)).await?.version == newer,
        "a record is loaded with a different version than it was written with"
    );
    Ok(())
}

/// Returns the data that a dropped `create` wrote, if any. Two later writes, to another key and to the same key, first
/// make sure that the dropped call is no longer in progress.
async fn settled<S: SessionStore>(store: &S, number: u8) -> Result<Option<Box<[u8]>>, Failure> {
    let barrier = key(100 + number);
    create(store, barrier, &record(b"barrier")).await?;
    let Some(stored) = store.load(&key(number)).await? else { return Ok(None) };
    match store.replace(&key(number), stored.version, &stored.record).await? {
        Swap::Done(_) => Ok(Some(stored.record.data.as_ref().into())),
        // The record changed between `load` and `replace`: the dropped call was applied then.
        Swap::Refused => Ok(store.load(&key(number)).await?.map(|stored| stored.record.data.as_ref().into())),
    }
}
