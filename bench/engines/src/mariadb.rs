use std::fmt::Write;

use futures_util::TryStreamExt;
use hardtack_bench_load::{DATA, Result, Versions, data, expiry, id, key, operation};
use hardtack_engines::MariaDb;
use hardtack_mysql::MySqlStore;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Pool, PoolConstraints, PoolOpts};
use sqlx::mysql::{MySqlConnection, MySqlPool, MySqlPoolOptions};
use sqlx::{Connection, Executor, Row};
use tower_sessions_core::SessionStore as _;
use tower_sessions_core::protocol::Id;
use tower_sessions_sqlx_store::MySqlStore as TowerStore;

use crate::batch::{Batch, batched};
use crate::candidate::{Candidate, hardtack, tower, tower_record};
use crate::contest::Contest;

const SETTINGS: [&str; 4] = [
    "innodb_flush_log_at_trx_commit=1",
    "innodb_buffer_pool_size=4G",
    "innodb_log_file_size=4G",
    "max_connections=200",
];

pub(crate) struct OnMariaDb(MariaDb);

impl OnMariaDb {
    pub(crate) fn start() -> Result<Self> {
        Ok(Self(MariaDb::start_with(&SETTINGS)?))
    }
}

impl Contest for OnMariaDb {
    fn title(&self) -> String {
        format!("{}: {}", self.0.version(), SETTINGS.join(", "))
    }

    fn url(&self) -> String {
        self.0.url()
    }

    async fn fill(&self, sessions: u64, _: &Versions) -> Result {
        let url = self.0.url();
        drop(MySqlStore::connect(&url).await?);
        let mut conn = Conn::from_url(&url).await?;
        conn.query_drop(
            "CREATE TABLE pooled (id BINARY(32) PRIMARY KEY, data BLOB NOT NULL, expires BIGINT NOT NULL) ENGINE = InnoDB",
        )
        .await?;
        let pool = pool(&url, 1).await?;
        let tower = TowerStore::new(pool.clone());
        tower.migrate().await?;
        tower.save(&tower_record(0)).await?;
        let row = sqlx::query("DELETE FROM tower_sessions.session RETURNING data").fetch_one(&pool).await?;
        let of_tower: Vec<u8> = row.get(0);
        let numbers: Vec<u64> = (0..sessions).collect();
        let expiry = expiry();
        for part in numbers.chunks(5000) {
            let mut texts = [
                "INSERT INTO hardtack_session (`key`, purpose, data, version, created_at, last_seen, expires_at, \
                 deadline, sweep_at) VALUES ",
                "INSERT INTO pooled (id, data, expires) VALUES ",
                "INSERT INTO tower_sessions.session (id, data, expiry_date) VALUES ",
            ]
            .map(str::to_owned);
            for &number in part {
                let (key, data) = (hex(key(number).as_bytes()), hex(&data(number)));
                write!(texts[0], "(X'{key}','session',X'{data}',0,0,0,{expiry},{expiry},{expiry}),")?;
                write!(texts[1], "(X'{key}',X'{data}',0),")?;
                write!(texts[2], "('{}',X'{}','2037-01-01'),", Id(id(number)), hex(&of_tower))?;
            }
            for text in texts {
                conn.query_drop(text.trim_end_matches(',')).await?;
            }
        }
        conn.query_drop("ANALYZE TABLE hardtack_session, pooled, tower_sessions.session").await?;
        Ok(conn.disconnect().await?)
    }

    async fn candidates(&self, url: &str, versions: &Versions) -> Result<Vec<Candidate>> {
        let store = MySqlStore::options().without_sweeping().connect(url).await?;
        let mut candidates = vec![
            hardtack(store, Some(MySqlStore::metrics), versions),
            Candidate {
                name: "mysql_async, batches on 2 + 2",
                write: batched(vec![Writer(conn(url).await?), Writer(conn(url).await?)]),
                read: Some(batched(vec![Reader(conn(url).await?), Reader(conn(url).await?)])),
                touch: None,
                batches: None,
            },
            Candidate {
                name: "sqlx, batches on 2 + 2",
                write: batched(vec![Writer(sqlx_conn(url).await?), Writer(sqlx_conn(url).await?)]),
                read: Some(batched(vec![Reader(sqlx_conn(url).await?), Reader(sqlx_conn(url).await?)])),
                touch: None,
                batches: None,
            },
            mysql_async("mysql_async, pool of 32", url)?,
        ];
        for (name, size) in [("sqlx, pool of 10", 10), ("sqlx, pool of 32", 32)] {
            candidates.push(sqlx(name, pool(url, size).await?));
        }
        candidates.push(tower("tower-sessions, pool of 32", TowerStore::new(pool(url, 32).await?)));
        Ok(candidates)
    }
}

