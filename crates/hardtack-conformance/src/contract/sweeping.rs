use hardtack_core::store::{SessionStore, Swap};

use crate::failure::{Checked, ensure, ensure_eq};
use crate::sample::{
    create, end_all, expiring, key, keys_of, load, millis, noon, owned, record, replace, seconds,
};

pub(crate) async fn nothing_is_swept_if_nothing_expired<S: SessionStore>(store: &S) -> Checked {
    ensure_eq!(store.sweep(noon(), 100).await?, 0, "how many records of an empty store were swept");
    create(store, key(1), &record(b"{}")).await?;
    ensure_eq!(store.sweep(noon() + seconds(3599), 100).await?, 0, "how many live records were swept");
    load(store, key(1)).await?;
    Ok(())
}

/// A record is expired from the exact millisecond of its expiry time.
pub(crate) async fn records_expired_at_or_before_the_time_are_swept<S: SessionStore>(store: &S) -> Checked {
    let at = noon() + seconds(10);
    create(store, key(1), &expiring(at - millis(1), b"before")).await?;
    create(store, key(2), &expiring(at, b"at")).await?;
    create(store, key(3), &expiring(at + millis(1), b"after")).await?;
    ensure_eq!(store.sweep(at, 100).await?, 2, "how many records were swept");
    ensure!(store.load(&key(1)).await?.is_none(), "a record that expired before is still there");
    ensure!(store.load(&key(2)).await?.is_none(), "a record that expired at this moment is still there");
    load(store, key(3)).await?;
    Ok(())
}

pub(crate) async fn a_sweep_respects_its_limit<S: SessionStore>(store: &S) -> Checked {
    for number in 0..10 {
        create(store, key(number), &expiring(noon() + seconds(1 + u64::from(number)), b"{}")).await?;
    }
    create(store, key(10), &record(b"{}")).await?;
    let now = noon() + seconds(60);
    ensure_eq!(store.sweep(now, 0).await?, 0, "how many records were swept with a limit of none");
    let mut swept = 0;
    for _ in 0..20 {
        let batch = store.sweep(now, 4).await?;
        ensure!(batch <= 4, "{batch} records were swept, with a limit of 4");
        if batch == 0 {
            break;
        }
        swept += batch;
        let mut left = 0;
        for number in 0..10 {
            left += usize::from(store.load(&key(number)).await?.is_some());
        }
        ensure_eq!(left, 10 - swept, "how many records remain");
    }
    ensure_eq!(swept, 10, "how many records were swept in all");
    load(store, key(10)).await?;
    Ok(())
}

pub(crate) async fn sweeping_follows_a_replace<S: SessionStore>(store: &S) -> Checked {
    let longer = create(store, key(1), &expiring(noon() + seconds(10), b"{}")).await?;
    let shorter = create(store, key(2), &expiring(noon() + seconds(100), b"{}")).await?;
    replace(store, key(1), longer, &expiring(noon() + seconds(100), b"{}")).await?;
    replace(store, key(2), shorter, &expiring(noon() + seconds(10), b"{}")).await?;
    ensure_eq!(store.sweep(noon() + seconds(50), 9).await?, 1, "how many records were swept");
    load(store, key(1)).await?;
    ensure!(store.load(&key(2)).await?.is_none(), "a record whose lifetime was shortened was not swept");
    Ok(())
}

pub(crate) async fn a_swept_record_is_gone_for_every_call<S: SessionStore>(store: &S) -> Checked {
    let expired = owned("ada", b"{}").expires_at(noon() + seconds(1));
    let version = create(store, key(1), &expired).await?;
    ensure_eq!(store.sweep(noon() + seconds(1), 9).await?, 1, "how many records were swept");
    ensure_eq!(
        store.replace(&key(1), version, &record(b"{}")).await?,
        Swap::Refused,
        "replacing a swept record"
    );
    ensure!(!store.touch(&key(1), version, noon(), noon()).await?, "a swept record was touched");
    ensure!(!store.delete(&key(1), version).await?, "a swept record was deleted");
    ensure!(keys_of(store, "ada").await?.is_empty(), "a swept record is still listed");
    ensure_eq!(end_all(store, "ada").await?, 0, "how many swept records were deleted");
    create(store, key(1), &record(b"{}")).await?;
    Ok(())
}

pub(crate) async fn a_deleted_record_is_not_swept<S: SessionStore>(store: &S) -> Checked {
    let version = create(store, key(1), &expiring(noon() + seconds(1), b"{}")).await?;
    create(store, key(2), &owned("ada", b"{}").expires_at(noon() + seconds(1))).await?;
    ensure!(store.delete(&key(1), version).await?, "a record was not deleted");
    ensure_eq!(end_all(store, "ada").await?, 1, "how many records were deleted");
    create(store, key(1), &record(b"anew")).await?;
    ensure_eq!(store.sweep(noon() + seconds(60), 9).await?, 0, "how many deleted records were swept");
    load(store, key(1)).await?;
    Ok(())
}
