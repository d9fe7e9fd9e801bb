//! `cargo run --release --bin sqlite`: measures the throughput of `SqliteStore`, compared with a pool of ten sqlx
//! connections and with a bare loop over rusqlite.
//!
//! All three candidates write to files in the same folder (the argument, or the system's temporary folder), with a
//! write-ahead log and `synchronous = FULL`. The candidates take turns, so that other load on the machine affects all
//! of them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hardtack_bench_load::{DATA, TASKS, data, expiry, key, median, mixed, record};
use hardtack_core::store::{SessionStore, Swap, Version};
use hardtack_sqlite::SqliteStore;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::runtime::Runtime;

const SESSIONS: u64 = 100_000;
const ROUNDS: usize = 5;
const TURN: Duration = Duration::from_millis(1500);

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> Result {
    let folder = match std::env::args().nth(1) {
        Some(place) => tempfile::tempdir_in(place)?,
        None => tempfile::tempdir()?,
    };
    let runtime = Runtime::new()?;
    let hardtack = Hardtack::filled(&runtime, folder.path())?;
    let sqlx = Sqlx::filled(&runtime, folder.path())?;
    let mut bare = Bare::filled(folder.path())?;

    let mut rates = [const { Vec::new() }; 6];
    for round in 0..ROUNDS {
        let turns: [f64; 6] = [
            hardtack.writes(&runtime),
            bare.writes()?,
            sqlx.writes(&runtime),
            hardtack.reads(&runtime),
            bare.reads()?,
            sqlx.reads(&runtime),
        ];
        for (rates, rate) in rates.iter_mut().zip(turns) {
            rates.push(rate);
        }
        eprintln!("round {} of {ROUNDS}: {turns:.0?}", round + 1);
    }

    let [write, bare_write, sqlx_write, read, bare_read, sqlx_read] =
        rates.map(|rates| median(rates.into_iter()));
    println!(
        "{SESSIONS} sessions of {DATA} bytes, {TASKS} tasks, median of {ROUNDS} rounds, operations a second"
    );
    println!(
        "{:<8}{:>12}{:>12}{:>12}{:>12}{:>12}",
        "", "hardtack", "bare loop", "sqlx pool", "/ bare", "/ sqlx"
    );
    for (name, ours, bare, sqlx) in
        [("writes", write, bare_write, sqlx_write), ("reads", read, bare_read, sqlx_read)]
    {
        println!("{name:<8}{ours:>12.0}{bare:>12.0}{sqlx:>12.0}{:>12.2}{:>12.2}", ours / bare, ours / sqlx);
    }
    let metrics = hardtack.store.metrics();
    println!(
        "hardtack committed {} writes in {} groups, {:.1} each",
        metrics.writes,
        metrics.commits,
        metrics.writes as f64 / counters.commits as f64
    );
    Ok(())
}

/// The store, with the current version of each session.
struct Hardtack {
    store: SqliteStore,
    versions: Arc<Vec<AtomicU64>>,
}

impl Hardtack {
    fn filled(runtime: &Runtime, folder: &Path) -> Result<Self> {
        let store = runtime.block_on(SqliteStore::open(folder.join("hardtack.db")))?;
        let versions: Arc<Vec<AtomicU64>> = Arc::new((0..SESSIONS).map(|_| AtomicU64::new(0)).collect());
        let this = Self { store, versions };
        let (store, versions) = (this.store.clone(), Arc::clone(&this.versions));
        in_tasks(runtime, SESSIONS / TASKS + 1, move |number| {
            let (store, versions) = (store.clone(), Arc::clone(&versions));
            async move {
                if number < SESSIONS {
                    let created = store.create(&key(number), &record(number)).await;
                    versions[number as usize].store(version_of(created), Ordering::Relaxed);
                }
            }
        });
        Ok(this)
    }

    fn writes(&self, runtime: &Runtime) -> f64 {
        let (store, versions) = (self.store.clone(), Arc::clone(&self.versions));
        rate(runtime, move |number| {
            let (store, versions) = (store.clone(), Arc::clone(&versions));
            async move {
                let version = &versions[number as usize];
                let expected = Version::new(version.load(Ordering::Relaxed));
                let replaced = store.replace(&key(number), expected, &record(number)).await;
                version.store(version_of(replaced), Ordering::Relaxed);
            }
        })
    }

    fn reads(&self, runtime: &Runtime) -> f64 {
        let store = self.store.clone();
        rate(runtime, move |number| {
            let store = store.clone();
            async move {
                let stored = store.load(&key(number)).await.expect("the disk works");
                assert_eq!(stored.expect("the record was created").record.data.len(), DATA);
            }
        })
    }
}

fn version_of<E: std::fmt::Debug>(swap: std::result::Result<Swap, E>) -> u64 {
    match swap.expect("the disk works") {
        Swap::Done(version) => version.get(),
        Swap::Refused => panic!("each session has one writer at a time"),
    }
}

/// A pool of ten connections, with one transaction per write, as is usual.
struct Sqlx {
    pool: SqlitePool,
}

