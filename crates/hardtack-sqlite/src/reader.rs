use std::cell::Cell;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};

use futures_channel::oneshot;
use hardtack_core::protocol::{Owner, Purpose, StoreKey};
use hardtack_core::store::{Listed, Row, StoreError, Stored, Summary};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{read_error, refused, thread_gone};
use crate::options::Reads;
use crate::process::Process;
use crate::queue::Queue;
use crate::row;

pub(crate) const LOAD: &str = "SELECT version, data, owner, label, created_at, last_seen, expires_at, deadline, \
     lineage, purpose FROM session WHERE key = ?1";

/// Selects up to `?4` records of an owner with keys after `?3`. The query scans the index on the owner and the purpose,
/// in which SQLite appends the key to every entry.
pub(crate) const OWNED_BY: &str = "SELECT key, version, label, created_at, last_seen, expires_at, owner, lineage \
     FROM session WHERE owner = ?1 AND purpose = ?2 AND key > ?3 ORDER BY key LIMIT ?4";

/// Selects up to `?2` records with keys after `?1`. The query scans the table in key order.
pub(crate) const PAGE: &str = "SELECT key, version, label, created_at, last_seen, expires_at, owner, lineage, \
     deadline, length(data), substr(data, 1, 1), purpose FROM session WHERE key > ?1 ORDER BY key LIMIT ?2";

/// The maximum number of reads waiting for the threads.
const MAX_WAITING_READS: usize = 16 * 1024;

/// A connection that one thread uses at a time. The lock is from `std`, because a read takes microseconds and never
/// spans an await.
pub(crate) type SharedConnection = Arc<Mutex<Connection>>;

/// The connections for reading, and their threads, if any.
#[derive(Debug)]
pub(crate) struct Readers {
    connections: Vec<SharedConnection>,
    pool: Option<Pool>,
    process: Process,
    /// `None` for an in-memory database.
    path: Option<Arc<Path>>,
}

#[derive(Debug)]
struct Pool {
    queue: Arc<Queue<ReadRequest>>,
    threads: Vec<JoinHandle<()>>,
}

/// A read to be executed by a thread. The closure contains the reply channel.
struct ReadRequest(Box<dyn FnOnce(&Connection) + Send>);

impl Readers {
    pub(crate) fn start(
        connections: Vec<SharedConnection>,
        reads: Reads,
        path: Option<Arc<Path>>,
    ) -> std::io::Result<Self> {
        let pool = match reads {
            Reads::Inline => None,
            Reads::Threads => Some(Pool::start(&connections)?),
        };
        Ok(Self { connections, pool, process: Process::current(), path })
    }

    pub(crate) async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let key = *key;
        self.read("loading a session", move |connection| {
            connection.prepare_cached(LOAD)?.query_row([key.as_bytes().as_slice()], row::stored).optional()
        })
        .await
    }

    pub(crate) async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<Row<Summary>>, StoreError> {
        let (purpose, owner, after) = (purpose.clone(), owner.clone(), Box::<[u8]>::from(after));
        self.list("listing a user's sessions", move |connection| {
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            let parameters = params![owner.as_str(), purpose.as_str(), after, size];
            connection
                .prepare_cached(OWNED_BY)?
                .query_map(parameters, |row| row::entry(row, row::summary))?
                .collect()
        })
        .await
    }

    pub(crate) async fn page(&self, after: &[u8], size: usize) -> Result<Vec<Row<Listed>>, StoreError> {
        let after = Box::<[u8]>::from(after);
        self.list("listing sessions", move |connection| {
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            connection
                .prepare_cached(PAGE)?
                .query_map(params![after, size], |row| row::entry(row, row::listed))?
                .collect()
        })
        .await
    }

    /// Reads rows. Each row may fail to decode without affecting the others.
    async fn list<T: Send + 'static>(
        &self,
        doing: &'static str,
        query: impl FnOnce(&Connection) -> rusqlite::Result<Vec<Row<T, rusqlite::Error>>> + Send + 'static,
    ) -> Result<Vec<Row<T>>, StoreError> {
        let rows = self.read(doing, query).await?;
        let error = |error| read_error(doing, self.path.as_ref(), error);
        Ok(rows.into_iter().map(|(key, row)| (key, row.map_err(error))).collect())
    }

    async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.process.check(doing)?;
        let result = match &self.pool {
            None => query(&self.idle()),
            Some(pool) => {
                let (sender, receiver) = oneshot::channel();
                let request = ReadRequest(Box::new(move |connection| {
                    // A failed send means that the caller no longer waits for the result.
                    drop(sender.send(query(connection)));
                }));
                pool.queue.push(request).map_err(|refusal| refused(doing, refusal))?;
                receiver.await.map_err(|_| thread_gone(doing))?
            }
        };
        result.map_err(|error| read_error(doing, self.path.as_ref(), error))
    }

    /// Forgets the connections and the threads, in a forked process. Only the process that opened the connections may
    /// close them, and the threads do not run in this process.
    pub(crate) fn abandon(&mut self) {
        std::mem::forget(std::mem::take(&mut self.connections));
        std::mem::forget(self.pool.take());
    }

    /// Returns an idle connection or, if there is none, this thread's usual one once it is free.
    ///
    /// A thread uses the same connection if it can, because the data of that connection is probably still in the
    /// processor's cache.
    fn idle(&self) -> MutexGuard<'_, Connection> {
        let preferred = preferred_index() % self.connections.len();
        let (before, from) = self.connections.split_at(preferred);
        for connection in from.iter().chain(before) {
            match connection.try_lock() {
                Ok(connection) => return connection,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        lock(&self.connections[preferred])
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        let Some(pool) = self.pool.take() else { return };
        pool.queue.close();
        for thread in pool.threads {
            // A thread that panicked has already printed its panic message.
            drop(thread.join());
        }
    }
}

impl Pool {
    fn start(connections: &[SharedConnection]) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::<ReadRequest>::new(MAX_WAITING_READS));
        let threads = connections
            .iter()
            .map(|connection| {
                let (connection, queue) = (Arc::clone(connection), Arc::clone(&queue));
                thread::Builder::new().name("hardtack-sqlite-reader".into()).spawn(move || {
                    let _end = queue.close_on_drop();
                    while let Some(request) = queue.pop() {
                        (request.0)(&lock(&connection));
                    }
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { queue, threads })
    }
}

/// Locks a connection, ignoring poisoning: a panic in a read or a rolled back write leaves the connection intact.
pub(crate) fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns a number that is unique to the calling thread, to spread the threads over the connections.
fn preferred_index() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static INDEX: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    INDEX.get()
}

impl fmt::Debug for ReadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Task")
    }
}
