//! Every engine can be chosen by URL, and sessions move from one engine to another while they are in use.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_core::protocol::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{MigratingStore, SessionListing, SessionStore, Swap};
use hardtack_engines::{MariaDb, Postgres, Redis, RedisCluster, RedisSentinel};
use hardtack_stores::{AnyStore, Engine};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn key(number: u8) -> StoreKey {
    StoreKey::from_bytes([number; 32])
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(4_000_000_000 + seconds)
}

fn lineage(number: u8) -> Lineage {
    Lineage::from_random([number; Lineage::LEN])
}

fn record(number: u8) -> Record {
    Record::new(Purpose::default(), [number], at(0))
        .login(Some(Login::new(Owner::new("ada"), lineage(number % 100))))
        .label(Some("phone".into()))
        .expires_at(at(60))
        .deadline(at(600))
}

/// Fills the old store, and then moves half of the sessions by loading them and the others by listing them.
async fn moves(old: AnyStore, new: AnyStore) -> Result {
    for number in 0..20 {
        assert_ne!(old.create(&key(number), &record(number)).await?, Swap::Refused);
    }
    let store = MigratingStore::new(old.clone(), new.clone());
    for number in 0..10 {
        let stored = store.load(&key(number)).await?.ok_or("it moves")?;
        assert_eq!(stored.record, record(number));
        let changed = record(number + 100);
        assert_ne!(store.replace(&key(number), stored.version, &changed).await?, Swap::Refused);
    }
    assert_eq!(old.owned_by(&Purpose::default(), &Owner::new("ada"), None, 1000).await?.len(), 10);
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("ada"), None, 1000).await?.len(), 20);
    assert_eq!(old.owned_by(&Purpose::default(), &Owner::new("ada"), None, 1000).await?.len(), 0);
    for number in 0..20 {
        let expected = record(if number < 10 { number + 100 } else { number });
        assert_eq!(new.load(&key(number)).await?.map(|stored| stored.record), Some(expected));
    }
    let (mut listed, mut next) = (BTreeSet::new(), None);
    loop {
        let page = new.page(next.as_ref(), 7).await?;
        listed.extend(page.records.iter().map(|listed| listed.summary.key));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(listed, (0..20).map(key).collect());
    assert_eq!(store.delete_owned_by(&Purpose::default(), &Owner::new("ada"), Some(&lineage(3))).await?, 19);
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("ada"), None, 1000).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn sessions_move_from_a_file_to_memory() -> Result {
    let folder = tempfile::tempdir()?;
    let file = AnyStore::open(&format!("sqlite:{}", folder.path().join("sessions.db").display())).await?;
    assert_eq!(file.engine(), Engine::Sqlite);
    moves(file, AnyStore::open("memory:").await?).await
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn sessions_move_from_a_file_to_redis_to_sentinels_to_a_cluster() -> Result {
    let folder = tempfile::tempdir()?;
    let file = AnyStore::open(&format!("sqlite:{}", folder.path().join("sessions.db").display())).await?;
    let (redis, sentinel, cluster) = (Redis::start()?, RedisSentinel::start()?, RedisCluster::start()?);
    let mut old = file;
    for url in [redis.url(), sentinel.url(), cluster.url()] {
        let new = AnyStore::open(&url).await?;
        assert_eq!(new.engine(), Engine::Redis);
        moves(old.clone(), new.clone()).await?;
        new.delete_owned_by(&Purpose::default(), &Owner::new("ada"), None).await?;
        old = new;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs MariaDB, PostgreSQL and Redis"]
async fn sessions_move_from_mariadb_to_redis_to_postgresql() -> Result {
    let (mariadb, redis, postgres) = (MariaDb::start()?, Redis::start()?, Postgres::start()?);
    let old = AnyStore::open(&mariadb.url()).await?;
    assert_eq!(old.engine(), Engine::MySql);
    let between = AnyStore::open(&redis.url()).await?;
    moves(old, between.clone()).await?;
    between.delete_owned_by(&Purpose::default(), &Owner::new("ada"), None).await?;
    let new = AnyStore::open(&postgres.url()).await?;
    assert_eq!(new.engine(), Engine::Postgres);
    moves(between, new).await
}

#[tokio::test]
async fn no_file_is_made_that_the_url_does_not_name() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("sessions.db");
    let url = format!("sqlite:{}", path.display());
    let error = AnyStore::open(&format!("{url}?mode=rw")).await.expect_err("it is not there");
    let why = std::error::Error::source(&error).ok_or("a reason")?.to_string();
    assert!(why.contains(&url["sqlite:".len()..]) && why.contains("mode=rw"), "{why}");
    for memory in ["sqlite::memory:", &format!("{url}?mode=memory")] {
        assert_eq!(AnyStore::open(memory).await?.engine(), Engine::Sqlite);
    }
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
    drop(AnyStore::open(&format!("{url}?mode=rwc")).await?);
    drop(AnyStore::open(&format!("file://{}?mode=rw", path.display())).await?);
    assert!(path.exists());
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_without_its_password() -> Result {
    for url in ["redis://:secret@127.0.0.1:1", "redis-cluster://:secret@127.0.0.1:1", "http://:secret@one"] {
        let error = AnyStore::open(url).await.expect_err("nobody is there");
        assert!(!format!("{error:?} {error}").contains("secret"), "{error:?}");
    }
    Ok(())
}
