use hardtack_core::store::{SessionStore, Swap};

use crate::failure::{Checked, ensure, ensure_eq};
use crate::sample::{
    create, end_all, expiring, key, keys_of, load, millis, noon, owned, record, replace, seconds,
};

pub(crate) async fn create_never_overwrites<S: SessionStore>(store: &S) -> Checked {
    create(store, key(1), &owned("ada", b"first")).await?;
    let before = load(store, key(1)).await?;
    let second = store.create(&key(1), &owned("bob", b"second")).await?;
    ensure_eq!(second, Swap::Refused, "a record was created over another");
    ensure_eq!(load(store, key(1)).await?, before, "a refused create changed the record");
    ensure!(keys_of(store, "bob").await?.is_empty(), "a refused create changed the owner index");
    ensure_eq!(keys_of(store, "ada").await?.len(), 1, "a refused create changed the owner index");
    Ok(())
}

pub(crate) async fn create_never_overwrites_an_expired_record<S: SessionStore>(store: &S) -> Checked {
    let expired = expiring(noon() + millis(1), b"first");
    create(store, key(1), &expired).await?;
    let mut later = record(b"second").last_seen(noon() + seconds(60));
    later.created_at = noon() + seconds(60);
    let second = store.create(&key(1), &later).await?;
    ensure_eq!(second, Swap::Refused, "a record was created over an expired one");
    ensure_eq!(load(store, key(1)).await?.record, expired, "a refused create changed the record");
    Ok(())
}

/// Versions are compared only for equality, so if a version were repeated, a late write could succeed.
pub(crate) async fn no_version_is_reused<S: SessionStore>(store: &S) -> Checked {
    let mut seen = Vec::new();
    for round in 0..12_u8 {
        let created = create(store, key(1), &owned("ada", &[round])).await?;
        let replaced = replace(store, key(1), created, &owned("ada", &[round])).await?;
        for version in [created, replaced] {
            ensure!(!seen.contains(&version), "two writes under one key have the same version");
            seen.push(version);
        }
        match round % 3 {
            0 => ensure!(store.delete(&key(1), replaced).await?, "a record was not deleted"),
            1 => ensure_eq!(end_all(store, "ada").await?, 1, "an owner's record was not deleted"),
            _ => ensure_eq!(store.sweep(noon() + seconds(7200), 9).await?, 1, "a record was not swept"),
        }
    }
    Ok(())
}
