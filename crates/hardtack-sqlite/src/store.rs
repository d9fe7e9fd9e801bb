use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use futures_channel::oneshot;
use hardtack_core::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{
    Cursor, LEFT_OUT, LeftOut, Page, Rows, SessionListing, SessionStore, StoreError, Stored, Summary, Swap,
    Version, millis,
};

use crate::error::OpenError;
use crate::error::thread_gone;
use crate::file::{self, DatabaseFile};
use crate::metrics::{Metrics, SqliteMetrics};
use crate::options::SqliteOptions;
use crate::process::Process;
use crate::queue::Queue;
use crate::reader::{Readers, SharedConnection};
use crate::schema;
use crate::write::{Write, WriteOutcome};
use crate::writer::{self, MAX_WAITING_WRITES, WriteRequest, Writer};

/// A session store in an SQLite file, for one server or a few processes on one machine, with nothing else to run.
///
/// Clones share the same file. A single thread writes: it takes all waiting writes, commits them as one transaction,
/// and then answers. Under load, many writes share one disk sync. Reads run on the calling thread unless you [choose
/// otherwise](SqliteOptions::reads).
///
/// ```
/// # pollster::block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("sessions.db");
/// use hardtack_core::protocol::{Purpose, Record, StoreKey};
/// use hardtack_core::store::SessionStore;
/// use hardtack_sqlite::SqliteStore;
/// use std::time::{Duration, SystemTime};
///
/// let (key, now) = (StoreKey::from_bytes([7; 32]), SystemTime::UNIX_EPOCH);
/// let record = Record::new(Purpose::default(), *b"data", now)
///     .expires_at(now + Duration::from_secs(60))
///     .deadline(now + Duration::from_secs(3600));
/// let store = SqliteStore::open(&path).await?;
/// let _ = store.create(&key, &record).await?;
/// drop(store);
///
/// let reopened = SqliteStore::open(&path).await?;
/// assert_eq!(reopened.load(&key).await?.map(|stored| stored.record), Some(record));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Dropping the last handle waits until all requested writes are done.
///
/// # Limits
///
/// The file must be on a local disk: SQLite's write-ahead log needs memory shared between the processes that use it,
/// which network file systems do not provide. If the file is deleted or replaced while the store is open, every later
/// write fails.
///
/// A forked process must open the store again: the store's threads exist only in the parent, so every operation on the
/// old handle returns an error in the child.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    queue: Arc<Queue<WriteRequest>>,
    metrics: Arc<Metrics>,
    readers: Readers,
    writer: Option<JoinHandle<()>>,
    process: Process,
}

const OPENING: &str = "opening the session database";

impl SqliteStore {
    /// Opens the file at `path` with the default [options](SqliteOptions), creating it if it does not exist.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`SqliteOptions::open`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::options().open(path).await
    }

    /// Opens an in-memory database, for tests.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`SqliteOptions::in_memory`].
    pub async fn in_memory() -> Result<Self, StoreError> {
        Self::options().in_memory().await
    }

    /// Returns the default options, to change before opening.
    pub fn options() -> SqliteOptions {
        SqliteOptions::new()
    }

    /// Returns the totals of this store's operations since it was opened.
    #[must_use]
    pub fn metrics(&self) -> SqliteMetrics {
        self.inner.metrics.totals(self.inner.queue.len())
    }

    /// Starts the writer thread. That thread opens the file, so this function does not block.
    pub(crate) async fn start(options: SqliteOptions, path: Option<PathBuf>) -> Result<Self, StoreError> {
        let queue = Arc::new(Queue::new(MAX_WAITING_WRITES));
        let metrics = Arc::new(Metrics::default());
        let (reply, opened) = oneshot::channel();
        let thread = {
            let (queue, metrics) = (Arc::clone(&queue), Arc::clone(&metrics));
            move || match open(&options, path.as_deref(), queue, metrics) {
                Ok((writer, readers)) => {
                    // If the caller no longer waits, there is no store, so nothing will ever be written.
                    if reply.send(Ok(readers)).is_ok() {
                        writer.run();
                    }
                }
                Err(error) => drop(reply.send(Err(error))),
            }
        };
        let writer = thread::Builder::new()
            .name("hardtack-sqlite-writer".into())
            .spawn(thread)
            .map_err(|error| StoreError::new(OPENING, error))?;
        let readers = opened
            .await
            .map_err(|_| thread_gone(OPENING))?
            .map_err(|error| StoreError::new(OPENING, error))?;
        let process = Process::current();
        Ok(Self { inner: Arc::new(Inner { queue, metrics, readers, writer: Some(writer), process }) })
    }

    /// Counts and logs the records that a listing omitted.
    fn log_omitted(&self, left_out: Option<&LeftOut>) {
        let Some(left_out) = left_out else { return };
        self.inner.metrics.left_out(left_out.count);
        tracing::error!(
            count = left_out.count,
            source = left_out.first.source().map(tracing::field::display),
            "{LEFT_OUT}"
        );
    }

    async fn write(&self, write: Write) -> Result<WriteOutcome, StoreError> {
        self.inner.process.check(write.doing())?;
        writer::write(&self.inner.queue, write).await
    }
}

