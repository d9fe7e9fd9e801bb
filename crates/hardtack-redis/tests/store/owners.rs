use std::sync::Arc;
use std::time::Duration;

use hardtack_core::protocol::{Owner, Purpose};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_engines::{Redis, RedisCluster};
use hardtack_redis::RedisStore;

use crate::support::{Result, at, create, key, owned, record, replace};

fn entries(engine: &Redis, owner: &str) -> Result<u64> {
    Ok(engine.command(&["ZCARD", &format!("hardtack:o:7:session:{owner}")])?.trim().parse()?)
}

/// Waits for the cleanup that runs in the background.
async fn wait_for_entries(engine: &Redis, owner: &str, is_so: impl Fn(u64) -> bool) -> Result {
    while !is_so(entries(engine, owner)?) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_session_that_ends_takes_its_entry_along() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let mut versions = Vec::new();
    for number in 0..4 {
        versions.push(create(&store, &key(number), &owned("ann")).await?);
    }
    assert_eq!(entries(&engine, "ann")?, 4);
    assert!(store.delete(&key(0), versions[0]).await?);
    wait_for_entries(&engine, "ann", |entries| entries == 3).await?;
    replace(&store, &key(1), versions[1], &record(b"\x02")).await?;
    wait_for_entries(&engine, "ann", |entries| entries == 2).await?;
    replace(&store, &key(2), versions[2], &owned("bob")).await?;
    wait_for_entries(&engine, "ann", |entries| entries == 1).await?;
    assert_eq!(entries(&engine, "bob")?, 1);
    // If the owner stays the same, the entry does too, no matter how often the record is written.
    for _ in 0..3 {
        versions[3] = replace(&store, &key(3), versions[3], &owned("ann")).await?;
    }
    assert_eq!(entries(&engine, "ann")?, 1);
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("ann"), None, 1000).await?.len(), 1);
    assert_eq!(store.delete_owned_by(&Purpose::default(), &Owner::new("ann"), None).await?, 1);
    assert_eq!(entries(&engine, "ann")?, 0);
    assert_eq!(store.sweep(at(5000), 9).await?, 2);
    wait_for_entries(&engine, "bob", |entries| entries == 0).await
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn an_owner_who_returns_is_listed() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let mut version = create(&store, &key(1), &owned("ann")).await?;
    for owner in ["bob", "ann", "bob", "ann"] {
        version = replace(&store, &key(1), version, &owned(owner)).await?;
        let listed = store.owned_by(&Purpose::default(), &Owner::new(owner), None, 1000).await?;
        assert_eq!(listed.iter().map(|summary| summary.version).collect::<Vec<_>>(), [version]);
    }
    wait_for_entries(&engine, "bob", |entries| entries == 0).await?;
    wait_for_entries(&engine, "ann", |entries| entries == 1).await?;
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("ann"), None, 1000).await?.len(), 1);
    Ok(())
}

/// Some entries are like those of writes interrupted long ago, and others like those of writes interrupted recently.
#[tokio::test]
#[ignore = "needs Redis"]
async fn old_entries_without_a_record_are_removed_and_young_ones_are_not() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    create(&store, &key(1), &owned("ann")).await?;
    let now = engine.command(&["TIME"])?;
    let now: u64 = now.lines().next().ok_or("a time")?.trim().parse()?;
    let old = ((now - 3700) * 1000).to_string();
    let young = ((now - 60) * 1000).to_string();
    let member = |number: u32| format!("{number:040}");
    for number in 0..10 {
        let age = if number < 7 { &old } else { &young };
        engine.command(&["ZADD", "hardtack:o:7:session:ann", age, &member(number)])?;
    }
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("ann"), None, 1000).await?.len(), 1);
    wait_for_entries(&engine, "ann", |entries| entries == 4).await?;
    for number in 7..10 {
        assert_ne!(engine.command(&["ZSCORE", "hardtack:o:7:session:ann", &member(number)])?.trim(), "");
    }
    assert_eq!(store.delete_owned_by(&Purpose::default(), &Owner::new("ann"), None).await?, 1);
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn logins_tidy_many_entries() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    for number in 0..100 {
        engine.command(&["ZADD", "hardtack:o:7:session:ann", "1", &format!("{number:040}")])?;
    }
    // Each login checks four entries, so after this many logins, few entries without a record remain.
    for number in 0..200 {
        create(&store, &key(number), &owned("ann")).await?;
    }
    wait_for_entries(&engine, "ann", |entries| entries < 220).await?;
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("ann"), None, 1000).await?.len(), 200);
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn entries_outlive_their_records() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let life =
        || -> Result<u64> { Ok(engine.command(&["PTTL", "hardtack:o:7:session:ann"])?.trim().parse()?) };
    create(&store, &key(1), &owned("ann")).await?;
    assert!(life()? > 1_000_000, "{}", life()?);
    let longer = owned("ann").deadline(at(1_000_000));
    let version = create(&store, &key(2), &longer).await?;
    assert!(life()? > 1_000_000_000, "{}", life()?);
    create(&store, &key(3), &owned("ann")).await?;
    assert!(life()? > 1_000_000_000, "{}", life()?);
    let even_longer = owned("ann").deadline(at(2_000_000));
    replace(&store, &key(2), version, &even_longer).await?;
    assert!(life()? > 2_000_000_000, "{}", life()?);
    Ok(())
}

/// Checks that a session that is renewed again and again can be ended. A renewal writes the new record, and then
/// replaces the old record with a tombstone.
async fn a_renewal_cannot_slip_through(store: RedisStore) -> Result {
    for round in 0..60 {
        let numbers = |number: u64| key(round * 1_000_000 + number);
        let owner: Arc<str> = format!("ann{round}").into();
        let mut version = create(&store, &numbers(0), &owned(&owner)).await?;
        let renewing = async {
            for number in 0.. {
                let next = create(&store, &numbers(number + 1), &owned(&owner)).await?;
                if store.replace(&numbers(number), version, &record(b"\x02")).await? == Swap::Refused {
                    store.delete(&numbers(number + 1), next).await?;
                    break;
                }
                version = next;
            }
            Ok::<(), Box<dyn std::error::Error>>(())
        };
        let revoking = async {
            for _ in 0..round % 7 {
                tokio::task::yield_now().await;
            }
            store.delete_owned_by(&Purpose::default(), &Owner::new(&*owner), None).await
        };
        // The loop ends only if the session was revoked.
        let (renewed, revoked) = tokio::join!(renewing, revoking);
        renewed?;
        assert!(revoked? >= 1);
        assert!(store.owned_by(&Purpose::default(), &Owner::new(&*owner), None, 1000).await?.is_empty());
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_renewal_does_not_slip_through_a_logout_everywhere() -> Result {
    let engine = Redis::start()?;
    a_renewal_cannot_slip_through(RedisStore::connect(engine.url()).await?).await
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_renewal_does_not_slip_through_a_logout_everywhere_on_a_cluster() -> Result {
    let engine = RedisCluster::start()?;
    a_renewal_cannot_slip_through(RedisStore::connect(engine.url()).await?).await
}
