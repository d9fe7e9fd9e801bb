use hardtack_core::store::{SessionStore, Version};

use crate::failure::{Checked, ensure, ensure_eq};
use crate::sample::{create, key, keys_of, load, owned, record, replace};

pub(crate) async fn delete_removes_the_record<S: SessionStore>(store: &S) -> Checked {
    let version = create(store, key(1), &owned("ada", b"one")).await?;
    create(store, key(2), &owned("ada", b"two")).await?;
    ensure!(store.delete(&key(1), version).await?, "a record was not deleted with its version");
    ensure!(store.load(&key(1)).await?.is_none(), "a deleted record is still there");
    ensure!(!store.delete(&key(1), version).await?, "a record was deleted twice");
    ensure_eq!(keys_of(store, "ada").await?, [key(2)].into(), "the owner's records after a deletion");
    Ok(())
}

pub(crate) async fn delete_needs_the_exact_version<S: SessionStore>(store: &S) -> Checked {
    let first = create(store, key(1), &record(b"first")).await?;
    let second = replace(store, key(1), first, &record(b"second")).await?;
    let before = load(store, key(1)).await?;
    for version in [first, Version::new(second.get().wrapping_add(1))] {
        ensure!(
            !store.delete(&key(1), version).await?,
            "a record was deleted with a version other than the expected one"
        );
    }
    ensure_eq!(load(store, key(1)).await?, before, "a refused delete changed the record");
    Ok(())
}

pub(crate) async fn delete_of_a_missing_record_is_refused<S: SessionStore>(store: &S) -> Checked {
    let version = create(store, key(1), &record(b"elsewhere")).await?;
    ensure!(!store.delete(&key(2), version).await?, "a record that never existed was deleted");
    load(store, key(1)).await?;
    Ok(())
}

pub(crate) async fn a_deleted_record_can_be_created_again<S: SessionStore>(store: &S) -> Checked {
    let first = create(store, key(1), &owned("ada", b"first")).await?;
    ensure!(store.delete(&key(1), first).await?, "a record was not deleted");
    let second = create(store, key(1), &owned("bob", b"second")).await?;
    ensure!(second != first, "two writes under one key have the same version");
    ensure_eq!(*load(store, key(1)).await?.record.data, *b"second", "a record that was created again");
    ensure!(keys_of(store, "ada").await?.is_empty(), "a deleted record is still listed");
    ensure!(
        !store.delete(&key(1), first).await?,
        "a record was deleted with the version of an earlier record"
    );
    Ok(())
}
