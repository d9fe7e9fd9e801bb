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
    for statement in [
        format!(
            "CREATE TABLE IF NOT EXISTS {versions} (one BIGINT NOT NULL PRIMARY KEY, version BIGINT NOT NULL) \
             ENGINE = InnoDB"
        ),
        format!("INSERT IGNORE INTO {versions} (one, version) VALUES (1, 0)"),
    ] {
        connection.query_drop(statement).await.map_err(failure)?;
    }
    let found = version(connection, table).await?.unwrap_or(0);
    let steps = usize::try_from(found).unwrap_or(usize::MAX);
    for (number, step) in (1..).zip(&migrations(table)).skip(steps) {
        connection.query_drop(step).await.map_err(failure)?;
        connection.query_drop(format!("UPDATE {versions} SET version = {number}")).await.map_err(failure)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Reader;
    use crate::writer::Writer;
    use hardtack_core::session::{Owner, StoreKey};
    use hardtack_engines::MariaDb;

    #[tokio::test]
    #[ignore = "needs MariaDB, which ./test installs"]
    async fn every_statement_that_grows_uses_an_index() {
        let engine = MariaDb::start_with(&["innodb_flush_log_at_trx_commit=0"]).unwrap();
        let mut connection = Conn::from_url(engine.url()).await.unwrap();
        let table = Table::new("session", '`').unwrap();
        migrate(&mut connection, &table).await.unwrap();
        let fill = "INSERT INTO session SELECT unhex(sha2(seq, 256)), seq, 'data', sha2(seq % 999, 256), NULL, \
                    seq, seq, seq, seq, seq FROM seq_1_to_30000";
        connection.query_drop(fill).await.unwrap();
        connection.query_drop("ANALYZE TABLE session").await.unwrap();
        let (reader, writer) = (Reader::new(&table), Writer::new(&table));
        let keys: Vec<StoreKey> = (0..64).map(|number| StoreKey::from_bytes([number; 32])).collect();
        let owner = Owner::new("ann");
        for (sql, index) in [
            (reader.loading(&keys), "PRIMARY"),
            (reader.listing(&owner), "session_by_owner"),
            (reader.paging(None, 100), "PRIMARY"),
            (reader.paging(Some(&keys[7]), 100), "PRIMARY"),
            (writer.ending(&owner, Some(&keys[0])), "session_by_owner"),
            (writer.due(100), "session_by_expiry"),
        ] {
            let plan: Option<Row> = connection.query_first(format!("EXPLAIN {sql}")).await.unwrap();
            let mut plan = plan.unwrap();
            let used: Option<String> = plan.take("key").unwrap();
            assert_eq!(used.as_deref(), Some(index), "{sql}");
            let kind: String = plan.take("type").unwrap();
            assert_ne!(kind, "index", "the whole index is read: {sql}");
            let extra: String = plan.take("Extra").unwrap();
            assert!(!extra.contains("filesort"), "{sql}");
        }
    }

    #[tokio::test]
    #[ignore = "needs MariaDB, which ./test installs"]
    async fn the_schema_is_made_once_and_a_newer_one_is_refused() {
        let engine = MariaDb::start_with(&["innodb_flush_log_at_trx_commit=0"]).unwrap();
        let mut connection = Conn::from_url(engine.url()).await.unwrap();
        let table = Table::new("session", '`').unwrap();
        migrate(&mut connection, &table).await.unwrap();
        migrate(&mut connection, &table).await.unwrap();
        connection.query_drop("UPDATE session_schema SET version = 2").await.unwrap();
        let refusal = migrate(&mut connection, &table).await.unwrap_err().to_error("connecting");
        let cause = std::error::Error::source(&refusal).unwrap().to_string();
        assert!(cause.contains("newer release"), "{cause}");
    }
}
