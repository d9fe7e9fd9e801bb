use hardtack_core::protocol::{Purpose, StoreKey};
use hardtack_core::store::{Page, SessionStore, Summary};

use crate::executor::run_concurrently;
use crate::failure::{Checked, ensure, ensure_eq};
use crate::sample::{
    create, end_all, end_others, key, keys_of, lineage, listed, load, millis, noon, other_purpose, owned,
    owned_by_login, owner, record, replace, seconds,
};

pub(crate) async fn an_unknown_owner_has_no_records<S: SessionStore>(store: &S) -> Checked {
    create(store, key(1), &record(b"nobody's")).await?;
    ensure!(listed(store, "ada").await?.is_empty(), "a record without an owner is listed");
    ensure!(listed(store, "").await?.is_empty(), "a record without an owner is listed");
    ensure_eq!(end_all(store, "").await?, 0, "how many records were deleted for an owner without records");
    load(store, key(1)).await?;
    Ok(())
}

pub(crate) async fn a_summary_matches_the_record<S: SessionStore>(store: &S) -> Checked {
    let mut written =
        owned_by_login("ada", 7, b"{}").label(Some("the phone".into())).last_seen(noon() + millis(5));
    written.created_at = noon() - seconds(77);
    let version = create(store, key(1), &written).await?;
    let expected = Summary::new(key(1), version, written.created_at)
        .login(written.login)
        .label(written.label)
        .last_seen(written.last_seen)
        .expires_at(written.expires_at);
    ensure_eq!(listed(store, "ada").await?, [expected], "an owner's records");
    let unlabelled = replace(store, key(1), version, &owned("ada", b"{}")).await?;
    let listed = listed(store, "ada").await?;
    ensure_eq!(listed.len(), 1, "how many records an owner has");
    ensure_eq!(
        (listed[0].label.as_deref(), listed[0].version),
        (None, unlabelled),
        "a replaced record's summary"
    );
    Ok(())
}

pub(crate) async fn every_owner_has_their_own_records<S: SessionStore>(store: &S) -> Checked {
    // These names would be confused by a comparison that ignores case, spaces, accents, or wildcards.
    let names = ["ada", "Ada", "ADA", "ada ", " ada", "adá", "ad", "adaa", "", "a%", "a_a", "7", "07"];
    for (number, name) in names.into_iter().enumerate() {
        create(store, key(number as u8), &owned(name, b"one")).await?;
        create(store, key(100 + number as u8), &owned(name, b"another")).await?;
    }
    for (number, name) in names.into_iter().enumerate() {
        let expected = [key(number as u8), key(100 + number as u8)].into();
        ensure_eq!(keys_of(store, name).await?, expected, "the records of {name:?}");
    }
    ensure_eq!(end_all(store, "ada").await?, 2, "how many records of one owner were deleted");
    for (number, name) in names.into_iter().enumerate().skip(1) {
        ensure_eq!(
            keys_of(store, name).await?.len(),
            2,
            "the records of {name:?} after another owner's were deleted"
        );
        load(store, key(number as u8)).await?;
    }
    Ok(())
}

pub(crate) async fn many_records_of_one_owner_are_all_listed<S: SessionStore>(store: &S) -> Checked {
    for number in 0..200 {
        create(store, key(number), &owned_by_login("ada", number, &[number])).await?;
    }
    ensure_eq!(keys_of(store, "ada").await?, (0..200).map(key).collect(), "an owner's records");
    ensure_eq!(end_others(store, "ada", &lineage(100)).await?, 199, "how many records were deleted");
    ensure_eq!(
        keys_of(store, "ada").await?,
        [key(100)].into(),
        "an owner's records after all but one were deleted"
    );
    Ok(())
}

pub(crate) async fn delete_owned_by_removes_all<S: SessionStore>(store: &S) -> Checked {
    for number in 1..4 {
        create(store, key(number), &owned("ada", b"{}")).await?;
    }
    create(store, key(4), &owned("bob", b"{}")).await?;
    create(store, key(5), &record(b"nobody's")).await?;
    ensure_eq!(end_all(store, "ada").await?, 3, "how many records were deleted");
    for number in 1..4 {
        ensure!(store.load(&key(number)).await?.is_none(), "an owner's record is still there");
    }
    ensure!(keys_of(store, "ada").await?.is_empty(), "deleted records are still listed");
    load(store, key(4)).await?;
    load(store, key(5)).await?;
    ensure_eq!(end_all(store, "ada").await?, 0, "how many records were deleted again");
    Ok(())
}

