use std::time::Duration;

use hardtack_sql::{Failure, Table, check_schema};
use tokio::time::sleep;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error};

use crate::error::{failure, is_created_concurrently};

/// The schema version that this program writes. Version 1 had no columns for the purpose and the lineage, and its keys
/// were derived from the id alone.
const SCHEMA_VERSION: i64 = 2;

/// The maximum number of attempts to create the schema, which can fail because other programs are creating it at the
/// same time.
const MAX_ATTEMPTS: u32 = 30;

/// Returns the statements that create the current schema version in an empty database.
///
/// `purpose`, `owner`, and `label` store UTF-8 as bytes, because PostgreSQL's text type cannot store the character NUL,
/// and because bytes are compared unchanged. `convert_from(owner, 'UTF8')` makes them readable. A record has a
/// `lineage` if and only if it has an `owner`.
///
/// The expiry index covers `sweep_at` instead of `expires_at`, so that a request that extends a session changes no
/// index: such a write leaves `sweep_at` unchanged, and the sweep corrects `sweep_at` when it finds the record.
/// `sweep_at` is never later than `expires_at`. Because no index changes, PostgreSQL can put the new row on the same
/// page as the old one, in the space that `fillfactor` leaves free.
///
/// The owner index ends with the key, so PostgreSQL can read a page of an owner's records from the index in key order.
fn create_statements(table: &Table) -> String {
    let (by_expiry, by_owner) = (table.index("expiry"), table.index("owner"));
    format!(
        "CREATE TABLE {table} (
             key BYTEA NOT NULL PRIMARY KEY,
             version INT8 NOT NULL,
             purpose BYTEA NOT NULL,
             data BYTEA NOT NULL,
             owner BYTEA,
             lineage BYTEA,
             label BYTEA,
             created_at INT8 NOT NULL,
             last_seen INT8 NOT NULL,
             expires_at INT8 NOT NULL,
             deadline INT8 NOT NULL,
             sweep_at INT8 NOT NULL
         ) WITH (fillfactor = 80);
         CREATE INDEX {by_expiry} ON {table} (sweep_at);
         CREATE INDEX {by_owner} ON {table} (owner, purpose, key) WHERE owner IS NOT NULL;"
    )
}

/// Creates the schema if there is none, in one transaction, and refuses any version other than [`SCHEMA_VERSION`]. Any
/// number of programs can do this at the same time: one of them creates the schema, and the others wait until it
/// exists.
pub(crate) async fn migrate(client: &Client, table: &Table) -> Result<(), Failure> {
    let mut lock = Lock::Advisory;
    let mut attempt = 0;
    loop {
        attempt += 1;
        let error = match migrate_once(client, table, lock).await {
            Ok(found) => return check_schema(table, found, SCHEMA_VERSION, env!("CARGO_PKG_NAME")),
            Err(error) => error,
        };
        client.batch_execute("ROLLBACK").await.map_err(failure)?;
        match error.code() {
            // Not every PostgreSQL-compatible server has advisory locks. Without them, only the row is locked.
            Some(&SqlState::FEATURE_NOT_SUPPORTED | &SqlState::UNDEFINED_FUNCTION)
                if lock == Lock::Advisory =>
            {
                lock = Lock::RowOnly;
            }
            _ if is_created_concurrently(&error) && attempt < MAX_ATTEMPTS => {
                sleep(Duration::from_millis(10) * attempt).await;
            }
            _ => return Err(failure(error)),
        }
    }
}

/// The lock that excludes other programs while the schema is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lock {
    /// An advisory lock, which ends with the transaction, and the lock of the row that stores the version.
    Advisory,
    /// Only the lock of the row that stores the version. If several programs create the row's table at the same time,
    /// one of them succeeds, and the others try again.
    RowOnly,
}

