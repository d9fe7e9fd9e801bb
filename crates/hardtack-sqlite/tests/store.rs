//! Tests of the store on real files: the contract, batches, failures within a batch, and the state after closing.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_conformance::check_damaged;
use hardtack_core::protocol::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionListing, SessionStore, StoreError, Stored, Swap, Version};
use hardtack_sqlite::{Durability, Reads, SqliteStore};
use tempfile::TempDir;
use tokio::sync::oneshot;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

struct Folder(TempDir);

impl Folder {
    fn new() -> Result<Self> {
        Ok(Self(tempfile::tempdir()?))
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("sessions.db")
    }

    async fn open(&self) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(self.file()).await
    }

    /// Opens a second connection, as another program would.
    fn connection(&self) -> Result<rusqlite::Connection> {
        Ok(rusqlite::Connection::open(self.file())?)
    }
}

fn key(number: u64) -> StoreKey {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[24..].copy_from_slice(&number.to_be_bytes());
    StoreKey::from_bytes(bytes)
}

/// Returns a time in the past. The store's automatic sweep removes nothing that is still valid by the system clock.
fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

fn record(data: impl Into<Arc<[u8]>>) -> Record {
    Record::new(Purpose::default(), data, at(0)).last_seen(at(1)).expires_at(at(60)).deadline(at(1000))
}

fn owned(owner: &str) -> Record {
    record(*b"data")
        .login(Some(Login::new(Owner::new(owner), Lineage::from_random([7; 16]))))
        .label(Some("Firefox on Linux".into()))
}

async fn create(store: &SqliteStore, key: &StoreKey, record: &Record) -> Result<Version> {
    match store.create(key, record).await? {
        Swap::Done(version) => Ok(version),
        Swap::Refused => Err("the key was taken".into()),
    }
}

/// Creates 51 records: the first in a batch of its own, and all others in the next batch.
///
/// While `other` locks the file, the writer waits with its first batch, and the other writes wait in the queue.
async fn create_in_two_batches(
    store: &SqliteStore,
    other: &rusqlite::Connection,
    data: impl Fn(u64) -> Vec<u8>,
) -> Result<Vec<Result<Swap, StoreError>>> {
    other.execute_batch("BEGIN IMMEDIATE")?;
    let mut tasks = Vec::new();
    for number in 0..=50 {
        let (handle, record) = (store.clone(), record(data(number)));
        let (key, began) = (key(number), oneshot::channel());
        tasks.push(tokio::spawn(async move {
            let mut creating = std::pin::pin!(handle.create(&key, &record));
            let mut began_sender = Some(began.0);
            std::future::poll_fn(|context| {
                let polled = creating.as_mut().poll(context);
                if let Some(sender) = began_sender.take() {
                    sender.send(()).expect("the receiver waits below");
                }
                polled
            })
            .await
        }));
        began.1.await?;
        while number == 0 && store.metrics().waiting > 0 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(store.metrics().waiting, 50);
    other.execute_batch("COMMIT")?;
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await?);
    }
    Ok(results)
}

async fn meets_the_contract(store: SqliteStore) -> Result {
    assert_eq!(store.load(&key(1)).await?, None);
    let first = create(&store, &key(1), &owned("ann")).await?;
    assert_eq!(store.load(&key(1)).await?, Some(Stored::new(owned("ann"), first)));
    assert_eq!(store.create(&key(1), &record(*b"other")).await?, Swap::Refused);
    let Swap::Done(second) = store.replace(&key(1), first, &record(*b"new")).await? else {
        return Err("the version was right".into());
    };
    assert_ne!(first, second);
    assert_eq!(store.replace(&key(1), first, &record(*b"late")).await?, Swap::Refused);
    assert_eq!(store.replace(&key(2), second, &record(*b"late")).await?, Swap::Refused);
    assert!(!store.touch(&key(1), first, at(5), at(90)).await?);
    assert!(store.touch(&key(1), second, at(5), at(90)).await?);
    let touched = record(*b"new").last_seen(at(5)).expires_at(at(90));
    assert_eq!(store.load(&key(1)).await?, Some(Stored::new(touched, second)));
    assert!(!store.delete(&key(1), first).await?);
    assert!(store.delete(&key(1), second).await?);
    assert_eq!(store.load(&key(1)).await?, None);
    assert!(!store.delete(&key(1), second).await?);
    Ok(())
}

