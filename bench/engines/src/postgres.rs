use std::sync::Arc;

use hardtack_bench_load::{DATA, Result, Versions, data, expiry, id, key, operation};
use hardtack_core::store::Version;
use hardtack_engines::Postgres;
use hardtack_postgres::PostgresStore;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, NoTls, Statement};
use tower_sessions_core::SessionStore as _;
use tower_sessions_core::protocol::Id;
use tower_sessions_sqlx_store::PostgresStore as TowerStore;

use crate::batch::{Batch, batched};
use crate::candidate::{Candidate, hardtack, tower, tower_record};
use crate::contest::Contest;

const SETTINGS: [&str; 7] = [
    "fsync=on",
    "synchronous_commit=on",
    "shared_buffers=4GB",
    "min_wal_size=8GB",
    "max_wal_size=16GB",
    "checkpoint_timeout=30min",
    "max_connections=200",
];

pub(crate) struct OnPostgres {
    server: Postgres,
    /// The versions of the bare driver's sessions.
    versions: Versions,
}

impl OnPostgres {
    pub(crate) fn start(sessions: u64) -> Result<Self> {
        Ok(Self { server: Postgres::start_with(&SETTINGS)?, versions: Versions::of(sessions) })
    }
}

impl Contest for OnPostgres {
    fn title(&self) -> String {
        format!("{}: {}", self.server.version(), SETTINGS.join(", "))
    }

    fn url(&self) -> String {
        self.server.url()
    }

    async fn fill(&self, sessions: u64, _: &Versions) -> Result {
        let url = self.server.url();
        drop(PostgresStore::connect(&url).await?);
        let client = connect(&url).await?;
        client
            .batch_execute(
                "CREATE TABLE bare (key BYTEA PRIMARY KEY, data BYTEA NOT NULL, expires INT8 NOT NULL) WITH (fillfactor = 80);
                 CREATE TABLE versioned (key BYTEA PRIMARY KEY, data BYTEA NOT NULL, expires INT8 NOT NULL, version INT8 NOT NULL) \
                 WITH (fillfactor = 80);
                 CREATE TABLE pooled (id TEXT PRIMARY KEY, data BYTEA NOT NULL, expiry_date TIMESTAMPTZ NOT NULL)",
            )
            .await?;
        let tower = TowerStore::new(PgPool::connect(&url).await?);
        tower.migrate().await?;
        tower.save(&tower_record(0)).await?;
        let row = client.query_one("DELETE FROM tower_sessions.session RETURNING data", &[]).await?;
        let of_tower: Vec<u8> = row.get(0);
        let numbers: Vec<u64> = (0..sessions).collect();
        for part in numbers.chunks(10_000) {
            let keys: Vec<_> = part.iter().map(|&number| key(number).as_bytes().to_vec()).collect();
            let ids: Vec<_> = part.iter().map(|&number| Id(id(number)).to_string()).collect();
            let (keys, ids) = ((&keys as _, Type::BYTEA_ARRAY), (&ids as _, Type::TEXT_ARRAY));
            let rows: Vec<_> = part.iter().map(|&number| data(number)).collect();
            for (head, tail, keys, rows) in [
                (
                    "hardtack_session SELECT key, 0, 'session', data, NULL, NULL, NULL, 0, 0",
                    ", $3, $3, $3",
                    &keys,
                    &rows,
                ),
                ("bare SELECT key, data", ", $3", &keys, &rows),
                ("versioned SELECT key, data", ", $3, 0", &keys, &rows),
                ("pooled SELECT key, data", ", '2100-01-01'", &ids, &rows),
                (
                    "tower_sessions.session SELECT key, data",
                    ", '2100-01-01'",
                    &ids,
                    &vec![of_tower.clone(); part.len()],
                ),
            ] {
                let sql = format!("INSERT INTO {head}{tail} FROM unnest($1, $2) AS new (key, data)");
                let rows = (rows as _, Type::BYTEA_ARRAY);
                client.execute_typed(&sql, &[keys.clone(), rows, (&expiry(), Type::INT8)]).await?;
            }
        }
        client.batch_execute("VACUUM ANALYZE").await?;
        Ok(client.batch_execute("CHECKPOINT").await?)
    }

    async fn candidates(&self, url: &str, versions: &Versions) -> Result<Vec<Candidate>> {
        let store = PostgresStore::options().without_sweeping().connect(url).await?;
        let mut candidates = vec![
            hardtack(store, Some(PostgresStore::metrics), versions),
            bare(url).await?,
            versioned(url, self.versions.clone()).await?,
        ];
        for (name, size) in [("sqlx, pool of 10", 10), ("sqlx, pool of 32", 32)] {
            candidates.push(sqlx(name, pool(url, size).await?));
        }
        candidates.push(tower("tower-sessions, pool of 32", TowerStore::new(pool(url, 32).await?)));
        Ok(candidates)
    }
}

