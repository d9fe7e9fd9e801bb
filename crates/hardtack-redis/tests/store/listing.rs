use std::collections::BTreeSet;
use std::time::Duration;

use hardtack_core::protocol::StoreKey;
use hardtack_core::store::{Cursor, Page, SessionListing};
use hardtack_engines::{Redis, RedisCluster};
use hardtack_redis::RedisStore;

use crate::support::{Result, create, key, owned};

const RECORDS: u64 = 200;

async fn fill(store: &RedisStore) -> Result {
    for number in 0..RECORDS {
        create(store, &key(number), &owned("ann")).await?;
    }
    Ok(())
}

/// Returns a page, retrying until a server answers.
async fn page(store: &RedisStore, after: Option<&Cursor>) -> Page {
    loop {
        match store.page(after, 10).await {
            Ok(page) => return page,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Returns all keys on this page and the pages after it, and the number of keys that appeared again.
async fn from_there(store: &RedisStore, page_before: Page) -> (BTreeSet<StoreKey>, usize) {
    let (mut keys, mut again) = (BTreeSet::new(), 0);
    let mut current = page_before;
    loop {
        for listed in &current.records {
            again += usize::from(!keys.insert(listed.summary.key));
        }
        let Some(cursor) = current.next else { return (keys, again) };
        current = page(store, Some(&cursor)).await;
    }
}

fn all() -> BTreeSet<StoreKey> {
    (0..RECORDS).map(key).collect()
}

/// A new server process returns keys in another order, so a cursor of the previous process is not valid for it.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_server_restarted_during_a_listing_is_listed_again() -> Result {
    let mut engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    fill(&store).await?;
    let mut half = page(&store, None).await;
    for _ in 0..5 {
        let mut next = page(&store, half.next.as_ref()).await;
        half.records.append(&mut next.records);
        half.next = next.next;
    }
    engine.restart()?;
    let (keys, again) = from_there(&store, half).await;
    assert_eq!(keys, all());
    assert!(again > 0, "the second process was scanned from the start");
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_cluster_that_promotes_a_replica_during_a_listing_is_listed_again() -> Result {
    let mut engine = RedisCluster::start()?;
    let options = RedisStore::options().connect_timeout(Duration::from_millis(500));
    let options = options.response_timeout(Duration::from_secs(1));
    let store = options.wait_for_replicas(1, Duration::from_secs(5)).connect(engine.url()).await?;
    fill(&store).await?;
    let first = page(&store, None).await;
    let dead = engine.kill_master_of(0)?;
    engine.wait_for_promotion(0, dead)?;
    let (keys, _) = from_there(&store, first).await;
    assert_eq!(keys, all());
    Ok(())
}

/// Most pages are short, because most of the keys belong to another program.
#[tokio::test]
#[ignore = "needs Redis"]
async fn records_among_many_foreign_keys_are_all_listed() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    fill(&store).await?;
    engine.command(&["EVAL", "for n = 1, 20000 do redis.call('SET', 'other:' .. n, n) end", "0"])?;
    let first = page(&store, None).await;
    assert!(first.records.len() < 10 && first.next.is_some());
    let (keys, _) = from_there(&store, first).await;
    assert_eq!(keys, all());
    Ok(())
}
