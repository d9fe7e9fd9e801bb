use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hardtack_core::store::{SessionStore, Swap, Version};
use hardtack_engines::Postgres;
use hardtack_postgres::PostgresStore;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, NoTls};
use tower_sessions_core::SessionStore as _;
use tower_sessions_core::session::{Id, Record as TowerRecord};

use crate::load::{Candidate, compare, operation};
use crate::rows::{DATA, data, id, key, record};
use crate::{Result, TASKS};

const SETTINGS: [&str; 5] =
    ["fsync=on", "synchronous_commit=on", "shared_buffers=1GB", "max_wal_size=8GB", "max_connections=200"];

pub(crate) fn run(runtime: &Runtime, sessions: u64) -> Result {
    let engine = Postgres::start_with(&SETTINGS)?;
    let url = engine.url();
    println!(
        "{}: {sessions} sessions of {DATA} bytes, {TASKS} tasks; {}",
        engine.version(),
        SETTINGS.join(", ")
    );
    println!(
        "hardtack: 2 connections read, 2 write; bare: tokio-postgres, 2 connections; pools: 10 and 32 of sqlx"
    );
    let mut candidates = Vec::new();
    let store = runtime.block_on(PostgresStore::options().without_sweeping().connect(&url))?;
    runtime.block_on(fill(&url, sessions))?;
    candidates.push(hardtack(&store, sessions));
    candidates.push(runtime.block_on(bare(&url))?);
    for (name, size) in [("sqlx, pool of 10", 10), ("sqlx, pool of 32", 32)] {
        let pool = runtime.block_on(PgPoolOptions::new().max_connections(size).connect(&url))?;
        candidates.push(sqlx(name, pool));
    }
    candidates.push(runtime.block_on(tower(&url))?);
    compare(runtime, sessions, &candidates)?;
    let counters = store.counters();
    println!(
        "hardtack sent {:.1} writes and {:.1} loads in a group; each is one round trip",
        counters.writes as f64 / counters.groups as f64,
        counters.loads as f64 / counters.load_groups as f64,
    );
    Ok(())
}

/// Fills every candidate's table, before the server gathers its statistics.
async fn fill(url: &str, sessions: u64) -> Result {
    let client = connect(url).await?;
    client
        .batch_execute(
            "CREATE TABLE bare (key BYTEA PRIMARY KEY, data BYTEA NOT NULL, expires INT8 NOT NULL) WITH (fillfactor = 80);
             CREATE TABLE pooled (id TEXT PRIMARY KEY, data BYTEA NOT NULL, expiry_date TIMESTAMPTZ NOT NULL)",
        )
        .await?;
    let pool = PgPool::connect(url).await?;
    let tower = tower_sessions_sqlx_store::PostgresStore::new(pool);
    tower.migrate().await?;
    tower.save(&tower_record(0)).await?;
    let payload = client.query_one("DELETE FROM tower_sessions.session RETURNING data", &[]).await?;
    let payload: Vec<u8> = payload.get(0);
    let numbers: Vec<u64> = (0..sessions).collect();
    for part in numbers.chunks(10_000) {
        let keys: Vec<Vec<u8>> = part.iter().map(|&number| key(number).as_bytes().to_vec()).collect();
        let ids: Vec<String> = part.iter().map(|&number| Id(id(number)).to_string()).collect();
        let rows: Vec<Vec<u8>> = part.iter().map(|&number| data(number)).collect();
        let payloads = vec![payload.clone(); part.len()];
        for (sql, keyed) in [
            (
                "INSERT INTO hardtack_session SELECT key, 0, data, NULL, NULL, 0, 0, 1 << 50, 1 << 50, 1 << 50 \
                 FROM unnest($1, $2) AS new (key, data)",
                true,
            ),
            ("INSERT INTO bare SELECT key, data, 1 << 50 FROM unnest($1, $2) AS new (key, data)", true),
            ("INSERT INTO pooled SELECT key, data, 'infinity' FROM unnest($1, $2) AS new (key, data)", false),
            (
                "INSERT INTO tower_sessions.session SELECT key, data, now() + interval '1 day' \
                 FROM unnest($1, $2) AS new (key, data)",
                false,
            ),
        ] {
            let sql = sql.replace("1 << 50", "1125899906842624");
            let rows = if sql.contains("tower") { &payloads } else { &rows };
            let rows = (rows as _, Type::BYTEA_ARRAY);
            let keys = if keyed { (&keys as _, Type::BYTEA_ARRAY) } else { (&ids as _, Type::TEXT_ARRAY) };
            client.execute_typed(&sql, &[keys, rows]).await?;
        }
    }
    client.batch_execute("VACUUM ANALYZE; CHECKPOINT").await?;
    Ok(())
}

