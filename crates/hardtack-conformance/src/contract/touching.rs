use hardtack_core::store::{SessionStore, Stored, Version};

use crate::failure::{Checked, ensure, ensure_eq};
use crate::sample::{
    create, expiring, key, keys_of, listed, load, millis, noon, owned, record, replace, seconds,
};

pub(crate) async fn touch_updates_only_the_two_times<S: SessionStore>(store: &S) -> Checked {
    let written = owned("ada", b"data").label(Some("the phone".into()));
    let version = create(store, key(1), &written).await?;
    let (seen, expires) = (noon() + millis(1234), noon() + millis(9_876_543));
    ensure!(store.touch(&key(1), version, seen, expires).await?, "a record was not touched with its version");
    let expected = Stored::new(written.last_seen(seen).expires_at(expires), version);
    ensure_eq!(load(store, key(1)).await?, expected, "a touched record");
    let listed = listed(store, "ada").await?;
    ensure_eq!(listed.len(), 1, "a touched record is not listed exactly once");
    let times = (listed[0].last_seen, listed[0].expires_at, listed[0].version);
    ensure_eq!(times, (seen, expires, version), "a touched record is listed with old times");
    Ok(())
}

/// The version does not change, so a request that loaded the record before the touch can still write.
pub(crate) async fn a_touch_keeps_the_version<S: SessionStore>(store: &S) -> Checked {
    let version = create(store, key(1), &record(b"first")).await?;
    for round in 1..4 {
        let expires = noon() + seconds(3600 + round);
        ensure!(
            store.touch(&key(1), version, noon(), expires).await?,
            "a record was not touched twice with one version"
        );
    }
    replace(store, key(1), version, &record(b"second")).await?;
    Ok(())
}

pub(crate) async fn touch_needs_the_exact_version<S: SessionStore>(store: &S) -> Checked {
    let first = create(store, key(1), &record(b"first")).await?;
    let second = replace(store, key(1), first, &record(b"second")).await?;
    let before = load(store, key(1)).await?;
    for version in [first, Version::new(second.get().wrapping_add(1))] {
        let touched = store.touch(&key(1), version, noon() + seconds(5), noon() + seconds(9)).await?;
        ensure!(!touched, "a record was touched with a version other than the expected one");
    }
    ensure_eq!(load(store, key(1)).await?, before, "a refused touch changed the record");
    Ok(())
}

pub(crate) async fn touch_never_inserts<S: SessionStore>(store: &S) -> Checked {
    let version = create(store, key(1), &owned("ada", b"{}")).await?;
    ensure!(store.delete(&key(1), version).await?, "a record was not deleted");
    for number in [1, 2] {
        let touched = store.touch(&key(number), version, noon(), noon() + seconds(9)).await?;
        ensure!(!touched, "a record that does not exist was touched");
        ensure!(store.load(&key(number)).await?.is_none(), "a refused touch created a record");
    }
    ensure!(keys_of(store, "ada").await?.is_empty(), "a refused touch changed the owner index");
    Ok(())
}

pub(crate) async fn sweeping_follows_a_touch<S: SessionStore>(store: &S) -> Checked {
    let longer = create(store, key(1), &expiring(noon() + seconds(10), b"longer")).await?;
    let shorter = create(store, key(2), &expiring(noon() + seconds(100), b"shorter")).await?;
    ensure!(store.touch(&key(1), longer, noon(), noon() + seconds(100)).await?, "a record was not touched");
    ensure!(store.touch(&key(2), shorter, noon(), noon() + seconds(10)).await?, "a record was not touched");
    ensure_eq!(store.sweep(noon() + seconds(50), 9).await?, 1, "sweeping after touching");
    ensure!(store.load(&key(1)).await?.is_some(), "a record whose lifetime a touch extended was swept");
    ensure!(store.load(&key(2)).await?.is_none(), "a record whose lifetime a touch shortened was not swept");
    Ok(())
}