/// Creates the schema if necessary, and returns the schema version.
async fn migrate_once(client: &Client, table: &Table, lock: Lock) -> Result<i64, Error> {
    let versions = table.version_table();
    match client.query_typed_one(&format!("SELECT version FROM {versions}"), &[]).await {
        Ok(row) => match row.try_get(0)? {
            0 => {}
            found => return Ok(found),
        },
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => {}
        Err(error) => return Err(error),
    }
    client.batch_execute("BEGIN").await?;
    if lock == Lock::Advisory {
        let taking = "SELECT 1 FROM pg_advisory_xact_lock($1)";
        client.query_typed(taking, &[(&table.lock_id(), Type::INT8)]).await?;
    }
    client
        .batch_execute(&format!(
            "CREATE TABLE IF NOT EXISTS {versions} (one INT8 NOT NULL PRIMARY KEY, version INT8 NOT NULL);
             INSERT INTO {versions} (one, version) VALUES (1, 0) ON CONFLICT (one) DO NOTHING;"
        ))
        .await?;
    let row = client.query_typed_one(&format!("SELECT version FROM {versions} FOR UPDATE"), &[]).await?;
    let found: i64 = row.try_get(0)?;
    if found != 0 {
        client.batch_execute("COMMIT").await?;
        return Ok(found);
    }
    client.batch_execute(&create_statements(table)).await?;
    client.batch_execute(&format!("UPDATE {versions} SET version = {SCHEMA_VERSION}; COMMIT")).await?;
    Ok(SCHEMA_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Reader;
    use crate::writer::Writer;
    use hardtack_engines::Postgres;
    use tokio_postgres::{NoTls, Row};

    async fn connect(engine: &Postgres) -> Client {
        let (client, connection) = tokio_postgres::connect(&engine.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    #[tokio::test]
    #[ignore = "needs PostgreSQL, which ./test installs"]
    async fn every_statement_that_grows_uses_an_index() {
        let engine = Postgres::start_without_sync().unwrap();
        let client = connect(&engine).await;
        let table = Table::new("session", '"').unwrap();
        migrate(&client, &table).await.unwrap();
        let fill = "INSERT INTO session SELECT sha256(n::text::bytea), n, 'session', 'data', \
                    sha256((n % 999)::text::bytea), 'lineage', NULL, n, n, n, n, n FROM generate_series(1, 30000) AS n; ANALYZE session";
        client.batch_execute(fill).await.unwrap();
        let (reader, writer) = (Reader::new(&table), Writer::new(&table));
        for (sql, index) in [
            (&reader.load, "session_pkey"),
            (&reader.owned_by, "session_by_owner"),
            (&reader.has_others, "session_by_owner"),
            (&reader.page, "session_pkey"),
            (&writer.change.sql, "session_pkey"),
            (&writer.delete, "session_pkey"),
            (&writer.delete_owned_by, "session_by_owner"),
            (&writer.sweep, "session_by_expiry"),
            (&writer.sweep_later, "session_by_expiry"),
        ] {
            let plan = plan(&client, sql, &writer.change.purpose).await;
            assert!(plan.contains(index), "{sql}\n{plan}");
            assert!(!plan.contains("Seq Scan"), "{sql}\n{plan}");
            assert!(sql.contains("FOR UPDATE") || !plan.contains("Sort"), "{sql}\n{plan}");
        }
        // The generic plan of the prepared statement, which must be good for any parameters, uses the index too.
        let prepare = "SET plan_cache_mode = force_generic_plan; \
                       PREPARE change (bytea[], bytea[], bytea[], bytea[], int8[], text) AS";
        client.batch_execute(&format!("{prepare} {}", writer.change.sql)).await.unwrap();
        let nothing = ["NULL"; 6].join(", ");
        let explain = format!("EXPLAIN EXECUTE change ({nothing})");
        let plan: String = lines(&client.query_typed(&explain, &[]).await.unwrap());
        assert!(plan.contains("session_pkey") && !plan.contains("Seq Scan"), "{plan}");
    }

    /// Returns the server's plan for a statement with parameters like those that the store sends.
    async fn plan(client: &Client, sql: &str, purpose: &str) -> String {
        let (keys, versions, numbers) = (vec![vec![7_u8; 32]; 64], vec![7_i64; 64], vec![7_i64; 6 * 64]);
        let (key, number) = (&keys[0], 100_i64);
        let bytes: (&(dyn tokio_postgres::types::ToSql + Sync), Type) = (&keys, Type::BYTEA_ARRAY);
        let parameters = if sql.contains("DELETE") && sql.contains("unnest") {
            vec![bytes, (&versions as _, Type::INT8_ARRAY)]
        } else if sql.contains("unnest") {
            vec![
                bytes.clone(),
                bytes.clone(),
                bytes.clone(),
                bytes,
                (&numbers as _, Type::INT8_ARRAY),
                (&purpose as _, Type::TEXT),
            ]
        } else if sql.contains("ANY") {
            vec![bytes]
        } else if sql.contains("owner =") {
            let key = || (key as _, Type::BYTEA);
            vec![key(), key(), key(), (&number as _, Type::INT8)]
        } else if sql.contains("key >") {
            vec![(key as _, Type::BYTEA), (&number as _, Type::INT8)]
        } else {
            vec![(&number as _, Type::INT8), (&number as _, Type::INT8), (&number as _, Type::INT8)]
        };
        let used = (1..=parameters.len()).filter(|number| sql.contains(&format!("${number}"))).count();
        let rows = client.query_typed(&format!("EXPLAIN {sql}"), &parameters[..used]).await.unwrap();
        lines(&rows)
    }

    fn lines(rows: &[Row]) -> String {
        rows.iter().map(|row| format!("{}\n", row.get::<_, String>(0))).collect()
    }

    #[tokio::test]
    #[ignore = "needs PostgreSQL, which ./test installs"]
    async fn the_schema_is_created_once_and_any_other_is_refused() {
        let engine = Postgres::start_without_sync().unwrap();
        let client = connect(&engine).await;
        let table = Table::new("session", '"').unwrap();
        migrate(&client, &table).await.unwrap();
        client.batch_execute("DROP INDEX session_by_owner").await.unwrap();
        migrate(&client, &table).await.unwrap();
        assert!(client.batch_execute("DROP INDEX session_by_owner").await.is_err());
        for (version, remedy) in
            [(1, "drop the tables \"session\" and \"session_schema\""), (3, "newer release")]
        {
            let other = format!("UPDATE session_schema SET version = {version}");
            client.batch_execute(&other).await.unwrap();
            let connect_failure = migrate(&client, &table).await.unwrap_err().to_error("connecting");
            let cause = std::error::Error::source(&connect_failure).unwrap().to_string();
            assert!(cause.contains(remedy), "{cause}");
        }
    }
}