/// All records with the spared lineage remain, whatever their keys and versions.
pub(crate) async fn a12_delete_owned_by_spares_a_lineage<S: SessionStore>(store: &S) -> Checked {
    for number in 1..4 {
        create(store, key(number), &owned_by_login("ada", number, b"{}")).await?;
    }
    let version = create(store, key(4), &owned_by_login("ada", 2, b"{}")).await?;
    replace(store, key(4), version, &owned_by_login("ada", 2, b"newer")).await?;
    let spared = [load(store, key(2)).await?, load(store, key(4)).await?];
    ensure_eq!(end_others(store, "ada", &lineage(2)).await?, 2, "how many records were deleted");
    ensure_eq!(
        keys_of(store, "ada").await?,
        [key(2), key(4)].into(),
        "the owner's records after those of all lineages except one were deleted"
    );
    ensure_eq!(
        [load(store, key(2)).await?, load(store, key(4)).await?],
        spared,
        "the records that were kept"
    );
    ensure_eq!(end_others(store, "ada", &lineage(2)).await?, 0, "how many records were deleted again");
    Ok(())
}

/// No record is spared if the lineage belongs to another user, or to no user at all.
pub(crate) async fn an_unknown_lineage_spares_nothing<S: SessionStore>(store: &S) -> Checked {
    for strange in [2, 9] {
        create(store, key(1), &owned_by_login("ada", 1, b"{}")).await?;
        let version = create(store, key(2), &owned_by_login("bob", 2, b"{}")).await?;
        ensure_eq!(end_others(store, "ada", &lineage(strange)).await?, 1, "how many records were deleted");
        ensure_eq!(keys_of(store, "bob").await?, [key(2)].into(), "another owner's records");
        store.delete(&key(2), version).await?;
    }
    Ok(())
}

/// A record has the lineage of its latest write.
pub(crate) async fn a_lineage_follows_a_replace<S: SessionStore>(store: &S) -> Checked {
    let version = create(store, key(1), &owned_by_login("ada", 1, b"{}")).await?;
    replace(store, key(1), version, &owned_by_login("ada", 2, b"{}")).await?;
    let summaries = listed(store, "ada").await?;
    let lineages: Vec<_> =
        summaries.iter().flat_map(|summary| &summary.login).map(|login| login.lineage).collect();
    ensure_eq!(lineages, [lineage(2)], "the lineages of an owner's records");
    ensure_eq!(end_others(store, "ada", &lineage(2)).await?, 0, "how many records were deleted");
    ensure_eq!(end_others(store, "ada", &lineage(1)).await?, 1, "how many records were deleted");
    Ok(())
}

pub(crate) async fn a30_every_purpose_has_its_own_records<S: SessionStore>(store: &S) -> Checked {
    let (main, other) = (Purpose::default(), other_purpose());
    create(store, key(1), &owned("ada", b"{}")).await?;
    for (number, mut record) in [(2, owned("ada", b"{}")), (3, record(b"{}"))] {
        record.purpose = other.clone();
        create(store, key(number), &record).await?;
    }
    for (number, purpose) in [(1, &main), (2, &other), (3, &other)] {
        ensure_eq!(load(store, key(number)).await?.record.purpose, *purpose, "the purpose of a record");
    }
    let keys = async |purpose| -> Result<Vec<StoreKey>, _> {
        let listed = store.owned_by(purpose, &owner("ada"), None, 9).await?;
        Ok::<_, hardtack_core::store::StoreError>(listed.iter().map(|summary| summary.key).collect())
    };
    ensure_eq!(
        (keys(&main).await?, keys(&other).await?),
        (vec![key(1)], vec![key(2)]),
        "each purpose's records"
    );
    let deleted = store.delete_owned_by(&other, &owner("ada"), None).await?;
    ensure_eq!(deleted, 1, "how many records of one purpose were deleted");
    ensure_eq!((keys(&main).await?, keys(&other).await?), (vec![key(1)], vec![]), "each purpose's records");
    load(store, key(3)).await?;
    Ok(())
}

