use std::time::Duration;

use hardtack_conformance::check_damaged;
use hardtack_core::base64;
use hardtack_core::protocol::{Owner, Purpose, StoreKey};
use hardtack_core::store::{Opened, SessionListing, SessionStore, Stored, Swap, open};
use hardtack_engines::{Proxy, Redis};
use hardtack_redis::RedisStore;

use crate::support::{Result, at, calls, create, key, load_at_last, owned, record, replace, why};

fn through(proxy: &Proxy) -> String {
    format!("redis://:hardtack@127.0.0.1:{}", proxy.port())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn records_and_scripts_survive_a_restart() -> Result {
    let mut engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let first = create(&store, &key(1), &owned("ann")).await?;
    let second = replace(&store, &key(1), first, &owned("ann")).await?;
    engine.restart()?;
    assert_eq!(store.load(&key(1)).await?, Some(Stored::new(owned("ann"), second)));
    let third = replace(&store, &key(1), second, &owned("ann")).await?;
    engine.command(&["SCRIPT", "FLUSH"])?;
    assert!(store.touch(&key(1), third, at(2), at(90)).await?);
    assert!(store.delete(&key(1), third).await?);
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn an_outage_fails_at_once_and_ends_by_itself() -> Result {
    // A server that is killed keeps only the data that it has synced.
    let mut engine = Redis::start_with(&["appendfsync always"])?;
    let store = RedisStore::connect(engine.url()).await?;
    let version = create(&store, &key(1), &record(b"data")).await?;
    engine.kill()?;
    assert!(store.load(&key(1)).await.is_err());
    let mut paused = 0;
    for _ in 0..100 {
        let error = store.replace(&key(1), version, &record(b"lost")).await.expect_err("nobody is there");
        paused += usize::from(why(&error).contains("not retried yet"));
    }
    assert!(paused > 50, "only {paused} of 100 requests were not held up");
    engine.restart()?;
    assert_eq!(load_at_last(&store, &key(1)).await, Some(record(b"data")));
    replace(&store, &key(1), version, &record(b"new")).await?;
    Ok(())
}

/// The server executed the write, but the answer was lost with the connection.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_write_whose_connection_broke_is_not_sent_again() -> Result {
    let engine = Redis::start()?;
    let proxy = Proxy::start(engine.port())?;
    let store = RedisStore::connect(through(&proxy)).await?;
    let first = create(&store, &key(1), &record(b"before")).await?;
    let mut version = replace(&store, &key(1), first, &record(b"before")).await?;
    for round in 0..5 {
        let expected = calls(&engine, "evalsha")? + 1;
        let (key, record) = (key(1), record(&[round]));
        proxy.discard_answers(true);
        let cutting = async {
            while calls(&engine, "evalsha").is_ok_and(|calls| calls < expected) {
                tokio::task::yield_now().await;
            }
            proxy.cut();
            proxy.discard_answers(false);
        };
        let (written, ()) = tokio::join!(store.replace(&key, version, &record), cutting);
        assert!(written.is_err(), "nobody could know");
        assert_eq!(load_at_last(&store, &key).await.as_ref(), Some(&record));
        let stored = store.load(&key).await?.ok_or("it stays")?;
        assert_ne!(stored.version, version);
        version = stored.version;
        assert_eq!(calls(&engine, "evalsha")?, expected, "it was done once");
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn the_connection_to_a_silent_server_is_replaced() -> Result {
    let engine = Redis::start()?;
    let proxy = Proxy::start(engine.port())?;
    let options = RedisStore::options().response_timeout(Duration::from_millis(100));
    let store = options.connect(through(&proxy)).await?;
    create(&store, &key(1), &record(b"data")).await?;
    proxy.discard_answers(true);
    assert!(store.create(&key(2), &record(b"data")).await.is_err());
    proxy.discard_answers(false);
    assert_eq!(load_at_last(&store, &key(1)).await, Some(record(b"data")));
    // The write without an answer was applied.
    assert_eq!(store.create(&key(2), &record(b"data")).await?, Swap::Refused);
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn redis_keeps_a_record_until_it_expires_and_a_little_longer() -> Result {
    let engine = Redis::start()?;
    let options = RedisStore::options().prefix("p:").linger(Duration::from_secs(5));
    let store = options.connect(engine.url()).await?;
    // The record expires 59 seconds after it was last seen. Redis keeps it for that time, 5 seconds of linger, and up
    // to one step, which is the largest power of two (in milliseconds) that is not above a sixteenth of the 59 seconds.
    let version = create(&store, &key(1), &record(b"data")).await?;
    let name = engine.command(&["KEYS", "p:s:*"])?.trim().to_owned();
    let life = || -> Result<u64> { Ok(engine.command(&["PTTL", &name])?.trim().parse()?) };
    assert!((60_000..=66_048).contains(&life()?), "{}", life()?);
    assert!(store.touch(&key(1), version, at(50), at(1050)).await?);
    assert!((1_000_000..=1_037_768).contains(&life()?), "{}", life()?);
    let gone = at(50) - Duration::from_secs(3600);
    assert!(store.touch(&key(1), version, at(50), gone).await?);
    assert!(store.load(&key(1)).await?.is_some(), "Redis judges nothing");
    assert!((1..=5_001).contains(&life()?), "{}", life()?);
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn redis_moves_the_expiry_rarely_and_never_too_late() -> Result {
    const LIFE: u64 = 1600;
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let seen = |second| record(b"data").last_seen(at(second)).expires_at(at(second + LIFE));
    let mut version = create(&store, &key(1), &seen(0)).await?;
    let name = engine.command(&["KEYS", "hardtack:s:*"])?.trim().to_owned();
    let life = || -> Result<i64> { Ok(engine.command(&["PTTL", &name])?.trim().parse()?) };
    let (mut kept_until, mut moves) = (life()?, 0);
    for second in 1..400 {
        // This removes the expiry, so that the test can detect when one is set.
        engine.command(&["PERSIST", &name])?;
        if second % 2 == 0 {
            version = replace(&store, &key(1), version, &seen(second)).await?;
        } else {
            assert!(store.touch(&key(1), version, at(second), at(second + LIFE)).await?);
        }
        let stored = store.load(&key(1)).await?.map(|stored| (stored.record, stored.version));
        assert_eq!(stored, Some((seen(second), version)));
        let (now, life) = (1000 * i64::try_from(second)?, life()?);
        if life != -1 {
            (kept_until, moves) = (now + life, moves + 1);
        }
        assert!(kept_until - now > 1000 * i64::try_from(LIFE)?, "{second} seconds after it was made");
    }
    // A sixteenth of the lifetime is 100 seconds, and the step is the largest power of two below that: 65.536 seconds.
    assert!((6..=7).contains(&moves), "{moves} times");
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_write_that_too_few_replicas_have_is_an_error() -> Result {
    let engine = Redis::start()?;
    let options = RedisStore::options().wait_for_replicas(1, Duration::from_millis(10));
    let store = options.connect(engine.url()).await?;
    let error = store.create(&key(1), &record(b"data")).await.expect_err("there is no replica");
    assert!(why(&error).contains("too few replicas"));
    assert!(store.load(&key(1)).await?.is_some());
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_connection_to_a_demoted_master_is_dropped() -> Result {
    let engine = Redis::start()?;
    let connections = || -> Result<Vec<String>> {
        let list = engine.command(&["CLIENT", "LIST", "TYPE", "normal"])?;
        let of_store = list.lines().filter(|line| !line.contains("cmd=client"));
        Ok(of_store.filter_map(|line| line.split(' ').next().map(str::to_owned)).collect())
    };
    for options in
        [RedisStore::options(), RedisStore::options().wait_for_replicas(1, Duration::from_millis(10))]
    {
        let store = options.connect(engine.url()).await?;
        assert_eq!(store.load(&key(1)).await?, None);
        let before = connections()?;
        engine.command(&["REPLICAOF", "127.0.0.1", "1"])?;
        let error = store.create(&key(1), &record(b"data")).await.expect_err("a replica is read-only");
        assert!(why(&error).contains("READONLY") || why(&error).contains("read only"), "{error:?}");
        // The next operation connects again, and would find another master by its name.
        assert_eq!(store.load(&key(1)).await?, None);
        let after = connections()?;
        assert!(before.iter().any(|connection| !after.contains(connection)), "{before:?} {after:?}");
        engine.command(&["REPLICAOF", "NO", "ONE"])?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_strangers_value_and_a_wrong_password_are_errors_that_show_neither() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    create(&store, &key(1), &record(b"data")).await?;
    let name = engine.command(&["KEYS", "hardtack:s:*"])?.trim().to_owned();
    engine.command(&["SET", &name, "strange"])?;
    let error = store.load(&key(1)).await.expect_err("it is strange");
    assert!(error.is_unreadable() && why(&error).contains("its format is unknown"), "{error:?}");
    engine.command(&["DEL", &name])?;
    engine.command(&["LPUSH", &name, "strange"])?;
    let error = store.load(&key(1)).await.expect_err("it is a list");
    assert!(error.is_unreadable(), "{error:?}");
    let wrong = engine.url().replace("hardtack", "guessed");
    let error = RedisStore::connect(wrong).await.expect_err("it is wrong");
    assert!(!format!("{error:?}").contains("guessed"));
    assert!(!format!("{store:?}").contains("hardtack@"));
    Ok(())
}

/// A foreign string or list is not treated as a session, whatever version is expected, and is kept.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_foreign_value_is_not_a_session_and_stays() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let key = key(1);
    for write in [&["SET", "", "strange"][..], &["LPUSH", "", "strange"]] {
        let version = create(&store, &key, &owned("ada")).await?;
        let name = engine.command(&["KEYS", "hardtack:s:*"])?.trim().to_owned();
        engine.command(&["DEL", &name])?;
        engine.command(&[write[0], &name, write[2]])?;
        assert!(store.load(&key).await.is_err_and(|error| error.is_unreadable()), "{write:?}");
        let opened = open(&store, &Purpose::default(), key, at(1)).await?;
        assert!(matches!(opened, Opened::Unreadable(_)), "{write:?}");
        assert_eq!(store.replace(&key, version, &record(b"data")).await?, Swap::Refused);
        assert!(!store.touch(&key, version, at(1), at(2)).await?);
        assert!(!store.delete(&key, version).await?);
        assert_eq!(store.sweep(at(1_000_000), 10).await?, 0);
        // The owner was overwritten together with the record, so the value is neither listed nor removed with the
        // owner's sessions.
        assert!(store.owned_by(&Purpose::default(), &Owner::new("ada"), None, 10).await?.is_empty());
        assert!(store.page(None, 10).await?.records.is_empty());
        assert_eq!(store.delete_owned_by(&Purpose::default(), &Owner::new("ada"), None).await?, 0);
        assert_eq!(engine.command(&["EXISTS", &name])?.trim(), "1", "{write:?}");
        engine.command(&["DEL", &name])?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn an_undecodable_record_hides_no_other() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let damage = async |key: &StoreKey| {
        let label = "local at = string.find(redis.call('GET', KEYS[1]), 'phone', 1, true)
            return redis.call('SETRANGE', KEYS[1], at - 1, '\\255')";
        let name = format!("hardtack:s:{}", base64::encode_id(key.as_bytes()));
        engine.command(&["EVAL", label, "1", &name]).map(drop)
    };
    Ok(check_damaged(&store, damage).await?)
}

/// A pending future keeps its whole size in memory, and is part of every caller's future.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_request_holds_little_while_it_waits() -> Result {
    const MAX_SIZE: usize = 4096;
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let (key, record) = (key(1), record(b"data"));
    let version = create(&store, &key, &record).await?;
    assert!(size_of_val(&store.load(&key)) < MAX_SIZE);
    assert!(size_of_val(&store.create(&key, &record)) < MAX_SIZE);
    assert!(size_of_val(&store.replace(&key, version, &record)) < MAX_SIZE);
    assert!(size_of_val(&store.touch(&key, version, at(1), at(2))) < MAX_SIZE);
    assert!(size_of_val(&store.delete(&key, version)) < MAX_SIZE);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs Redis"]
async fn two_stores_count_together() -> Result {
    let engine = Redis::start()?;
    let stores = [RedisStore::connect(engine.url()).await?, RedisStore::connect(engine.url()).await?];
    create(&stores[0], &key(1), &record(&0_u32.to_be_bytes())).await?;
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let store = stores[number % 2].clone();
            tokio::spawn(async move {
                loop {
                    let stored = store.load(&key(1)).await.expect("it answers").expect("it stays");
                    let number = u32::from_be_bytes(stored.record.data[..].try_into().expect("four bytes"));
                    let next = record(&(number + 1).to_be_bytes());
                    let swap = store.replace(&key(1), stored.version, &next).await.expect("it answers");
                    if swap != Swap::Refused {
                        return;
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await?;
    }
    let stored = stores[1].load(&key(1)).await?.ok_or("it stays")?;
    assert_eq!(*stored.record.data, 50_u32.to_be_bytes());
    Ok(())
}
