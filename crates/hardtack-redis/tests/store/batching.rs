use futures_util::future::join_all;
use hardtack_core::store::{SessionStore, Stored, Swap, Version};
use hardtack_engines::Redis;
use hardtack_redis::RedisStore;

use crate::support::{Result, at, calls, create, done, key, owned, record, why};

const MANY: u64 = 60;

/// Creates records and returns their versions. The value under the first key is a list, which is not a record, and the
/// second key does not exist.
async fn filled(engine: &Redis, store: &RedisStore) -> Result<Vec<Version>> {
    let stranger = create(store, &key(0), &record(b"")).await?;
    let name = engine.command(&["KEYS", "hardtack:s:*"])?.trim().to_owned();
    engine.command(&["DEL", &name])?;
    engine.command(&["LPUSH", &name, "strange"])?;
    let mut versions = vec![stranger, Version::new(7)];
    for number in 2..MANY {
        versions.push(create(store, &key(number), &owned(&number.to_string())).await?);
    }
    Ok(versions)
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn waiting_loads_are_sent_together_and_answered_separately() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let versions = filled(&engine, &store).await?;
    let keys: Vec<_> = (0..MANY).map(key).collect();
    let answers = join_all(keys.iter().map(|key| store.load(key))).await;
    assert!(why(answers[0].as_ref().expect_err("it is a list")).contains("WRONGTYPE"));
    assert_eq!(answers[1].as_ref().ok(), Some(&None));
    for number in 2..MANY {
        let version = versions[usize::try_from(number)?];
        let stored = Stored::new(owned(&number.to_string()), version);
        assert_eq!(answers[usize::try_from(number)?].as_ref().ok(), Some(&Some(stored)), "{number}");
    }
    let (together, alone) = (calls(&engine, "mget")?, calls(&engine, "get")?);
    assert!((1..10).contains(&together) && alone < 10, "{together} times together, {alone} times alone");
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn waiting_changes_are_sent_together_and_answered_separately() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let versions = filled(&engine, &store).await?;
    let before = calls(&engine, "evalsha")?;
    // Some changes have the same TTL as the next one, and others do not.
    let expiry = |number| at(1000 * (1 + number / 10));
    let changes = (0..MANY).map(|number| {
        let (store, version) = (&store, versions[number as usize]);
        async move {
            match number % 3 {
                2 => store
                    .touch(&key(number), version, at(7), expiry(number))
                    .await
                    .map(|done| (done, version)),
                _ => {
                    let swap = store.replace(&key(number), version, &owned(&number.to_string())).await?;
                    Ok((swap != Swap::Refused, done(swap).unwrap_or(version)))
                }
            }
        }
    });
    let answers = join_all(changes).await;
    // The first value is a list, so there is no record with the expected version.
    assert_eq!(answers[0].as_ref().ok(), Some(&(false, versions[0])));
    assert_eq!(answers[1].as_ref().ok(), Some(&(false, versions[1])));
    for number in 2..MANY {
        let (done, version) = *answers[number as usize].as_ref().expect("it is there");
        let stored = store.load(&key(number)).await?.expect("it is there");
        let touched = number % 3 == 2;
        assert_eq!(
            (done, stored.version, stored.record.last_seen == at(7)),
            (true, version, touched),
            "{number}"
        );
        let expires_at = if touched { expiry(number) } else { owned("").expires_at };
        assert_eq!(stored.record.expires_at, expires_at, "{number}");
        assert_eq!(stored.record.login, owned(&number.to_string()).login);
    }
    let batches = calls(&engine, "evalsha")? - before;
    assert!((1..10).contains(&batches), "{batches} batches");
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn one_of_several_changes_of_a_version_in_a_batch_is_made() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let version = create(&store, &key(1), &record(b"")).await?;
    let records: Vec<_> = (0..MANY).map(|number| record(&number.to_be_bytes())).collect();
    let key = key(1);
    let swaps = join_all(records.iter().map(|record| store.replace(&key, version, record))).await;
    let made: Vec<_> = swaps
        .into_iter()
        .zip(records)
        .filter_map(|(swap, record)| Some((done(swap.ok()?).ok()?, record)))
        .collect();
    let [(version, record)] = &made[..] else { return Err(format!("{} were made", made.len()).into()) };
    assert_eq!(store.load(&key).await?, Some(Stored::new(record.clone(), *version)));
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn large_records_are_sent_in_several_batches() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    let versions = filled(&engine, &store).await?;
    let before = calls(&engine, "evalsha")?;
    // The record of one megabyte is sent alone; the others are sent two or three together.
    let records: Vec<_> =
        (2..MANY).map(|number| record(&vec![1; if number == 9 { 1 << 20 } else { 100_000 }])).collect();
    let swaps = records.iter().zip(2..MANY).map(|(record, number)| {
        let (store, version) = (&store, versions[number as usize]);
        async move { store.replace(&key(number), version, record).await }
    });
    let swaps = join_all(swaps).await;
    for ((swap, record), number) in swaps.into_iter().zip(records).zip(2..MANY) {
        assert_eq!(store.load(&key(number)).await?, Some(Stored::new(record, done(swap?)?)));
    }
    let batches = calls(&engine, "evalsha")? - before;
    assert!((MANY / 3..MANY).contains(&batches), "{batches} batches");
    Ok(())
}
