use hardtack_core::protocol::{Record, StoreKey};
use hardtack_core::store::{SessionListing, Swap};

use crate::failure::{Checked, Failure, ensure, ensure_eq};
use crate::sample::{key, owned, owner, record};

/// A number of pages that this case's few records can never fill.
const MAX_PAGES: usize = 100;

/// Checks that a record that the store cannot decode does not affect other records. Loading such a record is an error,
/// every listing omits it and continues after it, and it is removed together with its owner's other records.
///
/// A store offers no way to damage its records, so `damage` does this in the way another program would: it makes the
/// record under a key undecodable, and leaves the record's owner unchanged. The label of every damaged record is
/// `phone`. The store must be fresh and empty.
///
/// # Errors
///
/// Fails if the store does not pass, or if `damage` fails.
pub async fn check_damaged<S, E>(
    store: &S,
    mut damage: impl AsyncFnMut(&StoreKey) -> Result<(), E>,
) -> Result<(), Failure>
where
    S: SessionListing,
    E: std::fmt::Display,
{
    let labeled = |record: Record| record.label(Some("phone".into()));
    for number in 1..=7 {
        put(store, number, &labeled(owned("ada", b"{}"))).await?;
    }
    for number in 8..=9 {
        put(store, number, &labeled(record(b"{}"))).await?;
    }
    // The first record, two neighbors, and the last record both of the owner and overall.
    for number in DAMAGED {
        damage(&key(number)).await.map_err(Failure::new)?;
    }
    for number in 1..=9 {
        let loaded = store.load(&key(number)).await;
        if DAMAGED.contains(&number) {
            let is_unreadable = loaded.as_ref().is_err_and(|error| error.is_unreadable());
            ensure!(is_unreadable, "a damaged record was loaded as {loaded:?}");
        } else {
            ensure!(loaded?.is_some(), "a record beside a damaged one is gone");
        }
    }
    for at_most in [1, 2, 3, 100] {
        owners_pages_leave_out_what_is_damaged(store, at_most).await?;
        pages_leave_out_what_is_damaged(store, at_most).await?;
    }
    let deleted = store.delete_owned_by(&record(b"").purpose, &owner("ada"), None).await?;
    ensure_eq!(deleted, 7, "how many of the owner's records were removed, damaged ones included");
    for number in 1..=7 {
        ensure!(
            store.load(&key(number)).await?.is_none(),
            "a record remained after its owner's records were deleted"
        );
    }
    ensure!(store.load(&key(8)).await?.is_some(), "another owner's record was removed");
    ensure!(store.load(&key(9)).await.is_err(), "another owner's damaged record was removed");
    Ok(())
}

const DAMAGED: [u8; 5] = [1, 3, 4, 7, 9];

async fn put<S: SessionListing>(store: &S, number: u8, record: &Record) -> Checked {
    let swap = store.create(&key(number), record).await?;
    ensure!(swap != Swap::Refused, "a create was refused for a key without a record");
    Ok(())
}

async fn owners_pages_leave_out_what_is_damaged<S: SessionListing>(store: &S, at_most: usize) -> Checked {
    let (purpose, ada) = (record(b"").purpose, owner("ada"));
    let (mut found, mut after) = (Vec::new(), None);
    for _ in 0..MAX_PAGES {
        let page = store.owned_by(&purpose, &ada, after.as_ref(), at_most).await?;
        found.extend(page.iter().map(|summary| summary.key));
        // A page with fewer records than requested is the last one.
        if page.len() < at_most {
            break;
        }
        after = found.last().copied();
    }
    ensure_eq!(found, [key(2), key(5), key(6)], "the owner's records on pages of {at_most}");
    Ok(())
}

async fn pages_leave_out_what_is_damaged<S: SessionListing>(store: &S, at_most: usize) -> Checked {
    let (mut found, mut next) = (Vec::new(), None);
    for _ in 0..MAX_PAGES {
        let page = store.page(next.as_ref(), at_most).await?;
        found.extend(page.records.iter().map(|listed| listed.summary.key));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    ensure!(next.is_none(), "the pages of a few records do not end");
    found.sort_unstable();
    found.dedup();
    ensure_eq!(found, [key(2), key(5), key(6), key(8)], "all records on pages of {at_most}");
    Ok(())
}