#[tokio::test]
async fn a_file_meets_the_contract() -> Result {
    let folder = Folder::new()?;
    meets_the_contract(folder.open().await?).await
}

#[tokio::test]
async fn memory_meets_the_contract() -> Result {
    meets_the_contract(SqliteStore::in_memory().await?).await?;
    meets_the_contract(SqliteStore::options().reads(Reads::Threads).in_memory().await?).await
}

#[tokio::test]
async fn reader_threads_meet_the_contract() -> Result {
    let folder = Folder::new()?;
    let options = SqliteStore::options().reads(Reads::Threads).readers(2);
    meets_the_contract(options.durability(Durability::Normal).open(folder.file()).await?).await
}

#[tokio::test]
async fn data_of_any_size_and_bytes_comes_back() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    for (number, size) in [0, 1, 200, 1000, 5000, 3_000_000].into_iter().enumerate() {
        let data: Vec<u8> = (0..size).map(|at: u32| (at % 256) as u8).collect();
        let version = create(&store, &key(number as u64), &record(data.clone())).await?;
        assert_eq!(store.load(&key(number as u64)).await?, Some(Stored::new(record(data), version)));
    }
    Ok(())
}

#[tokio::test]
async fn a_version_does_not_come_back_after_delete_and_create_or_reopening() -> Result {
    let folder = Folder::new()?;
    let mut seen = HashSet::new();
    for _ in 0..5 {
        let store = folder.open().await?;
        for _ in 0..10 {
            let version = create(&store, &key(1), &record(*b"data")).await?;
            assert!(seen.insert(version));
            assert!(store.delete(&key(1), version).await?);
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_owner_sees_and_ends_their_sessions_only() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    for number in 0..10 {
        let owner = Owner::new(if number % 2 == 0 { "ann" } else { "bob" });
        let login = Login::new(owner, Lineage::from_random([number as u8; 16]));
        create(&store, &key(number), &owned("ann").login(Some(login))).await?;
    }
    let anns = store.owned_by(&Purpose::default(), &Owner::new("ann"), None, 1000).await?;
    let mut expected: Vec<StoreKey> = (0..10).step_by(2).map(key).collect();
    expected.sort();
    assert_eq!(anns.iter().map(|summary| summary.key).collect::<Vec<_>>(), expected);
    let whole = store.load(&expected[0]).await?.ok_or("a record of Ann's")?;
    assert_eq!((anns[0].version, &anns[0].label), (whole.version, &whole.record.label));
    assert_eq!((anns[0].last_seen, anns[0].expires_at), (at(1), at(60)));
    let spared = Lineage::from_random([4; 16]);
    assert_eq!(store.delete_owned_by(&Purpose::default(), &Owner::new("ann"), Some(&spared)).await?, 4);
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("ann"), None, 1000).await?.len(), 1);
    assert_eq!(store.delete_owned_by(&Purpose::default(), &Owner::new("ann"), None).await?, 1);
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("bob"), None, 1000).await?.len(), 5);
    Ok(())
}

#[tokio::test]
async fn a_sweep_removes_expired_records_up_to_the_limit() -> Result {
    let store = SqliteStore::in_memory().await?;
    for number in 0..1000 {
        let record = record(*b"data").expires_at(at(10 + number % 2));
        create(&store, &key(number), &record).await?;
    }
    assert_eq!(store.sweep(at(9), usize::MAX).await?, 0);
    assert_eq!(store.sweep(at(10), 0).await?, 0);
    assert_eq!(store.sweep(at(10), 300).await?, 300);
    assert_eq!(store.sweep(at(10), usize::MAX).await?, 200);
    assert!(store.load(&key(1)).await?.is_some());
    assert_eq!(store.sweep(at(11), usize::MAX).await?, 500);
    Ok(())
}

