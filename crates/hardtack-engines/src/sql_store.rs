//! The tests of all stores on database servers: isolated failures, outages, programs that start concurrently, and
//! sweeping. [`sql_store_tests!`](crate::sql_store_tests) generates tests from them.

use std::error::Error;
use std::future::Future;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_conformance::check_damaged;
use hardtack_core::session::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionListing, SessionStore, StoreError, Swap};
use hardtack_sql::{Settings, SqlMetrics};

pub use crate::overlapping::{RowLock, a11_a_session_renewed_while_it_is_ended_is_ended};
use crate::renewing::{
    PATIENT, played, renew_while_ending, renew_while_ending_in_five_processes, rounds_of_renewals,
};
use crate::server::PATIENCE;
use crate::{Database, Make, barrier, released_at_once, sweep_beside_clients};

/// The result of a test.
pub type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// A store under test, and its specifics.
pub trait Tested {
    /// The type of the store.
    type Store: SessionListing + Clone;
    /// The make of server to test it on.
    type Make: Make;

    /// Connects to the server.
    fn connect(url: &str, settings: Settings)
    -> impl Future<Output = Result<Self::Store, StoreError>> + Send;

    /// A lock on a record, taken without a store.
    type Lock: RowLock;

    /// Settings that make the server wait before it commits, so that more statements overlap.
    const SLOW_COMMITS: &'static [&'static str];

    /// Returns the store's counters.
    fn metrics(store: &Self::Store) -> SqlMetrics;

    /// Makes the server refuse every record whose data is the bytes `ba d0`, with the word `poison` in the error.
    fn poison(url: &str) -> impl Future<Output = Result> + Send;

    /// Replaces a record's label with a byte that is not valid text.
    fn damage(url: &str, key: &StoreKey) -> impl Future<Output = Result> + Send;

    /// Returns the same URL, with encryption required.
    fn encrypted(url: &str) -> String;

    /// Returns the same URL, with encryption required and a file of certificates to trust.
    fn trusting(url: &str, certificates: &Path) -> String;
}