impl Sqlx {
    fn filled(runtime: &Runtime, folder: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(folder.join("sqlx.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(60));
        let pool = runtime.block_on(async {
            let pool = SqlitePoolOptions::new().max_connections(10).connect_with(options).await?;
            sqlx::query(
                "CREATE TABLE session (id TEXT PRIMARY KEY NOT NULL, data BLOB NOT NULL, expires INTEGER NOT NULL)",
            )
            .execute(&pool)
            .await?;
            let mut filling = pool.begin().await?;
            for number in 0..SESSIONS {
                sqlx::query(UPSERT)
                    .bind(text_key(number))
                    .bind(data(number))
                    .bind(expires())
                    .execute(&mut *filling)
                    .await?;
            }
            filling.commit().await?;
            Ok::<_, sqlx::Error>(pool)
        })?;
        Ok(Self { pool })
    }

    fn writes(&self, runtime: &Runtime) -> f64 {
        let pool = self.pool.clone();
        rate(runtime, move |number| {
            let pool = pool.clone();
            async move {
                sqlx::query(UPSERT)
                    .bind(text_key(number))
                    .bind(data(number))
                    .bind(expires())
                    .execute(&pool)
                    .await
                    .expect("the disk works");
            }
        })
    }

    fn reads(&self, runtime: &Runtime) -> f64 {
        let pool = self.pool.clone();
        rate(runtime, move |number| {
            let pool = pool.clone();
            async move {
                let (data, _): (Vec<u8>, i64) =
                    sqlx::query_as("SELECT data, expires FROM session WHERE id = ? AND expires > ?")
                        .bind(text_key(number))
                        .bind(0_i64)
                        .fetch_one(&pool)
                        .await
                        .expect("the record was created");
                assert_eq!(data.len(), DATA);
            }
        })
    }
}

const UPSERT: &str = "INSERT INTO session (id, data, expires) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires = excluded.expires";

/// The upper limit of SQLite's speed: one thread without tasks or responses, and as many upserts per transaction as the
/// other candidates have tasks.
struct Bare {
    connection: rusqlite::Connection,
    next: u64,
}

impl Bare {
    fn filled(folder: &Path) -> Result<Self> {
        let connection = rusqlite::Connection::open(folder.join("bare.db"))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.execute_batch(
            "CREATE TABLE session (id BLOB PRIMARY KEY NOT NULL, data BLOB NOT NULL, expires INTEGER NOT NULL);
             CREATE INDEX session_by_expiry ON session (expires);
             BEGIN",
        )?;
        let this = Self { connection, next: 0 };
        for number in 0..SESSIONS {
            this.upsert(number)?;
        }
        this.connection.execute_batch("COMMIT")?;
        Ok(this)
    }

    fn upsert(&self, number: u64) -> Result {
        self.connection.prepare_cached(UPSERT)?.execute((key(number).as_bytes(), data(number), expires()))?;
        Ok(())
    }

    fn writes(&mut self) -> Result<f64> {
        let begin = Instant::now();
        let mut count = 0;
        while begin.elapsed() < TURN {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            for _ in 0..TASKS {
                self.upsert(scattered(self.next))?;
                self.next += 1;
            }
            self.connection.execute_batch("COMMIT")?;
            count += TASKS;
        }
        Ok(count as f64 / begin.elapsed().as_secs_f64())
    }

    fn reads(&mut self) -> Result<f64> {
        let mut select = self.connection.prepare("SELECT data, expires FROM session WHERE id = ?1")?;
        let begin = Instant::now();
        let mut count = 0;
        while begin.elapsed() < TURN {
            for _ in 0..TASKS {
                let data: Vec<u8> =
                    select.query_row([key(scattered(self.next)).as_bytes()], |row| row.get(0))?;
                assert_eq!(data.len(), DATA);
                self.next += 1;
            }
            count += TASKS;
        }
        Ok(count as f64 / begin.elapsed().as_secs_f64())
    }
}

/// Returns the operations per second of all tasks, each with its own sessions.
fn rate<F: Future<Output = ()> + Send>(
    runtime: &Runtime,
    operation: impl Fn(u64) -> F + Clone + Send + 'static,
) -> f64 {
    let begin = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let operation = operation.clone();
            let salt = begin.duration_since(begin).as_nanos() as u64 + task;
            runtime.spawn(async move {
                let mut count = 0_u64;
                while begin.elapsed() < TURN {
                    let number = scattered(count * 31 + salt) / TASKS * TASKS + task;
                    operation(number % (SESSIONS / TASKS * TASKS)).await;
                    count += 1;
                }
                count
            })
        })
        .collect();
    let counts = runtime.block_on(async {
        let mut sum = 0;
        for task in tasks {
            sum += task.await.expect("no task panics");
        }
        sum
    });
    counts as f64 / begin.elapsed().as_secs_f64()
}

/// Runs `operation` `times` times in each task. The tasks together call it with consecutive numbers, starting from 0.
fn in_tasks<F: Future<Output = ()> + Send>(
    runtime: &Runtime,
    times: u64,
    operation: impl Fn(u64) -> F + Clone + Send + 'static,
) {
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let operation = operation.clone();
            runtime.spawn(async move {
                for turn in 0..times {
                    operation(turn * TASKS + task).await;
                }
            })
        })
        .collect();
    runtime.block_on(async {
        for task in tasks {
            task.await.expect("no task panics");
        }
    });
}

/// Converts a number to the number of a session, so that consecutive numbers are spread over all sessions.
fn scattered(number: u64) -> u64 {
    mixed(number) % SESSIONS
}

/// Returns a key of 22 characters, the length of a 128-bit id in base64url.
fn text_key(number: u64) -> String {
    let mut text = format!("{:016x}{:016x}", mixed(number), mixed(!number));
    text.truncate(22);
    text
}

/// Returns the expiry in seconds since 1970.
fn expires() -> i64 {
    expiry() / 1000
}