#[tokio::test]
async fn a_sweep_follows_every_changed_expiry() -> Result {
    let store = SqliteStore::in_memory().await?;
    for number in 0..600 {
        let moved = match number % 3 {
            0 => record(*b"sooner").expires_at(at(10)),
            1 => record(*b"later").expires_at(at(90)),
            _ => record(*b"same"),
        };
        let version = create(&store, &key(number), &record(*b"data")).await?;
        if number < 300 {
            assert_ne!(store.replace(&key(number), version, &moved).await?, Swap::Refused);
        } else {
            assert!(store.touch(&key(number), version, at(2), moved.expires_at).await?);
        }
    }
    assert_eq!(store.sweep(at(9), usize::MAX).await?, 0);
    assert_eq!(store.sweep(at(10), 1).await?, 1);
    assert_eq!(store.sweep(at(10), usize::MAX).await?, 199);
    assert_eq!(store.sweep(at(60), usize::MAX).await?, 200);
    assert_eq!(store.sweep(at(89), usize::MAX).await?, 0);
    assert_eq!(store.sweep(at(90), 7).await?, 7);
    assert_eq!(store.sweep(at(90), usize::MAX).await?, 193);
    Ok(())
}

#[tokio::test]
async fn the_automatic_sweep_uses_the_records_times() -> Result {
    let folder = Folder::new()?;
    let store = SqliteStore::options().sweep_interval(Duration::ZERO).open(folder.file()).await?;
    for number in 0..600 {
        let record = record(*b"data").last_seen(at(0)).expires_at(at(10));
        create(&store, &key(number), &record).await?;
    }
    assert_eq!(store.metrics().swept, 0);
    let later = record(*b"data").last_seen(at(10)).expires_at(at(99));
    create(&store, &key(600), &later).await?;
    // The writer runs a sweep step between answering a write and starting the next one.
    for number in 601..605 {
        create(&store, &key(number), &later).await?;
    }
    assert_eq!(store.metrics().swept, 600);
    assert!(store.load(&key(600)).await?.is_some());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_writers_share_commits() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    let other = folder.connection()?;
    let results = create_in_two_batches(&store, &other, |_| b"data".to_vec()).await?;
    assert!(results.iter().all(std::result::Result::is_ok));
    let counters = store.metrics();
    assert_eq!((counters.writes, counters.commits, counters.largest_batch), (51, 2, 50));
    assert_eq!((counters.failed, counters.waiting), (0, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_increments_are_all_counted() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    create(&store, &key(1), &record(0_u32.to_be_bytes())).await?;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                loop {
                    let stored = store.load(&key(1)).await?.ok_or("it stays")?;
                    let number = u32::from_be_bytes(stored.record.data[..].try_into()?);
                    let next = record((number + 1).to_be_bytes());
                    if store.replace(&key(1), stored.version, &next).await? != Swap::Refused {
                        return Ok::<(), Box<dyn std::error::Error + Send + Sync>>(());
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await?.map_err(|error| error.to_string())?;
    }
    let stored = store.load(&key(1)).await?.ok_or("it stays")?;
    assert_eq!(*stored.record.data, 20_u32.to_be_bytes());
    Ok(())
}

#[tokio::test]
async fn a_failing_statement_fails_only_its_own_write() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    folder.connection()?.execute_batch(
        "CREATE TRIGGER poison BEFORE INSERT ON session WHEN new.data = x'bad0'
         BEGIN SELECT RAISE(ABORT, 'poison'); END",
    )?;
    let data = |number| if number == 30 { vec![0xba, 0xd0] } else { b"good".to_vec() };
    let results = create_in_two_batches(&store, &folder.connection()?, data).await?;
    for (number, result) in (0..).zip(results) {
        assert_eq!(result.is_err(), number == 30);
        assert_eq!(store.load(&key(number)).await?.is_none(), number == 30);
    }
    assert_eq!(store.metrics().failed, 1);
    Ok(())
}

#[tokio::test]
async fn a_transaction_that_ends_early_fails_all_its_writes_and_leaves_nothing() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    let other = folder.connection()?;
    other.execute_batch(
        "CREATE TRIGGER poison BEFORE INSERT ON session WHEN new.data = x'bad0'
         BEGIN SELECT RAISE(ROLLBACK, 'poison'); END",
    )?;
    let data = |number| if number == 30 { vec![0xba, 0xd0] } else { b"good".to_vec() };
    let results = create_in_two_batches(&store, &other, data).await?;
    // The first write was a batch of its own.
    assert!(results[0].is_ok());
    assert!(results[1..].iter().all(std::result::Result::is_err));
    assert!(store.load(&key(0)).await?.is_some());
    for number in 1..=50 {
        assert!(store.load(&key(number)).await?.is_none());
    }
    assert_eq!(store.metrics().failed, 50);
    create(&store, &key(99), &record(*b"after")).await?;
    Ok(())
}

#[tokio::test]
async fn a_failing_commit_fails_its_batch_and_not_the_next() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    folder.connection()?.execute_batch(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);
         CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER poison AFTER INSERT ON session WHEN new.data = x'bad0'
         BEGIN INSERT INTO child VALUES (1); END",
    )?;
    let error = store.create(&key(1), &record([0xba, 0xd0])).await.err().ok_or("no error")?;
    let cause = std::error::Error::source(&error).ok_or("no cause")?.to_string();
    assert!(cause.contains("FOREIGN KEY"), "{cause}");
    assert!(store.load(&key(1)).await?.is_none());
    create(&store, &key(1), &record(*b"good")).await?;
    Ok(())
}