/// A time that is too far in the future to be reached, in any unit.
const FAR: i64 = 1 << 50;

/// Creates the candidate for tokio-postgres alone, without versions or limits, but with prepared statements. Reads are
/// pipelined on two connections. Writes are sent on two other connections in batches, each of which is one `unnest`
/// statement.
async fn bare(url: &str) -> Result<Candidate> {
    let mut readers = Vec::new();
    let mut writers = Vec::new();
    for _ in 0..2 {
        let reader = connect(url).await?;
        let select = reader.prepare("SELECT data, expires FROM bare WHERE key = $1").await?;
        readers.push(Arc::new((reader, select)));
        let client = connect(url).await?;
        let update = client
            .prepare(
                "UPDATE bare SET data = new.data, expires = new.expires \
                 FROM unnest($1::bytea[], $2::bytea[], $3::int8[]) AS new (key, data, expires) WHERE bare.key = new.key",
            )
            .await?;
        writers.push(Writer { client, update });
    }
    Ok(Candidate {
        name: "tokio-postgres, 2 + 2 connections",
        write: batched(writers),
        read: Some(operation(move |number| {
            let reader = readers[number as usize % 2].clone();
            async move {
                let (client, select) = &*reader;
                let row = client.query_one(select, &[&key(number).as_bytes().as_slice()]).await?;
                assert_eq!(row.get::<_, &[u8]>(0).len(), DATA);
                Ok(())
            }
        })),
        touch: None,
        batches: None,
    })
}

struct Writer {
    client: Client,
    update: Statement,
}

impl Batch for Writer {
    async fn carry_out(&mut self, numbers: &[u64]) -> Result {
        let (keys, rows, expires) = columns(numbers);
        let changed = self.client.execute(&self.update, &[&keys, &rows, &expires]).await?;
        assert_eq!(changed, numbers.len() as u64);
        Ok(())
    }
}

/// Returns the keys, data, and expiries of the sessions to write.
fn columns(numbers: &[u64]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>, Vec<i64>) {
    numbers.iter().map(|&number| (key(number).as_bytes().to_vec(), data(number), FAR)).collect()
}

/// Creates the candidate for tokio-postgres on one connection, with versions as in hardtack. A write replaces only the
/// version that was read, and locks the rows in the order of their keys.
async fn versioned(url: &str, versions: Versions) -> Result<Candidate> {
    let client = connect(url).await?;
    let swap = client
        .prepare(
            "UPDATE versioned SET data = new.data, expires = new.expires, version = new.expected + 1 \
             FROM (SELECT new.* FROM unnest($1::bytea[], $2::bytea[], $3::int8[], $4::int8[]) \
             WITH ORDINALITY AS new (key, data, expires, expected, place) \
             JOIN versioned ON versioned.key = new.key AND versioned.version = new.expected \
             ORDER BY versioned.key FOR UPDATE OF versioned) AS new \
             WHERE versioned.key = new.key AND versioned.version = new.expected RETURNING new.place",
        )
        .await?;
    Ok(Candidate {
        name: "tokio-postgres, with versions",
        write: batched(vec![Swapper { client, swap, versions }]),
        read: None,
        touch: None,
        batches: None,
    })
}

struct Swapper {
    client: Client,
    swap: Statement,
    versions: Versions,
}

impl Batch for Swapper {
    async fn carry_out(&mut self, numbers: &[u64]) -> Result {
        let (keys, rows, expires) = columns(numbers);
        let version = |&number| self.versions.of_number(number).get().cast_signed();
        let expected: Vec<i64> = numbers.iter().map(version).collect();
        let swapped = self.client.query(&self.swap, &[&keys, &rows, &expires, &expected]).await?;
        assert_eq!(swapped.len(), numbers.len());
        for (&number, expected) in numbers.iter().zip(expected) {
            self.versions.note(number, Version::new(expected.cast_unsigned() + 1));
        }
        Ok(())
    }
}

/// Creates the candidate for an sqlx pool, with one transaction per write. It uses the statements of the tower-sessions
/// store as prepared statements.
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
        read: Some(operation(move |number| {
            let pool = reading.clone();
            async move {
                let (data,): (Vec<u8>,) = sqlx::query_as("SELECT data FROM pooled WHERE id = $1")
                    .bind(Id(id(number)).to_string())
                    .fetch_one(&pool)
                    .await?;
                assert_eq!(data.len(), DATA);
                Ok(())
            }
        })),
        touch: None,
        batches: None,
    }
}

/// Creates a pool that does not check each connection before use. By default, sqlx does so, which costs an additional
/// round trip.
async fn pool(url: &str, size: u32) -> Result<PgPool> {
    Ok(PgPoolOptions::new().max_connections(size).test_before_acquire(false).connect(url).await?)
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
