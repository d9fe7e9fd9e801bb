use std::path::Path;
use std::time::Instant;

use hardtack_bench_load::{Ours, Result, data, expiry, key};
use hardtack_sqlite::SqliteStore;
use rusqlite::Connection;
use tokio::runtime::Runtime;

use crate::{Grown, compare, in_order};

pub(crate) fn run(runtime: &Runtime, sizes: &[u64]) -> Result {
    let folder = tempfile::tempdir()?;
    let mut grown = Vec::new();
    for &size in sizes {
        let path = folder.path().join(format!("{size}.db"));
        let since = Instant::now();
        // Opening the store creates the schema.
        drop(runtime.block_on(SqliteStore::open(&path))?);
        fill(&path, size)?;
        let store = runtime.block_on(SqliteStore::options().without_sweeping().open(&path))?;
        grown.push(Grown::new(size, since, |versions| Ours::new(store, versions)));
    }
    compare(runtime, &format!("SQLite {}, synchronous=FULL", rusqlite::version()), &grown)
}

/// Fills the file in one transaction, which need not survive a power failure.
fn fill(path: &Path, size: u64) -> Result {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "synchronous", "off")?;
    let filling = connection.transaction()?;
    {
        let mut insert = filling.prepare(
            "INSERT INTO session (key, version, data, created_at, last_seen, expires_at, deadline, sweep_at) \
             VALUES (?1, 0, ?2, 0, 0, ?3, ?3, ?3)",
        )?;
        let expiry = expiry();
        for number in in_order(size) {
            insert.execute((key(number).as_bytes(), data(number), expiry))?;
        }
    }
    filling.commit()?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}