#[tokio::test]
async fn a_dropped_future_neither_cancels_nor_corrupts() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    let other = folder.connection()?;
    other.execute_batch("BEGIN IMMEDIATE")?;
    for number in 0..10 {
        let (key, record) = (key(number), record(*b"data"));
        let mut creating = Box::pin(store.create(&key, &record));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(creating.as_mut().poll(context).is_pending())
        });
        assert!(polled.await);
    }
    other.execute_batch("COMMIT")?;
    drop(store);
    let store = folder.open().await?;
    for number in 0..10 {
        assert!(store.load(&key(number)).await?.is_some());
    }
    Ok(())
}

#[tokio::test]
async fn records_survive_reopening() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    let version = create(&store, &key(1), &owned("ann")).await?;
    drop(store);
    let store = folder.open().await?;
    assert_eq!(store.load(&key(1)).await?, Some(Stored::new(owned("ann"), version)));
    assert_ne!(store.replace(&key(1), version, &record(*b"new")).await?, Swap::Refused);
    Ok(())
}

#[tokio::test]
async fn two_stores_on_one_file_see_each_other() -> Result {
    let folder = Folder::new()?;
    let (one, two) = (folder.open().await?, folder.open().await?);
    let first = create(&one, &key(1), &record(*b"one")).await?;
    assert_ne!(two.replace(&key(1), first, &record(*b"two")).await?, Swap::Refused);
    assert_eq!(one.replace(&key(1), first, &record(*b"one")).await?, Swap::Refused);
    let stored = one.load(&key(1)).await?.ok_or("it stays")?;
    assert_eq!(*stored.record.data, *b"two");
    Ok(())
}

