use hardtack_core::protocol::Purpose;
use hardtack_sql::{Failure, MAX_OWNER_BYTES, Table, check_schema};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Row};

use crate::error::failure;
use crate::row;

/// The schema version that this program writes. Version 1 had no columns for the purpose and the lineage, and its keys
/// were derived from the id alone.
const SCHEMA_VERSION: i64 = 2;

/// The number of seconds to wait for other programs that are creating the schema.
const PATIENCE: u32 = 30;

/// The server's error code for a table that does not exist.
const NO_SUCH_TABLE: u16 = 1146;

/// Returns the statement that creates the table of the current schema version in an empty database. The server commits
/// each DDL statement by itself, so creating the schema may stop halfway. The statement therefore succeeds if the table
/// already exists.
///
/// `purpose`, `owner`, and `label` store UTF-8 as bytes, because bytes are compared unchanged, whereas comparisons of
/// the server's text types ignore case and trailing spaces. `CONVERT(owner USING utf8mb4)` makes them readable. A
/// record has a `lineage` if and only if it has an `owner`.
///
/// The expiry index covers `sweep_at` instead of `expires_at`, so that a request that extends a session changes no
/// index: such a write leaves `sweep_at` unchanged, and the sweep corrects `sweep_at` when it finds the record.
/// `sweep_at` is never later than `expires_at`.
///
/// The owner index ends with the key, so the server can read a page of an owner's records from the index in key order.
/// The index must contain the whole owner, which limits the owner's length.
fn create_statement(table: &Table) -> String {
    let (by_expiry, by_owner) = (table.index("expiry"), table.index("owner"));
    let (longest_owner, longest_purpose) = (MAX_OWNER_BYTES, Purpose::MAX_LEN);
    format!(
        "CREATE TABLE IF NOT EXISTS {table} (
             `key` BINARY(32) NOT NULL PRIMARY KEY,
             version BIGINT UNSIGNED NOT NULL,
             purpose VARBINARY({longest_purpose}) NOT NULL,
             data LONGBLOB NOT NULL,
             owner VARBINARY({longest_owner}),
             lineage BINARY(16),
             label LONGBLOB,
             created_at BIGINT NOT NULL,
             last_seen BIGINT NOT NULL,
             expires_at BIGINT NOT NULL,
             deadline BIGINT NOT NULL,
             sweep_at BIGINT NOT NULL,
             INDEX {by_expiry} (sweep_at),
             INDEX {by_owner} (owner, purpose, `key`)
         ) ENGINE = InnoDB ROW_FORMAT = DYNAMIC"
    )
}

/// Creates the schema if there is none, and refuses any version other than [`SCHEMA_VERSION`]. Any number of programs
/// can do this at the same time: one of them creates the schema under a lock, and the others wait for the lock and then
/// find the schema.
pub(crate) async fn migrate(connection: &mut Conn, table: &Table) -> Result<(), Failure> {
    if let Some(found) = version(connection, table).await?
        && found > 0
    {
        return check_schema(table, found, SCHEMA_VERSION, env!("CARGO_PKG_NAME"));
    }
    let name = format!("hardtack {:x}", table.lock_id());
    let taken: Vec<Row> =
        connection.query(format!("SELECT GET_LOCK('{name}', {PATIENCE})")).await.map_err(failure)?;
    let taken: Vec<i64> = taken.into_iter().map(row::number).collect::<Result<_, _>>()?;
    if taken != [1] {
        return Err(Failure::refused("another program has been creating the session table for 30 seconds"));
    }
    let migrated = migrate_alone(connection, table).await;
    // If releasing the lock fails, the connection is broken, and the server releases the lock when it closes the
    // connection.
    let released = connection.query_drop(format!("DO RELEASE_LOCK('{name}')")).await.map_err(failure);
    let found = migrated?;
    released?;
    check_schema(table, found, SCHEMA_VERSION, env!("CARGO_PKG_NAME"))
}