pub(crate) async fn an_owners_pages_are_in_key_order<S: SessionStore>(store: &S) -> Checked {
    for number in (0..50).rev() {
        create(store, key(number), &owned_by_login("ada", number, b"{}")).await?;
        create(store, key(100 + number), &owned("bob", b"{}")).await?;
    }
    let (purpose, ada) = (Purpose::default(), owner("ada"));
    for at_most in [0, 1, 7, 49, 50, 51] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store.owned_by(&purpose, &ada, after.as_ref(), at_most).await?;
            ensure!(page.len() <= Page::size(at_most), "{} records on a page of {at_most}", page.len());
            seen.extend(page.iter().map(|summary| summary.key));
            ensure!(seen.len() <= 50, "an owner's pages do not end");
            if page.len() < Page::size(at_most) {
                break;
            }
            after = page.last().map(|summary| summary.key);
        }
        ensure_eq!(seen, (0..50).map(key).collect::<Vec<_>>(), "the keys on pages of {at_most}");
    }
    let between = StoreKey::from_bytes([&[7; 31][..], &[8]].concat().try_into().expect("32 bytes"));
    let page = store.owned_by(&purpose, &ada, Some(&between), 2).await?;
    let keys: Vec<_> = page.iter().map(|summary| summary.key).collect();
    ensure_eq!(keys, [key(8), key(9)], "the records after a key that is not there");
    Ok(())
}

pub(crate) async fn an_owners_pages_are_limited<S: SessionStore>(store: &S) -> Checked {
    let many = Page::MAX_SIZE + 50;
    let key = |number: usize| {
        let mut bytes = [7; StoreKey::LEN];
        bytes[..8].copy_from_slice(&(number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        StoreKey::from_bytes(bytes)
    };
    let (record, numbers) = (owned("ada", b"{}"), (0..many).collect::<Vec<_>>());
    for chunk in numbers.chunks(100) {
        let created = run_concurrently(chunk.iter().map(|number| create(store, key(*number), &record))).await;
        created.into_iter().collect::<Result<Vec<_>, _>>()?;
    }
    let page = store.owned_by(&Purpose::default(), &owner("ada"), None, usize::MAX).await?;
    ensure_eq!(page.len(), Page::MAX_SIZE, "how many records are on one page");
    ensure_eq!(end_all(store, "ada").await?, many as u64, "how many records were deleted");
    Ok(())
}

/// A tombstone is a record without an owner, so it is not listed as one of the user's sessions.
pub(crate) async fn a_record_that_lost_its_owner_is_not_listed<S: SessionStore>(store: &S) -> Checked {
    let version = create(store, key(1), &owned("ada", b"{}")).await?;
    create(store, key(2), &owned("ada", b"{}")).await?;
    replace(store, key(1), version, &record(&[2])).await?;
    ensure_eq!(keys_of(store, "ada").await?, [key(2)].into(), "the owner's records after one was replaced");
    ensure_eq!(end_all(store, "ada").await?, 1, "how many records were deleted");
    load(store, key(1)).await?;
    Ok(())
}

pub(crate) async fn an_expired_record_keeps_its_owner_until_it_is_swept<S: SessionStore>(
    store: &S,
) -> Checked {
    let expires_at = noon() + seconds(1);
    let expired = owned("ada", b"{}").expires_at(expires_at);
    create(store, key(1), &expired).await?;
    create(store, key(2), &owned("ada", b"{}")).await?;
    ensure_eq!(keys_of(store, "ada").await?.len(), 2, "how many records an owner has");
    ensure_eq!(store.sweep(noon() + seconds(2), 9).await?, 1, "how many records were swept");
    ensure_eq!(keys_of(store, "ada").await?, [key(2)].into(), "the owner's records after sweeping");
    ensure_eq!(end_all(store, "ada").await?, 1, "how many records were deleted");
    Ok(())
}