impl SqliteOptions {
    /// Opens the file at `path`, creating it if it does not exist (mode 0600 on Unix).
    ///
    /// # Errors
    ///
    /// Fails if the directory is missing or not writable, because SQLite keeps other files beside the database. Also
    /// fails if the file is not writable, belongs to another program, or has the schema of another release, or if
    /// another process locks it for longer than the busy timeout.
    pub async fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore, StoreError> {
        SqliteStore::start(self, Some(path.as_ref().to_owned())).await
    }

    /// Opens an in-memory database, for tests. Its contents are lost when the last handle is dropped.
    ///
    /// # Errors
    ///
    /// Fails if a thread cannot be started.
    pub async fn in_memory(self) -> Result<SqliteStore, StoreError> {
        SqliteStore::start(self, None).await
    }
}

impl SessionStore for SqliteStore {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.inner.readers.load(key).await
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        let write = Write::Create { key: *key, record: record.clone() };
        Ok(self.write(write).await?.swap())
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        let write = Write::Replace { key: *key, expected, record: record.clone() };
        Ok(self.write(write).await?.swap())
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        let (last_seen, expires_at) = (millis(last_seen), millis(expires_at));
        let write = Write::Touch { key: *key, expected, last_seen, expires_at };
        Ok(self.write(write).await?.rows > 0)
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        Ok(self.write(Write::Delete { key: *key, expected }).await?.rows > 0)
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        let mut rows = Rows::filling(after, Page::size(at_most));
        while let Some((after, size)) = rows.next() {
            let found = self.inner.readers.owned_by(purpose, owner, after, size).await?;
            rows.add(found);
        }
        self.log_omitted(rows.left_out());
        Ok(rows.into_records())
    }

    /// Deletes the records with a single statement. SQLite serializes writes, even across processes, so the statement
    /// sees all earlier writes.
    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        let (purpose, owner) = (purpose.clone(), owner.clone());
        let write = Write::DeleteOwnedBy { purpose, owner, spared: spared.copied() };
        Ok(self.write(write).await?.rows as u64)
    }

    /// Deletes in steps of at most 256 records. Other writes can run between the steps.
    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        let now = millis(now);
        let mut swept = 0;
        while swept < at_most {
            let rest = i64::try_from(at_most - swept).unwrap_or(i64::MAX);
            let done = self.write(Write::Sweep { now, at_most: rest }).await?;
            swept += done.rows;
            if !done.has_more {
                break;
            }
        }
        Ok(swept)
    }
}

impl SessionListing for SqliteStore {
    /// Returns a page of records in key order, so that each record appears once.
    async fn page(&self, after: Option<&Cursor>, at_most: usize) -> Result<Page, StoreError> {
        let after = after.map(Cursor::key).transpose()?;
        let mut rows = Rows::page(after.as_ref(), Page::size(at_most));
        while let Some((after, size)) = rows.next() {
            let found = self.inner.readers.page(after, size).await?;
            rows.add(found);
        }
        self.log_omitted(rows.left_out());
        Ok(rows.into_page())
    }
}

impl WriteOutcome {
    fn swap(self) -> Swap {
        if self.rows > 0 { Swap::Done(self.version) } else { Swap::Refused }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if !self.process.is_current() {
            self.readers.abandon();
            std::mem::forget(self.writer.take());
            return;
        }
        self.queue.close();
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has already printed its panic message, and its callers have received errors.
            drop(writer.join());
        }
    }
}

/// Opens all connections. An in-memory database has only one, which the readers share with the writer.
fn open(
    options: &SqliteOptions,
    path: Option<&Path>,
    queue: Arc<Queue<WriteRequest>>,
    metrics: Arc<Metrics>,
) -> Result<(Writer, Readers), OpenError> {
    let (connection, readers, file) = match path {
        Some(path) => {
            let (connection, readers) =
                open_file(options, path).map_err(|error| file::explain_open_error(path, error))?;
            (connection, readers, Some(DatabaseFile::new(path)))
        }
        None => {
            let connection = shared(schema::open_in_memory(options)?);
            (Arc::clone(&connection), vec![connection], None)
        }
    };
    let readers = Readers::start(readers, options.reads, file.as_ref().map(|file| Arc::clone(&file.path)))?;
    let writer = Writer::new(connection, queue, metrics, options.sweep_interval, file)?;
    Ok((writer, readers))
}

fn open_file(
    options: &SqliteOptions,
    path: &Path,
) -> Result<(SharedConnection, Vec<SharedConnection>), OpenError> {
    let connection = shared(schema::open_writer(path, options)?);
    let readers = (0..options.readers).map(|_| schema::open_reader(path, options).map(shared));
    Ok((connection, readers.collect::<Result<_, _>>()?))
}

fn shared(connection: rusqlite::Connection) -> SharedConnection {
    Arc::new(Mutex::new(connection))
}
