use hardtack_core::session::Record;
use hardtack_core::store::{SessionStore, Summary};

use crate::failure::{Checked, ensure, ensure_eq};
use crate::sample::{
    create, expiring, key, keys_of, load, millis, noon, owned, owner, record, replace, seconds,
};

pub(crate) async fn an_owner_of_nothing_has_no_records<S: SessionStore>(store: &S) -> Checked {
    create(store, key(1), &record(b"nobody's")).await?;
    ensure!(store.owned_by(&owner("ada")).await?.is_empty(), "a record is listed that is nobody's");
    ensure!(store.owned_by(&owner("")).await?.is_empty(), "a record is listed that is nobody's");
    ensure_eq!(store.delete_owned_by(&owner(""), None).await?, 0, "records deleted of an owner of nothing");
    load(store, key(1)).await?;
    Ok(())
}

pub(crate) async fn a_summary_tells_what_was_written<S: SessionStore>(store: &S) -> Checked {
    let written = Record {
        label: Some("the phone".into()),
        created_at: noon() - seconds(77),
        last_seen: noon() + millis(5),
        ..owned("ada", b"{}")
    };
    let version = create(store, key(1), &written).await?;
    let expected = Summary {
        key: key(1),
        version,
        label: written.label,
        created_at: written.created_at,
        last_seen: written.last_seen,
        expires_at: written.expires_at,
    };
    ensure_eq!(store.owned_by(&owner("ada")).await?, [expected], "an owner's records");
    let unlabelled = replace(store, key(1), version, &owned("ada", b"{}")).await?;
    let listed = store.owned_by(&owner("ada")).await?;
    ensure_eq!(listed.len(), 1, "how many records an owner has");
    ensure_eq!(
        (listed[0].label.as_deref(), listed[0].version),
        (None, unlabelled),
        "a replaced record's summary"
    );
    Ok(())
}

pub(crate) async fn every_owner_has_their_own_records<S: SessionStore>(store: &S) -> Checked {
    // Names that a careless comparison takes for one another.
    let names = ["ada", "Ada", "ADA", "ada ", " ada", "adá", "ad", "adaa", "", "a%", "a_a", "7", "07"];
    for (number, name) in names.into_iter().enumerate() {
        create(store, key(number as u8), &owned(name, b"one")).await?;
        create(store, key(100 + number as u8), &owned(name, b"another")).await?;
    }
    for (number, name) in names.into_iter().enumerate() {
        let expected = [key(number as u8), key(100 + number as u8)].into();
        ensure_eq!(keys_of(store, name).await?, expected, "the records of {name:?}");
    }
    ensure_eq!(
        store.delete_owned_by(&owner("ada"), None).await?,
        2,
        "how many records of one owner were deleted"
    );
    for (number, name) in names.into_iter().enumerate().skip(1) {
        ensure_eq!(
            keys_of(store, name).await?.len(),
            2,
            "the records of {name:?} after another's were deleted"
        );
        load(store, key(number as u8)).await?;
    }
    Ok(())
}

pub(crate) async fn many_records_of_one_owner_are_all_listed<S: SessionStore>(store: &S) -> Checked {
    for number in 0..200 {
        create(store, key(number), &owned("ada", &[number])).await?;
    }
    ensure_eq!(keys_of(store, "ada").await?, (0..200).map(key).collect(), "an owner's records");
    ensure_eq!(
        store.delete_owned_by(&owner("ada"), Some(&key(100))).await?,
        199,
        "how many records were deleted"
    );
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
    ensure_eq!(store.delete_owned_by(&owner("ada"), None).await?, 3, "how many records were deleted");
    for number in 1..4 {
        ensure!(store.load(&key(number)).await?.is_none(), "an owner's record is still there");
    }
    ensure!(keys_of(store, "ada").await?.is_empty(), "deleted records are still listed");
    load(store, key(4)).await?;
    load(store, key(5)).await?;
    ensure_eq!(store.delete_owned_by(&owner("ada"), None).await?, 0, "how many records were deleted again");
    Ok(())
}

pub(crate) async fn delete_owned_by_spares_the_exception<S: SessionStore>(store: &S) -> Checked {
    for number in 1..4 {
        create(store, key(number), &owned("ada", b"{}")).await?;
    }
    let spared = load(store, key(2)).await?;
    ensure_eq!(
        store.delete_owned_by(&owner("ada"), Some(&key(2))).await?,
        2,
        "how many records were deleted"
    );
    ensure_eq!(
        keys_of(store, "ada").await?,
        [key(2)].into(),
        "the owner's records after all but one were deleted"
    );
    ensure_eq!(load(store, key(2)).await?, spared, "the record that was spared");
    ensure_eq!(
        store.delete_owned_by(&owner("ada"), Some(&key(2))).await?,
        0,
        "how many records were deleted again"
    );
    Ok(())
}

/// An exception that is another's, or nobody's, spares nothing.
pub(crate) async fn a_strange_exception_spares_nothing<S: SessionStore>(store: &S) -> Checked {
    create(store, key(1), &owned("ada", b"{}")).await?;
    create(store, key(2), &owned("bob", b"{}")).await?;
    ensure_eq!(
        store.delete_owned_by(&owner("ada"), Some(&key(2))).await?,
        1,
        "how many records were deleted"
    );
    ensure_eq!(keys_of(store, "bob").await?, [key(2)].into(), "another owner's records");
    create(store, key(1), &owned("ada", b"{}")).await?;
    ensure_eq!(
        store.delete_owned_by(&owner("ada"), Some(&key(9))).await?,
        1,
        "how many records were deleted"
    );
    Ok(())
}

/// A tombstone is a record that has lost its owner: nobody's device any more.
pub(crate) async fn a_record_that_lost_its_owner_is_not_listed<S: SessionStore>(store: &S) -> Checked {
    let version = create(store, key(1), &owned("ada", b"{}")).await?;
    create(store, key(2), &owned("ada", b"{}")).await?;
    replace(store, key(1), version, &record(&[2])).await?;
    ensure_eq!(keys_of(store, "ada").await?, [key(2)].into(), "the owner's records after one was replaced");
    ensure_eq!(store.delete_owned_by(&owner("ada"), None).await?, 1, "how many records were deleted");
    load(store, key(1)).await?;
    Ok(())
}

pub(crate) async fn an_expired_record_is_its_owners_until_it_is_swept<S: SessionStore>(store: &S) -> Checked {
    let expired = Record { owner: Some(owner("ada")), ..expiring(noon() + seconds(1), b"{}") };
    create(store, key(1), &expired).await?;
    create(store, key(2), &owned("ada", b"{}")).await?;
    ensure_eq!(keys_of(store, "ada").await?.len(), 2, "how many records an owner has");
    ensure_eq!(store.sweep(noon() + seconds(2), 9).await?, 1, "how many records were swept");
    ensure_eq!(keys_of(store, "ada").await?, [key(2)].into(), "the owner's records after sweeping");
    ensure_eq!(store.delete_owned_by(&owner("ada"), None).await?, 1, "how many records were deleted");
    Ok(())
}
