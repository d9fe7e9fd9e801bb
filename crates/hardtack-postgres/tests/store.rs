//! The PostgreSQL store on a real server: what fails fails alone, outages, programs that start at once, sweeping.

use std::error::Error as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_core::session::{Owner, Record, StoreKey};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_engines::{Postgres, barrier, released_at_once, sweep_beside_clients};
use hardtack_postgres::PostgresStore;

type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

fn key(number: u8) -> StoreKey {
    StoreKey::from_bytes([number; 32])
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
}

fn record(data: &[u8]) -> Record {
    Record {
        data: data.into(),
        owner: None,
        label: None,
        created_at: at(0),
        last_seen: at(1),
        expires_at: at(60),
        deadline: at(1000),
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL, which ./test installs"]
async fn what_waits_together_goes_together() -> Result {
    let engine = Postgres::start()?;
    let store = PostgresStore::options().writers(1).readers(1).connect(&engine.url()).await?;
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let created = store.create(&key(number), &record(b"data")).await?;
                let loaded = store.load(&key(number)).await?.map(|stored| stored.version);
                Ok::<_, hardtack_core::store::StoreError>((created, loaded))
            })
        })
        .collect();
    for task in tasks {
        let (created, loaded) = task.await??;
        assert_eq!(Some(created), loaded.map(Swap::Done));
    }
    let counters = store.counters();
    assert_eq!((counters.writes, counters.loads, counters.failed), (100, 100, 0));
    assert!(counters.groups < 10 && counters.load_groups < 10, "{counters:?}");
    assert_eq!(counters.connects, 2);
    Ok(())
}

#[tokio::test]
#[ignore = "needs PostgreSQL, which ./test installs"]
async fn a_write_that_the_server_refuses_fails_only_itself() -> Result {
    let engine = Postgres::start()?;
    let store = PostgresStore::options().writers(1).connect(&engine.url()).await?;
    let (client, connection) = tokio_postgres::connect(&engine.url(), tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    client
        .batch_execute(
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN IF new.data = '\\xbad0' THEN RAISE 'poison'; END IF; RETURN new; END $$;
             CREATE TRIGGER poison BEFORE INSERT ON hardtack_session FOR EACH ROW EXECUTE FUNCTION poison();",
        )
        .await?;
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let store = store.clone();
            let data = if number == 30 { vec![0xba, 0xd0] } else { b"good".to_vec() };
            tokio::spawn(async move { store.create(&key(number), &record(&data)).await })
        })
        .collect();
    for (number, task) in (0..).zip(tasks) {
        let result = task.await?;
        assert_eq!(result.is_err(), number == 30, "{number}: {result:?}");
        if let Err(error) = &result {
            assert!(error.source().is_some_and(|cause| cause.to_string().contains("poison")), "{error:?}");
        }
        assert_eq!(store.load(&key(number)).await?.is_none(), number == 30, "{number}: {result:?}");
    }
    assert_eq!(store.counters().failed, 1);
    Ok(())
}