/// A connection that sends several writes as one string of statements, because the protocol has no pipelining.
struct Writer<C>(C);

/// A connection that reads several records with one statement.
struct Reader<C>(C);

impl Batch for Writer<Conn> {
    async fn carry_out(&mut self, numbers: &[u64]) -> Result {
        let mut result = self.0.query_iter(writing(numbers)).await?;
        let mut changed = 0;
        while !result.is_empty() {
            changed += result.affected_rows();
            result.next().await?;
        }
        assert_eq!(changed + result.affected_rows(), numbers.len() as u64);
        Ok(())
    }
}

impl Batch for Writer<MySqlConnection> {
    async fn carry_out(&mut self, numbers: &[u64]) -> Result {
        let results = self.0.execute_many(sqlx::raw_sql(&writing(numbers))).try_collect::<Vec<_>>().await?;
        let changed: u64 = results.iter().map(|result| result.rows_affected()).sum();
        assert_eq!(changed, numbers.len() as u64);
        Ok(())
    }
}

impl Batch for Reader<Conn> {
    async fn carry_out(&mut self, numbers: &[u64]) -> Result {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = self.0.query(reading(numbers)).await?;
        assert_eq!(rows.len(), numbers.len());
        Ok(())
    }
}

impl Batch for Reader<MySqlConnection> {
    async fn carry_out(&mut self, numbers: &[u64]) -> Result {
        let rows = self.0.fetch_all(sqlx::raw_sql(&reading(numbers))).await?;
        let rows: Vec<(Vec<u8>, Vec<u8>)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        assert_eq!(rows.len(), numbers.len());
        Ok(())
    }
}

fn writing(numbers: &[u64]) -> String {
    let mut text = String::from("START TRANSACTION");
    let mut numbers = numbers.to_vec();
    // All transactions write in the same order, because otherwise two of them could deadlock.
    numbers.sort_unstable();
    for number in numbers {
        let (key, data) = (hex(key(number).as_bytes()), hex(&data(number)));
        // The expiry is different each time, because the server counts only rows that change.
        let expires = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
        write!(text, "; UPDATE pooled SET data = X'{data}', expires = {expires} WHERE id = X'{key}'")
            .expect("writing to a string does not fail");
    }
    text.push_str("; COMMIT");
    text
}

fn reading(numbers: &[u64]) -> String {
    let keys: Vec<_> = numbers.iter().map(|&number| format!("X'{}'", hex(key(number).as_bytes()))).collect();
    format!("SELECT id, data FROM pooled WHERE id IN ({})", keys.join(","))
}

const UPDATE: &str = "UPDATE pooled SET data = ?, expires = ? WHERE id = ?";
const SELECT: &str = "SELECT data FROM pooled WHERE id = ?";

/// Creates the candidate for the driver's own pool, with prepared statements and one transaction per write.
fn mysql_async(name: &'static str, url: &str) -> Result<Candidate> {
    let constraints = PoolConstraints::new(10, 32).ok_or("10 is less than 32")?;
    let options = OptsBuilder::from_opts(Opts::from_url(url)?)
        .prefer_socket(false)
        .pool_opts(PoolOpts::default().with_constraints(constraints).with_reset_connection(false));
    let pool = Pool::new(options);
    let reading = pool.clone();
    Ok(Candidate {
        name,
        write: operation(move |number| {
            let pool = pool.clone();
            async move {
                let mut conn = pool.get_conn().await?;
                conn.exec_drop(UPDATE, (data(number), number, key(number).as_bytes().as_slice())).await?;
                Ok(())
            }
        }),
        read: Some(operation(move |number| {
            let pool = reading.clone();
            async move {
                let mut conn = pool.get_conn().await?;
                let data: Option<Vec<u8>> =
                    conn.exec_first(SELECT, (key(number).as_bytes().as_slice(),)).await?;
                assert_eq!(data.map(|data| data.len()), Some(DATA));
                Ok(())
            }
        })),
        touch: None,
        batches: None,
    })
}

/// Creates the candidate for an sqlx pool, with prepared statements and one transaction per write.
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
        read: Some(operation(move |number| {
            let pool = reading.clone();
            async move {
                let (data,): (Vec<u8>,) =
                    sqlx::query_as(SELECT).bind(key(number).as_bytes().to_vec()).fetch_one(&pool).await?;
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
async fn pool(url: &str, size: u32) -> Result<MySqlPool> {
    Ok(MySqlPoolOptions::new().max_connections(size).test_before_acquire(false).connect(url).await?)
}

async fn conn(url: &str) -> Result<Conn> {
    Ok(Conn::new(OptsBuilder::from_opts(Opts::from_url(url)?).prefer_socket(false)).await?)
}

async fn sqlx_conn(url: &str) -> Result<MySqlConnection> {
    Ok(MySqlConnection::connect(url).await?)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
