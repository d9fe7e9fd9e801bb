use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::error::OpenError;
use crate::file;
use crate::options::{Durability, SqliteOptions};

/// The version of the schema that this release creates and accepts. Version 1 had no purpose and no lineage, and its
/// keys were derived from the id alone.
const SCHEMA_VERSION: i64 = 2;

/// Marks a file as ours in SQLite's `application_id` field: "htck".
const APPLICATION_ID: i64 = 0x6874_636b;

/// Creates the current version of the schema in an empty file. A record has a `lineage` if it has an `owner`.
///
/// Records are stored directly in the B-tree of the keys (`WITHOUT ROWID`), so a lookup searches one tree instead of
/// two.
///
/// The expiry index covers `sweep_at` instead of `expires_at`. `sweep_at` is never later than `expires_at`: when a
/// request extends a session, only the record is written, not the index. When `sweep_at` has passed, the sweep sets it
/// to the new expiry. A write therefore changes one page instead of three, at the cost of one correction per session
/// and idle timeout.
const TABLES: &str = "
CREATE TABLE session (
    key BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    data BLOB NOT NULL,
    owner TEXT,
    lineage BLOB,
    label TEXT,
    created_at INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    sweep_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_expiry ON session (sweep_at);
CREATE INDEX session_by_owner ON session (owner, purpose) WHERE owner IS NOT NULL;
";

/// The capacity of a connection's prepared statement cache, which is more than the number of statements.
const MAX_CACHED_STATEMENTS: usize = 16;

/// The number of pages that the write-ahead log holds (16 MB) before a checkpoint copies them into the database: four
/// times SQLite's default. Writes to sessions are scattered over the file. With a larger log, a page that is written
/// several times is copied only once.
const MAX_LOG_PAGES: i64 = 4000;

/// The number of bytes of the file that are memory-mapped instead of copied. SQLite limits this to almost 2 GB. Mapping
/// uses address space, not memory.
const MAX_MAPPED_BYTES: i64 = 2 << 30;

/// Opens the writer's connection, and creates the file and its schema if they do not exist.
///
/// Several processes may call this function at the same time: one of them creates the schema, and the others wait for
/// it.
pub(crate) fn open_writer(path: &Path, options: &SqliteOptions) -> Result<Connection, OpenError> {
    file::create_private(path)?;
    let mut connection = Connection::open_with_flags(path, flags())?;
    connection.busy_timeout(options.busy_timeout)?;
    // SQLite returns no error when it opens a file that it cannot write to. This check comes before the first
    // statement, so that SQLite has not yet created a write-ahead log for the file.
    if connection.is_readonly("main")? {
        return Err(file::read_only());
    }
    // SQLite does not call its busy handler when two connections switch to WAL mode at the same time.
    retry_while_busy(options.busy_timeout, || {
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
        if mode != "wal" {
            return Err("the file cannot have a write-ahead log: put it on a local disk".into());
        }
        Ok(())
    })?;
    retry_while_busy(options.busy_timeout, || migrate(&mut connection))?;
    // If the log is not writable, only a write transaction reports it.
    retry_while_busy(options.busy_timeout, || Ok(connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?))?;
    set_up(&connection, options)?;
    Ok(connection)
}

/// Opens a read-only connection to a file that [`open_writer`] has prepared.
pub(crate) fn open_reader(path: &Path, options: &SqliteOptions) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(path, flags())?;
    connection.busy_timeout(options.busy_timeout)?;
    set_up(&connection, options)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Opens an in-memory database, which exists as long as its only connection.
pub(crate) fn open_in_memory(options: &SqliteOptions) -> Result<Connection, OpenError> {
    let mut connection = Connection::open_in_memory()?;
    migrate(&mut connection)?;
    set_up(&connection, options)?;
    Ok(connection)
}

/// Returns the flags for opening a file. SQLite does not lock connections, because only one thread uses a connection at
/// a time. Paths are not interpreted as URIs.
fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn set_up(connection: &Connection, options: &SqliteOptions) -> Result<(), OpenError> {
    connection.set_prepared_statement_cache_capacity(MAX_CACHED_STATEMENTS);
    connection.pragma_update(
        None,
        "synchronous",
        match options.durability {
            Durability::Full => "full",
            Durability::Normal => "normal",
        },
    )?;
    // On macOS, the disk's own cache is flushed only on request; elsewhere this has no effect.
    connection.pragma_update(None, "fullfsync", options.durability == Durability::Full)?;
    connection.pragma_update(None, "mmap_size", MAX_MAPPED_BYTES)?;
    connection.pragma_update(None, "wal_autocheckpoint", MAX_LOG_PAGES)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    Ok(())
}

/// Creates the schema if there is none, in one transaction, and refuses any version other than [`SCHEMA_VERSION`].
fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    if version(connection)? == SCHEMA_VERSION && is_ours(connection)? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    let is_empty: bool =
        transaction.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?;
    let is_new = found == 0 && is_empty;
    if !is_new && !is_ours(&transaction)? {
        return Err("the file is another program's database: give the session store its own file".into());
    }
    if !is_new && found != SCHEMA_VERSION {
        return Err(other_version(found).into());
    }
    if !is_new {
        return Ok(());
    }
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.commit()?;
    Ok(())
}