#[tokio::test]
#[ignore = "needs PostgreSQL, which ./test installs"]
async fn an_outage_fails_requests_at_once_and_ends_by_itself() -> Result {
    let mut engine = Postgres::start()?;
    let store = PostgresStore::connect(&engine.url()).await?;
    let Swap::Done(version) = store.create(&key(1), &record(b"before")).await? else {
        return Err("the key was taken".into());
    };
    let connects = store.counters().connects;
    engine.kill()?;
    // The cut is noticed by the first request at the latest.
    for _ in 0..20 {
        assert!(store.load(&key(1)).await.is_err());
        assert!(store.replace(&key(1), version, &record(b"lost")).await.is_err());
    }
    engine.restart()?;
    let stored = loop {
        match store.load(&key(1)).await {
            Ok(stored) => break stored.ok_or("an acknowledged write is lost")?,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    assert_eq!((*stored.record.data).to_vec(), b"before");
    loop {
        match store.replace(&key(1), version, &record(b"after")).await {
            Ok(swap) => break assert_ne!(swap, Swap::Refused),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    assert!(store.counters().connects > connects);
    Ok(())
}

#[tokio::test]
#[ignore = "needs PostgreSQL, which ./test installs"]
async fn a_restart_that_nobody_noticed_fails_nobody() -> Result {
    let mut engine = Postgres::start()?;
    let store = PostgresStore::options().writers(1).readers(1).connect(&engine.url()).await?;
    assert_ne!(store.create(&key(1), &record(b"data")).await?, Swap::Refused);
    engine.restart()?;
    // Longer than the connection is trusted without a sign of life.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_ne!(store.create(&key(2), &record(b"data")).await?, Swap::Refused);
    assert!(store.load(&key(1)).await?.is_some());
    assert_eq!(store.counters().failed, 0);
    Ok(())
}

#[tokio::test]
#[ignore = "needs PostgreSQL, which ./test installs"]
async fn the_store_sweeps_by_itself_by_the_records_own_time() -> Result {
    let engine = Postgres::start()?;
    let options = PostgresStore::options().sweep_interval(Duration::from_millis(1));
    let store = options.connect(&engine.url()).await?;
    for number in 0..50 {
        let record = Record { expires_at: at(10), owner: Some(Owner::new("ann")), ..record(b"data") };
        assert_ne!(store.create(&key(number), &record).await?, Swap::Refused);
    }
    assert_eq!(store.owned_by(&Owner::new("ann")).await?.len(), 50);
    let later = Record { last_seen: at(10), ..record(b"data") };
    assert_ne!(store.create(&key(99), &later).await?, Swap::Refused);
    while store.counters().swept < 50 {
        tokio::task::yield_now().await;
    }
    assert!(store.load(&key(1)).await?.is_none());
    assert!(store.load(&key(99)).await?.is_some());
    Ok(())
}

#[cfg(feature = "tls")]
#[tokio::test]
#[ignore = "needs PostgreSQL, which ./test installs"]
async fn what_is_encrypted_is_verified() -> Result {
    let (engine, certificate) = Postgres::start_encrypted()?;
    let unknown = format!("{}?sslmode=require", engine.url());
    assert!(PostgresStore::connect(&unknown).await.is_err());
    let known = format!("{unknown}&sslrootcert={}", certificate.display());
    let store = PostgresStore::connect(&known).await?;
    assert_ne!(store.create(&key(1), &record(b"data")).await?, Swap::Refused);
    let other = known.replace("127.0.0.1", "localhost");
    assert!(PostgresStore::connect(&other).await.is_err(), "the certificate is not for this name");
    Ok(())
}

#[test]
#[ignore = "needs PostgreSQL, which ./test installs"]
fn programs_that_start_at_once_make_one_schema() -> Result {
    if let Some(url) = barrier() {
        let runtime = tokio::runtime::Runtime::new()?;
        let (table, url) = url.split_once(' ').ok_or("a table and a URL")?;
        let store = runtime.block_on(PostgresStore::options().table(table).connect(url))?;
        let mut unique = [0; StoreKey::LEN];
        unique[..4].copy_from_slice(&std::process::id().to_be_bytes());
        let created = runtime.block_on(store.create(&StoreKey::from_bytes(unique), &record(b"data")))?;
        assert_ne!(created, Swap::Refused);
        return Ok(());
    }
    let engine = Postgres::start_with(&["fsync=off"])?;
    for round in 0..20 {
        let argument = format!("round_{round} {}", engine.url());
        released_at_once("programs_that_start_at_once_make_one_schema", 10, &argument)?;
    }
    println!("summary: {}: 10 programs started at once on an empty database, 20 times", engine.version());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL, which ./test installs"]
async fn sweeping_takes_a_third_away_while_clients_work() -> Result {
    let engine = Postgres::start_with(&["fsync=off"])?;
    let records = std::env::var("HARDTACK_RECORDS").ok().and_then(|records| records.parse().ok());
    let store = PostgresStore::options().without_sweeping().connect(&engine.url()).await?;
    let swept = sweep_beside_clients(store, records.unwrap_or(20_000)).await?;
    assert_eq!(swept.records as u64, swept.of.div_ceil(3));
    println!("summary: {}: {swept}", engine.version());
    Ok(())
}
