use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hardtack_core::store::{SessionStore, Swap, Version};
use hardtack_engines::MariaDb;
use hardtack_mysql::MySqlStore;
use mysql_async::prelude::Queryable;
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use tokio::runtime::Runtime;

use crate::load::{Candidate, compare, operation};
use crate::rows::{DATA, data, key, record};
use crate::{Result, TASKS};

const SETTINGS: [&str; 4] = [
    "innodb_flush_log_at_trx_commit=1",
    "innodb_buffer_pool_size=1G",
    "innodb_log_file_size=2G",
    "max_connections=200",
];

pub(crate) fn run(runtime: &Runtime, sessions: u64) -> Result {
    let engine = MariaDb::start_with(&SETTINGS)?;
    let url = engine.url();
    println!(
        "{}: {sessions} sessions of {DATA} bytes, {TASKS} tasks; {}",
        engine.version(),
        SETTINGS.join(", ")
    );
    println!("hardtack: 2 connections read, 2 write; pools of 10 and 32");
    let store = runtime.block_on(MySqlStore::options().without_sweeping().connect(&url))?;
    runtime.block_on(fill(&url, sessions))?;
    let mut candidates = vec![hardtack(&store, sessions), bare(&url)?];
    for (name, size) in [("sqlx, pool of 10", 10), ("sqlx, pool of 32", 32)] {
        let pool = runtime.block_on(MySqlPoolOptions::new().max_connections(size).connect(&url))?;
        candidates.push(sqlx(name, pool));
    }
    compare(runtime, sessions, &candidates)?;
    let counters = store.counters();
    println!(
        "hardtack sent {:.1} writes and {:.1} loads in a group; each is one round trip",
        counters.writes as f64 / counters.groups as f64,
        counters.loads as f64 / counters.load_groups as f64,
    );
    Ok(())
}

async fn fill(url: &str, sessions: u64) -> Result {
    let mut conn = mysql_async::Conn::from_url(url).await?;
    conn.query_drop(
        "CREATE TABLE pooled (id BINARY(32) PRIMARY KEY, data BLOB NOT NULL, expires BIGINT NOT NULL) ENGINE = InnoDB",
    )
    .await?;
    let numbers: Vec<u64> = (0..sessions).collect();
    for part in numbers.chunks(5000) {
        for (head, tail) in [
            (
                "INSERT INTO hardtack_session (`key`, data, version, created_at, last_seen, expires_at, deadline, sweep_at)",
                ", 0, 0, 0, 1125899906842624, 1125899906842624, 1125899906842624",
            ),
            ("INSERT INTO pooled (id, data, expires)", ", 0"),
        ] {
            let rows: Vec<String> = part
                .iter()
                .map(|&number| {
                    format!("(X'{}', X'{}'{tail})", hex(key(number).as_bytes()), hex(&data(number)))
                })
                .collect();
            conn.query_drop(format!("{head} VALUES {}", rows.join(","))).await?;
        }
    }
    conn.query_drop("ANALYZE TABLE hardtack_session, pooled").await?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hardtack(store: &MySqlStore, sessions: u64) -> Candidate {
    let versions: Arc<Vec<AtomicU64>> = Arc::new((0..sessions).map(|_| AtomicU64::new(0)).collect());
    let (writing, reading) = (store.clone(), store.clone());
    Candidate {
        name: "hardtack",
        write: operation(move |number| {
            let (store, versions) = (writing.clone(), Arc::clone(&versions));
            async move {
                let version = &versions[number as usize];
                let expected = Version::new(version.load(Ordering::Relaxed));
                match store.replace(&key(number), expected, &record(number)).await? {
                    Swap::Done(new) => version.store(new.get(), Ordering::Relaxed),
                    Swap::Refused => return Err("each session has one writer at a time".into()),
                }
                Ok(())
            }
        }),
        read: operation(move |number| {
            let store = reading.clone();
            async move {
                let stored = store.load(&key(number)).await?.ok_or("it was created")?;
                assert_eq!(stored.record.data.len(), DATA);
                Ok(())
            }
        }),
    }
}

const UPDATE: &str = "UPDATE pooled SET data = ?, expires = ? WHERE id = ?";
const SELECT: &str = "SELECT data FROM pooled WHERE id = ?";

/// The driver's own pool with prepared statements; its protocol knows no pipelining.
fn bare(url: &str) -> Result<Candidate> {
    let constraints = mysql_async::PoolConstraints::new(10, 32).ok_or("10 is less than 32")?;
    let options = mysql_async::OptsBuilder::from_opts(mysql_async::Opts::from_url(url)?)
        .prefer_socket(false)
        .pool_opts(
            mysql_async::PoolOpts::default().with_constraints(constraints).with_reset_connection(false),
        );
    let pool = mysql_async::Pool::new(options);
    let reading = pool.clone();
    Ok(Candidate {
        name: "bare mysql_async, pool of 32",
        write: operation(move |number| {
            let pool = pool.clone();
            async move {
                let mut conn = pool.get_conn().await?;
                conn.exec_drop(UPDATE, (data(number), number, key(number).as_bytes().as_slice())).await?;
                Ok(())
            }
        }),
        read: operation(move |number| {
            let pool = reading.clone();
            async move {
                let mut conn = pool.get_conn().await?;
                let data: Option<Vec<u8>> =
                    conn.exec_first(SELECT, (key(number).as_bytes().as_slice(),)).await?;
                assert_eq!(data.map(|data| data.len()), Some(DATA));
                Ok(())
            }
        }),
    })
}

fn sqlx(name: &'static str, pool: MySqlPool) -> Candidate {
    let reading = pool.clone();
    Candidate {
        name,
        write: operation(move |number| {
            let pool = pool.clone();
            async move {
                sqlx::query(UPDATE)
                    .bind(data(number))
                    .bind(number as i64)
                    .bind(key(number).as_bytes().to_vec())
                    .execute(&pool)
                    .await?;
                Ok(())
            }
        }),
        read: operation(move |number| {
            let pool = reading.clone();
            async move {
                let (data,): (Vec<u8>,) =
                    sqlx::query_as(SELECT).bind(key(number).as_bytes().to_vec()).fetch_one(&pool).await?;
                assert_eq!(data.len(), DATA);
                Ok(())
            }
        }),
    }
}