#[test]
fn many_open_a_new_file_at_once() -> Result {
    for _ in 0..5 {
        let folder = Folder::new()?;
        let start = std::sync::Barrier::new(10);
        let failures: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..10)
                .map(|number| {
                    let (folder, start) = (&folder, &start);
                    scope.spawn(move || {
                        start.wait();
                        pollster::block_on(async {
                            create(&folder.open().await?, &key(number), &record(*b"data")).await
                        })
                        .err()
                        .map(|error| format!("{error:?}"))
                    })
                })
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(failures, Vec::<String>::new());
        let count: i64 =
            folder.connection()?.query_row("SELECT count(*) FROM session", [], |row| row.get(0))?;
        assert_eq!(count, 10);
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_readable_only_by_their_owner() -> Result {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new()?;
    let store = folder.open().await?;
    create(&store, &key(1), &record(*b"data")).await?;
    let mut count = 0;
    for entry in folder.0.path().read_dir()? {
        assert_eq!(entry?.metadata()?.permissions().mode() & 0o777, 0o600);
        count += 1;
    }
    assert_eq!(count, 3);
    Ok(())
}

#[tokio::test]
async fn a_missing_folder_and_a_newer_schema_are_errors_that_say_so() -> Result {
    let folder = Folder::new()?;
    let missing = folder.0.path().join("missing").join("sessions.db");
    assert!(SqliteStore::open(missing).await.is_err());
    drop(folder.open().await?);
    folder.connection()?.pragma_update(None, "user_version", 1000)?;
    let error = folder.open().await.err().ok_or("no error")?;
    let cause = std::error::Error::source(&error).ok_or("no cause")?.to_string();
    assert!(cause.contains("version 1000") && cause.contains("newer release"), "{cause}");
    Ok(())
}

#[tokio::test]
async fn a_foreign_row_is_unreadable_and_stays() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    let (damaged, whole) = (key(1), key(2));
    let version = create(&store, &damaged, &owned("ada")).await?;
    create(&store, &whole, &owned("ada")).await?;
    let other = folder.connection()?;
    for (column, value) in [("lineage", "x'01'"), ("purpose", "''"), ("label", "CAST(x'ff' AS TEXT)")] {
        let change = |value: &str| {
            let change = format!("UPDATE session SET {column} = {value} WHERE key = ?1");
            other.execute(&change, [damaged.as_bytes().as_slice()])
        };
        let before: rusqlite::types::Value = other.query_row(
            &format!("SELECT {column} FROM session WHERE key = ?1"),
            [damaged.as_bytes().as_slice()],
            |row| row.get(0),
        )?;
        assert_eq!(change(value)?, 1);
        let error = store.load(&damaged).await.expect_err(column);
        assert!(error.is_unreadable(), "{column}: {error:?}");
        assert!(store.load(&whole).await?.is_some());
        other.execute(
            &format!("UPDATE session SET {column} = ?2 WHERE key = ?1"),
            rusqlite::params![damaged.as_bytes().as_slice(), before],
        )?;
        assert_eq!(store.load(&damaged).await?, Some(Stored::new(owned("ada"), version)));
    }
    Ok(())
}

#[tokio::test]
async fn an_undecodable_row_hides_no_other() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    let other = folder.connection()?;
    let damage = async |key: &StoreKey| {
        let damage = "UPDATE session SET label = CAST(x'ff' AS TEXT) WHERE key = ?1";
        other.execute(damage, [key.as_bytes().as_slice()]).map(drop)
    };
    check_damaged(&store, damage).await?;
    assert_ne!(store.metrics().unreadable, 0);
    Ok(())
}

/// A manual repair of the file may leave such a row. Its key can never be requested, and cannot be the position at
/// which the next page starts.
#[tokio::test]
async fn a_row_with_an_invalid_key_ends_no_page() -> Result {
    let folder = Folder::new()?;
    let store = folder.open().await?;
    for number in 1..=3 {
        create(&store, &StoreKey::from_bytes([number; 32]), &owned("ada")).await?;
    }
    let other = folder.connection()?;
    for strange in ["x''", "x'01'", "x'0202'", "x'ff'"] {
        let copy = format!(
            "INSERT INTO session SELECT {strange}, version, purpose, data, owner, lineage, label, created_at, last_seen, expires_at, \
             deadline, sweep_at FROM session WHERE key = ?1"
        );
        other.execute(&copy, [[1_u8; 32].as_slice()])?;
    }
    for at_most in [1, 2, 100] {
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let page = store.page(next.as_ref(), at_most).await?;
            found.extend(page.records.iter().map(|listed| listed.summary.key.as_bytes()[0]));
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(found, [1, 2, 3], "{at_most}");
    }
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("ada"), None, 100).await?.len(), 3);
    Ok(())
}