/// Creates the schema if necessary, and returns the schema version. The caller must hold the lock.
async fn migrate_alone(connection: &mut Conn, table: &Table) -> Result<i64, Failure> {
    let versions = table.version_table();
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
    if found != 0 {
        return Ok(found);
    }
    connection.query_drop(create_statement(table)).await.map_err(failure)?;
    connection
        .query_drop(format!("UPDATE {versions} SET version = {SCHEMA_VERSION}"))
        .await
        .map_err(failure)?;
    Ok(SCHEMA_VERSION)
}

async fn version(connection: &mut Conn, table: &Table) -> Result<Option<i64>, Failure> {
    let rows: Result<Vec<Row>, Error> =
        connection.query(format!("SELECT version FROM {}", table.version_table())).await;
    match rows {
        Ok(rows) => rows.into_iter().next().map(row::number).transpose(),
        Err(Error::Server(answer)) if answer.code == NO_SUCH_TABLE => Ok(None),
        Err(error) => Err(failure(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Reader;
    use crate::writer::Writer;
    use hardtack_core::protocol::{Lineage, Owner, StoreKey};
    use hardtack_engines::MariaDb;
    use hardtack_sql::OwnerKey;

    #[tokio::test]
    #[ignore = "needs MariaDB, which ./test installs"]
    async fn every_statement_that_grows_uses_an_index() {
        let engine = MariaDb::start_without_sync().unwrap();
        let mut connection = Conn::from_url(engine.url()).await.unwrap();
        let table = Table::new("session", '`').unwrap();
        migrate(&mut connection, &table).await.unwrap();
        let fill = "INSERT INTO session SELECT unhex(sha2(seq, 256)), seq, 'session', 'data', sha2(seq % 999, 256), \
                    unhex(md5(seq)), NULL, seq, seq, seq, seq, seq FROM seq_1_to_30000";
        connection.query_drop(fill).await.unwrap();
        connection.query_drop("ANALYZE TABLE session").await.unwrap();
        let (reader, writer) = (Reader::new(&table), Writer::new(&table));
        let keys: Vec<StoreKey> = (0..64).map(|number| StoreKey::from_bytes([number; 32])).collect();
        let owner_key = OwnerKey { purpose: Purpose::default(), owner: Owner::new("ann") };
        let spared = Lineage::from_random([7; 16]);
        for (sql, index) in [
            (reader.load_sql(&keys), "PRIMARY"),
            (reader.owned_by_sql(&owner_key, &[], 100), "session_by_owner"),
            (reader.owned_by_sql(&owner_key, keys[7].as_bytes(), 100), "session_by_owner"),
            (reader.has_others_sql(&owner_key, Some(&spared)), "session_by_owner"),
            (reader.page_sql(&[], 100), "PRIMARY"),
            (reader.page_sql(keys[7].as_bytes(), 100), "PRIMARY"),
            (writer.delete_owned_by_sql(&owner_key, Some(&spared)), "session_by_owner"),
            (writer.due_sql(100), "session_by_expiry"),
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
    async fn the_schema_is_created_once_and_any_other_is_refused() {
        let engine = MariaDb::start_without_sync().unwrap();
        let mut connection = Conn::from_url(engine.url()).await.unwrap();
        let table = Table::new("session", '`').unwrap();
        migrate(&mut connection, &table).await.unwrap();
        migrate(&mut connection, &table).await.unwrap();
        for (version, remedy) in [(1, "drop the tables `session` and `session_schema`"), (3, "newer release")]
        {
            let other = format!("UPDATE session_schema SET version = {version}");
            connection.query_drop(other).await.unwrap();
            let refusal = migrate(&mut connection, &table).await.unwrap_err().to_error("connecting");
            let cause = std::error::Error::source(&refusal).unwrap().to_string();
            assert!(cause.contains(remedy), "{cause}");
        }
    }
}