fn hardtack(store: &PostgresStore, sessions: u64) -> Candidate {
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

/// The driver at its best, without versions, groups' limits, answers to each, or anything else: prepared statements,
/// reads pipelined on two connections, and writes that waited together in one `unnest` statement on each of two others.
async fn bare(url: &str) -> Result<Candidate> {
    let mut readers = Vec::new();
    let mut writers = Vec::new();
    for _ in 0..2 {
        let reader = connect(url).await?;
        let select = reader.prepare("SELECT data, expires FROM bare WHERE key = $1").await?;
        readers.push(Arc::new((reader, select)));
        let writer = connect(url).await?;
        let update = writer
            .prepare(
                "UPDATE bare SET data = new.data, expires = new.expires \
                 FROM unnest($1::bytea[], $2::bytea[], $3::int8[]) AS new (key, data, expires) WHERE bare.key = new.key",
            )
            .await?;
        let (sender, mut waiting) = mpsc::unbounded_channel::<(u64, oneshot::Sender<()>)>();
        tokio::spawn(async move {
            let mut group = Vec::new();
            while waiting.recv_many(&mut group, 256).await > 0 {
                let rows: HashMap<u64, _> = group.drain(..).collect();
                let keys: Vec<Vec<u8>> = rows.keys().map(|&number| key(number).as_bytes().to_vec()).collect();
                let data: Vec<Vec<u8>> = rows.keys().map(|&number| data(number)).collect();
                let expires = vec![1_i64 << 50; keys.len()];
                let changed =
                    writer.execute(&update, &[&keys, &data, &expires]).await.expect("the server works");
                assert_eq!(changed, rows.len() as u64);
                rows.into_values().for_each(|reply| reply.send(()).expect("the task waits"));
            }
        });
        writers.push(sender);
    }
    Ok(Candidate {
        name: "bare tokio-postgres",
        write: operation(move |number| {
            let writer = writers[number as usize % 2].clone();
            async move {
                let (reply, answer) = oneshot::channel();
                writer.send((number, reply))?;
                Ok(answer.await?)
            }
        }),
        read: operation(move |number| {
            let reader = Arc::clone(&readers[number as usize % 2]);
            async move {
                let (client, select) = &*reader;
                let row = client.query_one(select, &[&key(number).as_bytes().as_slice()]).await?;
                assert_eq!(row.get::<_, &[u8]>(0).len(), DATA);
                Ok(())
            }
        }),
    })
}

/// One transaction for each write, with the statements that tower-sessions' store has, prepared.
fn sqlx(name: &'static str, pool: PgPool) -> Candidate {
    let reading = pool.clone();
    Candidate {
        name,
        write: operation(move |number| {
            let pool = pool.clone();
            async move {
                sqlx::query(
                    "INSERT INTO pooled (id, data, expiry_date) VALUES ($1, $2, now()) \
                     ON CONFLICT (id) DO UPDATE SET data = excluded.data, expiry_date = excluded.expiry_date",
                )
                .bind(Id(id(number)).to_string())
                .bind(data(number))
                .execute(&pool)
                .await?;
                Ok(())
            }
        }),
        read: operation(move |number| {
            let pool = reading.clone();
            async move {
                let (data,): (Vec<u8>,) = sqlx::query_as("SELECT data FROM pooled WHERE id = $1")
                    .bind(Id(id(number)).to_string())
                    .fetch_one(&pool)
                    .await?;
                assert_eq!(data.len(), DATA);
                Ok(())
            }
        }),
    }
}

async fn tower(url: &str) -> Result<Candidate> {
    let pool = PgPoolOptions::new().max_connections(10).connect(url).await?;
    let store = tower_sessions_sqlx_store::PostgresStore::new(pool);
    let writing = store.clone();
    Ok(Candidate {
        name: "tower-sessions, pool of 10",
        write: operation(move |number| {
            let store = writing.clone();
            async move { Ok(store.save(&tower_record(number)).await?) }
        }),
        read: operation(move |number| {
            let store = store.clone();
            async move {
                store.load(&Id(id(number))).await?.ok_or("it was created")?;
                Ok(())
            }
        }),
    })
}

fn tower_record(number: u64) -> TowerRecord {
    let text = "x".repeat(DATA - 10);
    TowerRecord {
        id: Id(id(number)),
        data: HashMap::from([("data".to_owned(), serde_json::Value::String(text))]),
        expiry_date: time::OffsetDateTime::now_utc() + time::Duration::days(1),
    }
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