/// Generates the tests of a [`Tested`] store. The second argument states what they need, such as `"needs MariaDB"`.
#[macro_export]
macro_rules! sql_store_tests {
    ($tested:ty, $needs:literal) => {
        $crate::sql_store_tests! {
            $tested, $needs:
            #[tokio::test] what_waits_together_goes_together
            #[tokio::test] a_write_that_the_server_refuses_fails_only_itself
            #[tokio::test] a_row_that_cannot_be_decoded_is_unreadable_by_itself
            #[tokio::test] a_row_that_cannot_be_decoded_hides_no_other
            #[tokio::test] programs_that_write_the_same_records_lose_nothing
            #[tokio::test] an_outage_fails_requests_at_once_and_ends_by_itself
            #[tokio::test] a_restart_that_nobody_noticed_fails_nobody
            #[tokio::test] the_store_sweeps_by_itself_by_the_records_own_time
            #[tokio::test] a_clock_that_is_two_days_ahead_sweeps_no_live_session
            #[tokio::test] a11_a_session_renewed_while_it_is_ended_is_ended
            #[tokio::test] a11_no_renewal_by_another_program_escapes
            #[cfg(feature = "tls")] #[tokio::test] what_is_encrypted_is_verified
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            sweeping_takes_a_third_away_while_clients_work
        }

        #[test]
        #[ignore = $needs]
        fn programs_that_start_at_once_make_one_schema() -> $crate::sql_store::Result {
            let this = concat!(module_path!(), "::programs_that_start_at_once_make_one_schema");
            $crate::sql_store::programs_that_start_at_once_make_one_schema::<$tested>(this)
        }

        #[test]
        #[ignore = $needs]
        fn a11_no_renewal_in_another_process_escapes() -> $crate::sql_store::Result {
            let this = concat!(module_path!(), "::a11_no_renewal_in_another_process_escapes");
            $crate::sql_store::a11_no_renewal_in_another_process_escapes::<$tested>(this)
        }
    };
    ($tested:ty, $needs:literal: $($(#[$attribute:meta])+ $test:ident)+) => {
        $(
            $(#[$attribute])+
            #[ignore = $needs]
            async fn $test() -> $crate::sql_store::Result {
                $crate::sql_store::$test::<$tested>().await
            }
        )+
    };
}

pub(crate) fn key(number: u8) -> StoreKey {
    StoreKey::from_bytes([number; 32])
}

/// Returns a time in the past. A store's automatic sweep removes nothing that is still valid by the server's clock.
fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

pub(crate) fn record(data: &[u8]) -> Record {
    Record {
        purpose: Purpose::default(),
        data: data.into(),
        login: None,
        label: None,
        created_at: at(0),
        last_seen: at(1),
        expires_at: at(60),
        deadline: at(1000),
    }
}

/// Returns the default settings with a longer timeout, because a busy machine is not an outage.
fn usual() -> Settings {
    Settings { timeout: PATIENCE, ..Settings::default() }
}

/// Returns settings with one connection of each kind.
fn narrow() -> Settings {
    Settings { readers: 1, writers: 1, ..usual() }
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn what_waits_together_goes_together<T: Tested>() -> Result {
    let engine = Database::<T::Make>::start()?;
    let store = T::connect(&engine.url(), narrow()).await?;
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let created = store.create(&key(number), &record(b"data")).await?;
                let loaded = store.load(&key(number)).await?.map(|stored| stored.version);
                Ok::<_, StoreError>((created, loaded))
            })
        })
        .collect();
    for task in tasks {
        let (created, loaded) = task.await??;
        assert_eq!(Some(created), loaded.map(Swap::Done));
    }
    let counters = T::metrics(&store);
    assert_eq!((counters.writes, counters.loads, counters.failed), (100, 100, 0));
    assert!(counters.groups < 10 && counters.load_groups < 10, "{counters:?}");
    assert_eq!(counters.connects, 2);
    Ok(())
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn a_write_that_the_server_refuses_fails_only_itself<T: Tested>() -> Result {
    let engine = Database::<T::Make>::start()?;
    let store = T::connect(&engine.url(), Settings { writers: 1, ..usual() }).await?;
    T::poison(&engine.url()).await?;
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
    assert_eq!(T::metrics(&store).failed, 1);
    Ok(())
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn a_row_that_cannot_be_decoded_is_unreadable_by_itself<T: Tested>() -> Result {
    let database = Database::<T::Make>::start()?;
    let store = T::connect(&database.url(), narrow()).await?;
    let (damaged, whole, missing) = (key(1), key(2), key(3));
    let login = Login { owner: Owner::new("ada"), lineage: Lineage::from_random([7; 16]) };
    for (key, login) in [(damaged, Some(login)), (whole, None)] {
        let swap = store.create(&key, &Record { login, ..record(b"data") }).await?;
        assert_ne!(swap, Swap::Refused);
    }
    T::damage(&database.url(), &damaged).await?;
    // They are sent together, and one does not fail the others.
    let tasks: Vec<_> = (0..30)
        .map(|number| {
            let (store, key) = (store.clone(), [damaged, whole, missing][number % 3]);
            tokio::spawn(async move { store.load(&key).await })
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        match (number % 3, task.await?) {
            (0, loaded) => assert!(loaded.is_err_and(|error| error.is_unreadable())),
            (1, loaded) => assert_eq!(loaded?.map(|stored| stored.record), Some(record(b"data"))),
            (_, loaded) => assert_eq!(loaded?, None),
        }
    }
    assert!(T::metrics(&store).load_groups < 10);
    Ok(())
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn a_row_that_cannot_be_decoded_hides_no_other<T: Tested>() -> Result {
    let database = Database::<T::Make>::start()?;
    let store = T::connect(&database.url(), Settings::default()).await?;
    let url = database.url();
    check_damaged(&store, async |key: &StoreKey| T::damage(&url, key).await).await?;
    assert_ne!(T::metrics(&store).unreadable, 0);
    Ok(())
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn programs_that_write_the_same_records_lose_nothing<T: Tested>() -> Result {
    let engine = Database::<T::Make>::start()?;
    write_the_same_records::<T>(&engine.url()).await
}

/// Checks that no write is lost when two programs write the same records to an empty database at `url`. Each program's
/// batch contains most of the few records, so that one waits for the other as often as possible.
///
/// # Errors
///
/// Fails if a write is refused that should succeed, or if one is lost.
pub async fn write_the_same_records<T: Tested>(url: &str) -> Result {
    const RECORDS: usize = 12;
    const ADDITIONS: usize = 40;
    let programs = [T::connect(url, narrow()).await?, T::connect(url, narrow()).await?];
    let key_of = |number: usize| key((number % RECORDS) as u8);
    for number in 0..RECORDS {
        let created = programs[0].create(&key_of(number), &record(&0_u32.to_be_bytes())).await?;
        assert_ne!(created, Swap::Refused);
    }
    let tasks: Vec<_> = (0..32_usize)
        .map(|task| {
            let store = programs[task % 2].clone();
            tokio::spawn(async move {
                for turn in 0..ADDITIONS {
                    let key = key_of(task / 2 * 5 + turn * 7);
                    loop {
                        let stored = store.load(&key).await?.ok_or("it was created")?;
                        let count = u32::from_be_bytes((&*stored.record.data).try_into()?) + 1;
                        let more = Record { data: count.to_be_bytes()[..].into(), ..stored.record };
                        if store.replace(&key, stored.version, &more).await? != Swap::Refused {
                            break;
                        }
                    }
                }
                Result::<_>::Ok(())
            })
        })
        .collect();
    let wanted = tasks.len() * ADDITIONS;
    for task in tasks {
        task.await??;
    }
    let mut counted = 0;
    for number in 0..RECORDS {
        let stored = programs[1].load(&key_of(number)).await?.ok_or("it was created")?;
        counted += u32::from_be_bytes((&*stored.record.data).try_into()?) as usize;
    }
    assert_eq!(counted, wanted);
    assert_eq!(programs.each_ref().map(|store| T::metrics(store).failed), [0, 0]);
    Ok(())
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn an_outage_fails_requests_at_once_and_ends_by_itself<T: Tested>() -> Result {
    let mut engine = Database::<T::Make>::start()?;
    let store = T::connect(&engine.url(), usual()).await?;
    let Swap::Done(version) = store.create(&key(1), &record(b"before")).await? else {
        return Err("the key was taken".into());
    };
    let connects = T::metrics(&store).connects;
    engine.kill()?;
    // At the latest, the first request detects the cut.
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
    assert!(T::metrics(&store).connects > connects);
    Ok(())
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn a_restart_that_nobody_noticed_fails_nobody<T: Tested>() -> Result {
    let mut engine = Database::<T::Make>::start()?;
    let store = T::connect(&engine.url(), narrow()).await?;
    assert_ne!(store.create(&key(1), &record(b"data")).await?, Swap::Refused);
    engine.restart()?;
    // Longer than an idle connection is trusted.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_ne!(store.create(&key(2), &record(b"data")).await?, Swap::Refused);
    assert!(store.load(&key(1)).await?.is_some());
    assert_eq!(T::metrics(&store).failed, 0);
    Ok(())
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn the_store_sweeps_by_itself_by_the_records_own_time<T: Tested>() -> Result {
    let engine = Database::<T::Make>::start()?;
    let settings = Settings { sweep_interval: Some(Duration::from_millis(1)), ..usual() };
    let store = T::connect(&engine.url(), settings).await?;
    for number in 0..50 {
        let record = Record {
            expires_at: at(10),
            login: Some(Login { owner: Owner::new("ann"), lineage: Lineage::from_random([7; 16]) }),
            ..record(b"data")
        };
        assert_ne!(store.create(&key(number), &record).await?, Swap::Refused);
    }
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("ann"), None, 1000).await?.len(), 50);
    let later = Record { last_seen: at(10), ..record(b"data") };
    assert_ne!(store.create(&key(99), &later).await?, Swap::Refused);
    while T::metrics(&store).swept < 50 {
        tokio::task::yield_now().await;
    }
    assert!(store.load(&key(1)).await?.is_none());
    assert!(store.load(&key(99)).await?.is_some());
    Ok(())
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn a_clock_that_is_two_days_ahead_sweeps_no_live_session<T: Tested>() -> Result {
    const HOUR: Duration = Duration::from_secs(3600);
    let engine = Database::<T::Make>::start()?;
    let written = |last_seen: SystemTime| Record {
        last_seen,
        expires_at: last_seen + HOUR,
        deadline: last_seen + 24 * HOUR,
        ..record(b"data")
    };
    let right = T::connect(&engine.url(), Settings { sweep_interval: None, ..usual() }).await?;
    for number in 0..10 {
        assert_ne!(right.create(&key(number), &written(SystemTime::now())).await?, Swap::Refused);
    }
    assert_ne!(right.create(&key(10), &record(b"expired")).await?, Swap::Refused);
    let settings = Settings { sweep_interval: Some(Duration::from_millis(1)), ..usual() };
    let ahead = T::connect(&engine.url(), settings).await?;
    let in_two_days = SystemTime::now() + 48 * HOUR;
    assert_ne!(ahead.create(&key(20), &written(in_two_days)).await?, Swap::Refused);
    while T::metrics(&ahead).swept == 0 {
        tokio::task::yield_now().await;
    }
    // Another sweep round started after the first had ended.
    let turns = T::metrics(&ahead).clock_ahead;
    assert!(turns > 0);
    assert_ne!(ahead.create(&key(21), &written(in_two_days)).await?, Swap::Refused);
    while T::metrics(&ahead).clock_ahead == turns {
        tokio::task::yield_now().await;
    }
    assert_eq!(T::metrics(&ahead).swept, 1, "what has expired by the server's clock");
    for number in 0..10 {
        assert!(right.load(&key(number)).await?.is_some(), "{number}");
    }
    Ok(())
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn what_is_encrypted_is_verified<T: Tested>() -> Result {
    let (engine, certificate) = Database::<T::Make>::start_encrypted()?;
    let unknown = T::encrypted(&engine.url());
    assert!(T::connect(&unknown, usual()).await.is_err());
    let known = T::trusting(&unknown, &certificate);
    let store = T::connect(&known, usual()).await?;
    assert_ne!(store.create(&key(1), &record(b"data")).await?, Swap::Refused);
    let other = known.replace("127.0.0.1", "localhost");
    let refused = T::connect(&other, usual()).await.is_err();
    assert!(refused, "the certificate is not for this name");
    Ok(())
}

/// Starts several processes of the calling test, whose path, including its crate, is `this`.
pub fn programs_that_start_at_once_make_one_schema<T: Tested>(this: &str) -> Result {
    if let Some(url) = barrier() {
        let runtime = tokio::runtime::Runtime::new()?;
        let (table, url) = url.split_once(' ').ok_or("a table and a URL")?;
        let settings = Settings { table: table.to_owned(), ..usual() };
        let store = runtime.block_on(T::connect(url, settings))?;
        let mut unique = [0; StoreKey::LEN];
        unique[..4].copy_from_slice(&std::process::id().to_be_bytes());
        let created = runtime.block_on(store.create(&StoreKey::from_bytes(unique), &record(b"data")))?;
        assert_ne!(created, Swap::Refused);
        return Ok(());
    }
    let (_, test) = this.split_once("::").ok_or("a path without a crate")?;
    let engine = Database::<T::Make>::start_careless()?;
    for round in 0..20 {
        released_at_once(test, 10, &format!("round_{round} {}", engine.url()))?;
    }
    println!("summary: {}: 10 programs started at once on an empty database, 20 times", engine.version());
    Ok(())
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn sweeping_takes_a_third_away_while_clients_work<T: Tested>() -> Result {
    let engine = Database::<T::Make>::start_careless()?;
    let records = std::env::var("HARDTACK_RECORDS").ok().and_then(|records| records.parse().ok());
    let settings = Settings { sweep_interval: None, ..usual() };
    let store = T::connect(&engine.url(), settings).await?;
    let swept = sweep_beside_clients(store, records.unwrap_or(20_000)).await?;
    assert_eq!(swept.records as u64, swept.of.div_ceil(3));
    println!("summary: {}: {swept}", engine.version());
    Ok(())
}

#[expect(missing_docs, reason = "its name says it")]
pub async fn a11_no_renewal_by_another_program_escapes<T: Tested>() -> Result {
    for settings in [&[][..], T::SLOW_COMMITS] {
        let engine = Database::<T::Make>::start_with(settings)?;
        let mut stores = Vec::new();
        for _ in 0..5 {
            let settings = Settings { readers: 1, timeout: PATIENT, ..Settings::default() };
            stores.push(T::connect(&engine.url(), settings).await?);
        }
        let renewed = renew_while_ending(&stores, rounds_of_renewals(25)).await?;
        assert_eq!(renewed.survivors, 0, "{renewed}, with {settings:?}");
    }
    Ok(())
}

/// Starts several processes of the calling test, whose path, including its crate, is `this`.
pub fn a11_no_renewal_in_another_process_escapes<T: Tested>(this: &str) -> Result {
    let connect = async |url: &str| {
        let settings = Settings { readers: 1, timeout: PATIENT, ..Settings::default() };
        T::connect(url, settings).await
    };
    if played(connect)?.is_some() {
        return Ok(());
    }
    for settings in [&[][..], T::SLOW_COMMITS] {
        let engine = Database::<T::Make>::start_with(settings)?;
        let renewed = renew_while_ending_in_five_processes(this, &engine.url(), rounds_of_renewals(10))?;
        assert_eq!(renewed.survivors, 0, "{renewed}, with {settings:?}");
        println!("summary: {}, 5 processes, {settings:?}: {renewed}", engine.version());
    }
    Ok(())
}