fn other_version(found: i64) -> String {
    if (0..SCHEMA_VERSION).contains(&found) {
        format!(
            "the file has schema version {found}, and this program needs version {SCHEMA_VERSION}; its sessions \
             cannot be migrated, because their keys are not bound to a purpose: delete the file, or give the store \
             another file; all users must log in again"
        )
    } else {
        format!(
            "the file has schema version {found}, and this program supports versions up to {SCHEMA_VERSION}: run \
             the newer release of hardtack-sqlite that wrote it, or give the store another file"
        )
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok(id == APPLICATION_ID)
}

/// Retries an operation while another process locks the file, for up to `timeout`.
fn retry_while_busy(
    timeout: Duration,
    mut attempt: impl FnMut() -> Result<(), OpenError>,
) -> Result<(), OpenError> {
    let give_up_at = Instant::now() + timeout;
    let mut pause = Duration::from_millis(1);
    loop {
        match attempt() {
            Err(error) if is_busy(&error) && Instant::now() < give_up_at => {
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(50));
            }
            result => return result,
        }
    }
}

fn is_busy(error: &OpenError) -> bool {
    let code = error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(connection: &mut Connection) -> String {
        migrate(connection).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_file_gets_the_schema_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection.execute_batch("DROP INDEX session_by_owner").unwrap();
        migrate(&mut connection).unwrap();
        let indexes: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'session_by%'", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!((version(&connection).unwrap(), indexes), (SCHEMA_VERSION, 1));
    }

    #[test]
    fn a_newer_schema_is_refused_with_a_fix() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
        assert!(refusal(&mut connection).contains("newer release"));
        connection.pragma_update(None, "user_version", -1).unwrap();
        assert!(refusal(&mut connection).contains("another file"));
    }

    #[test]
    fn an_older_schema_is_refused_with_a_reason_and_a_fix() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        let refusal = refusal(&mut connection);
        assert!(
            refusal.contains("not bound to a purpose") && refusal.contains("delete the file"),
            "{refusal}"
        );
    }

    #[test]
    fn another_programs_database_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
        assert!(refusal(&mut connection).contains("its own file"));
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", SCHEMA_VERSION).unwrap();
        assert!(refusal(&mut connection).contains("its own file"));
    }

    #[test]
    fn every_query_that_grows_uses_an_index() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        for sql in [
            crate::statements::SWEEP,
            crate::statements::POSTPONE_SWEEP,
            crate::statements::DELETE_OWNED_BY,
            crate::reader::OWNED_BY,
            crate::reader::LOAD,
            crate::reader::PAGE,
            crate::statements::REPLACE,
            crate::statements::REPLACE_WITH_EARLIER_EXPIRY,
        ] {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let count = statement.parameter_count();
            let parameters = rusqlite::params_from_iter(std::iter::repeat_n(1, count));
            let plan: Vec<String> =
                statement.query_map(parameters, |row| row.get(3)).unwrap().map(Result::unwrap).collect();
            let grows = |line: &String| line.contains("SCAN session") || line.contains("TEMP B-TREE");
            assert!(!plan.iter().any(grows), "{sql}: {plan:?}");
        }
    }
}
