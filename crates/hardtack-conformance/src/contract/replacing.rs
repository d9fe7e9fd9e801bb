use hardtack_core::protocol::{Purpose, Record};
use hardtack_core::store::{SessionStore, Swap, Version};

use crate::failure::{Checked, ensure, ensure_eq};
use crate::sample::{
    create, key, keys_of, listed, load, millis, noon, owned, owned_by_login, record, replace, seconds,
};

pub(crate) async fn replace_writes_the_whole_record<S: SessionStore>(store: &S) -> Checked {
    let first = create(store, key(1), &owned("ada", b"a longer value before")).await?;
    let newer = Record::new(Purpose::default(), *b"new", noon() - seconds(9))
        .login(owned_by_login("bob", 7, b"").login)
        .label(Some("the phone".into()))
        .last_seen(noon() + millis(17))
        .expires_at(noon() + seconds(2))
        .deadline(noon() + seconds(3));
    let second = replace(store, key(1), first, &newer).await?;
    ensure!(second != first, "replacing did not return a new version");
    let loaded = load(store, key(1)).await?;
    ensure_eq!(loaded.record, newer, "a record was changed by the store");
    ensure_eq!(
        loaded.version,
        second,
        "a record is loaded with a different version than it was replaced with"
    );
    Ok(())
}

pub(crate) async fn replacing_with_the_same_record_gives_a_new_version<S: SessionStore>(
    store: &S,
) -> Checked {
    let first = create(store, key(1), &record(b"same")).await?;
    let second = replace(store, key(1), first, &record(b"same")).await?;
    ensure!(second != first, "replacing did not return a new version");
    Ok(())
}

pub(crate) async fn replace_needs_the_exact_version<S: SessionStore>(store: &S) -> Checked {
    let first = create(store, key(1), &owned("ada", b"first")).await?;
    let second = replace(store, key(1), first, &owned("ada", b"second")).await?;
    let before = load(store, key(1)).await?;
    let strangers = [first.get(), second.get().wrapping_add(1), second.get() ^ (1 << 40), 0, 1, u64::MAX];
    for version in strangers.map(Version::new).into_iter().filter(|version| *version != second) {
        let swap = store.replace(&key(1), version, &owned("bob", b"third")).await?;
        ensure_eq!(swap, Swap::Refused, "a record was replaced with a version other than the expected one");
    }
    ensure_eq!(load(store, key(1)).await?, before, "a refused replace changed the record");
    ensure!(keys_of(store, "bob").await?.is_empty(), "a refused replace changed the owner index");
    Ok(())
}

pub(crate) async fn replace_never_inserts<S: SessionStore>(store: &S) -> Checked {
    let elsewhere = create(store, key(1), &record(b"elsewhere")).await?;
    for version in [elsewhere, Version::new(0), Version::new(1)] {
        let swap = store.replace(&key(2), version, &owned("ada", b"new")).await?;
        ensure_eq!(swap, Swap::Refused, "a record that never existed was replaced");
    }
    ensure!(store.load(&key(2)).await?.is_none(), "a refused replace created a record");
    let deleted = create(store, key(3), &record(b"deleted")).await?;
    ensure!(store.delete(&key(3), deleted).await?, "a record was not deleted");
    let swap = store.replace(&key(3), deleted, &owned("ada", b"new")).await?;
    ensure_eq!(swap, Swap::Refused, "a deleted record was replaced");
    ensure!(store.load(&key(3)).await?.is_none(), "a refused replace restored a record");
    ensure!(keys_of(store, "ada").await?.is_empty(), "a refused replace changed the owner index");
    Ok(())
}

pub(crate) async fn replace_moves_the_record_to_its_new_owner<S: SessionStore>(store: &S) -> Checked {
    let mut version = create(store, key(1), &record(b"guest")).await?;
    for (before, after) in
        [(None, Some("ada")), (Some("ada"), Some("bob")), (Some("bob"), Some("bob")), (Some("bob"), None)]
    {
        version =
            replace(store, key(1), version, &after.map_or_else(|| record(b"{}"), |name| owned(name, b"{}")))
                .await?;
        if let Some(after) = after {
            ensure!(
                keys_of(store, after).await?.contains(&key(1)),
                "a replaced record is not listed with its new owner"
            );
            let summary = listed(store, after).await?;
            ensure!(summary.iter().all(|one| one.version == version), "a listed record has an old version");
        }
        if let Some(before) = before.filter(|_| before != after) {
            ensure!(
                keys_of(store, before).await?.is_empty(),
                "a replaced record is still listed with its old owner"
            );
        }
    }
    Ok(())
}

/// The record's data grows and shrinks from one replacement to the next.
pub(crate) async fn a_record_may_be_replaced_again_and_again<S: SessionStore>(store: &S) -> Checked {
    let mut version = create(store, key(1), &record(b"")).await?;
    for round in 0..40_usize {
        let data = vec![round as u8; round * round * 13 % 5000];
        version = replace(store, key(1), version, &record(&data)).await?;
        let loaded = load(store, key(1)).await?;
        ensure!(*loaded.record.data == *data, "a record was changed by the store");
        ensure_eq!(
            loaded.version,
            version,
            "a record is loaded with a different version than it was replaced with"
        );
    }
    Ok(())
}
