use hardtack_sql::{Failure, Table};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Row};

use crate::error::failure;
use crate::row;

/// The version of the schema that this program writes.
const CURRENT: i64 = 1;

/// For how many seconds at most others are waited for who make the schema.
const PATIENCE: u32 = 30;

/// "This table does not exist."
const NO_SUCH_TABLE: u16 = 1146;

/// One step for each version: the first makes an empty database into version 1. The server commits each statement that
/// defines something by itself, so a step must be such that it can be done again.
///
/// `owner` and `label` hold UTF-8 as bytes, so that they are compared as they are: the server's texts ignore case and
/// spaces at the end. `CONVERT(owner USING utf8mb4)` reads them.
///
/// The index on expiry holds not `expires_at` but `sweep_at`, which is never later: when a session is used and expires
/// later than it did, only the record is written, and sweeping corrects `sweep_at` if it comes upon it.
fn migrations(table: &Table) -> [String; CURRENT as usize] {
    let (by_expiry, by_owner) = (table.index("expiry"), table.index("owner"));
    [format!(
        "CREATE TABLE IF NOT EXISTS {table} (
             `key` BINARY(32) NOT NULL PRIMARY KEY,
             version BIGINT UNSIGNED NOT NULL,
             data LONGBLOB NOT NULL,
             owner LONGBLOB,
             label LONGBLOB,
             created_at BIGINT NOT NULL,
             last_seen BIGINT NOT NULL,
             expires_at BIGINT NOT NULL,
             deadline BIGINT NOT NULL,
             sweep_at BIGINT NOT NULL,
             INDEX {by_expiry} (sweep_at),
             INDEX {by_owner} (owner(255))
         ) ENGINE = InnoDB ROW_FORMAT = DYNAMIC"
    )]
}

/// Brings the schema to [`CURRENT`]. Safe when many programs do it at once: one of them makes it, the others wait for
/// its lock and find it.
pub(crate) async fn migrate(connection: &mut Conn, table: &Table) -> Result<(), Failure> {
    if let Some(found) = version(connection, table).await?
        && found > 0
    {
        return check(found, table);
    }
    let name = format!("hardtack {:x}", table.lock());
    let taken: Vec<Row> =
        connection.query(format!("SELECT GET_LOCK('{name}', {PATIENCE})")).await.map_err(failure)?;
    let taken: Vec<i64> = taken.into_iter().map(row::number).collect::<Result<_, _>>()?;
    if taken != [1] {
        return Err(Failure::refused("another program has been making the session table for half a minute"));
    }
    let migrated = migrate_alone(connection, table).await;
    // Should this fail, the connection is gone, and the lock with it.
    let released = connection.query_drop(format!("DO RELEASE_LOCK('{name}')")).await.map_err(failure);
    let found = migrated?;
    released?;
    check(found, table)
}

/// The version that the schema has now.
async fn migrate_alone(connection: &mut Conn, table: &Table) -> Result<i64, Failure> {
    let versions = table.of_versions();
    connection
        .query_drop(format!(
            "CREATE TABLE IF NOT EXISTS {versions} (one BIGINT NOT NULL PRIMARY KEY, version BIGINT NOT NULL) \
             ENGINE = InnoDB; INSERT IGNORE INTO {versions} (one, version) VALUES (1, 0)"
        ))
        .await
        .map_err(failure)?;
    let found = version(connection, table).await?.unwrap_or(0);
    let steps = usize::try_from(found).unwrap_or(usize::MAX);
    for (number, step) in (1..).zip(&migrations(table)).skip(steps) {
        let told = format!("{step}; UPDATE {versions} SET version = {number}");
        connection.query_drop(told).await.map_err(failure)?;
    }
    Ok(found.max(CURRENT))
}

async fn version(connection: &mut Conn, table: &Table) -> Result<Option<i64>, Failure> {
    let rows: Result<Vec<Row>, Error> =
        connection.query(format!("SELECT version FROM {}", table.of_versions())).await;
    match rows {
        Ok(rows) => rows.into_iter().next().map(row::number).transpose(),
        Err(Error::Server(answer)) if answer.code == NO_SUCH_TABLE => Ok(None),
        Err(error) => Err(failure(error)),
    }
}

fn check(found: i64, table: &Table) -> Result<(), Failure> {
    if found == CURRENT {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "the table {table} has schema version {found} and this program knows versions up to {CURRENT}; run the newer \
         release of hardtack-mysql that wrote it, or give the store another table"
    )))
}
