use std::cell::Cell;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};

use futures_channel::oneshot;
use hardtack_core::session::{Owner, Purpose, StoreKey};
use hardtack_core::store::{Listed, Row, StoreError, Stored, Summary};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{read_error, refused, thread_gone};
use crate::options::Reads;
use crate::process::Process;
use crate::queue::Queue;
use crate::row;

pub(crate) const LOAD: &str = "SELECT version, data, owner, label, created_at, last_seen, expires_at, deadline, \
     lineage, purpose FROM session WHERE key = ?1";

/// At most `?4` records of an owner whose keys come after `?3`: a walk along the index, which ends with the key.
pub(crate) const OWNED_BY: &str = "SELECT key, version, label, created_at, last_seen, expires_at, owner, lineage \
     FROM session WHERE owner = ?1 AND purpose = ?2 AND key > ?3 ORDER BY key LIMIT ?4";

/// At most `?2` records whose keys come after `?1`: a walk along the table, wherever it begins.
pub(crate) const PAGE: &str = "SELECT key, version, label, created_at, last_seen, expires_at, owner, lineage, \
     deadline, length(data), substr(data, 1, 1), purpose FROM session WHERE key > ?1 ORDER BY key LIMIT ?2";

/// How many reads may wait for the threads.
const WAITING_READS: usize = 16 * 1024;

/// A connection that one thread uses at a time. `std`'s lock: a read is microseconds, and never spans an await.
pub(crate) type SharedConnection = Arc<Mutex<Connection>>;

/// The connections that read, and their threads if they have any.
#[derive(Debug)]
pub(crate) struct Readers {
    connections: Vec<SharedConnection>,
    pool: Option<Pool>,
    process: Process,
    /// None in memory.
    path: Option<Arc<Path>>,
}

#[derive(Debug)]
struct Pool {
    queue: Arc<Queue<Task>>,
    threads: Vec<JoinHandle<()>>,
}

/// A read on its way to a thread, with the answer's address inside.
struct Task(Box<dyn FnOnce(&Connection) + Send>);

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

    /// Reads rows, each of which may be an error of its own.
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
                let task = Task(Box::new(move |connection| {
                    // Nobody waits any more for what is not received: the visitor hung up.
                    drop(sender.send(query(connection)));
                }));
                pool.queue.push(task).map_err(|refusal| refused(doing, refusal))?;
                receiver.await.map_err(|_| thread_gone(doing))?
            }
        };
        result.map_err(|error| read_error(doing, self.path.as_ref(), error))
    }

    /// Leaves everything to the process that opened it: closing a connection there is up to that process, and its threads
    /// do not run in this one.
    pub(crate) fn abandon(&mut self) {
        std::mem::forget(std::mem::take(&mut self.connections));
        std::mem::forget(self.pool.take());
    }

    /// A connection that nobody uses, or the one that this thread used before, once it is free.
    ///
    /// A thread comes back to the same connection as long as it can: what it read is in that processor's cache.
    fn idle(&self) -> MutexGuard<'_, Connection> {
        let usual = usual_place() % self.connections.len();
        let (before, from) = self.connections.split_at(usual);
        for connection in from.iter().chain(before) {
            match connection.try_lock() {
                Ok(connection) => return connection,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        lock(&self.connections[usual])
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        let Some(pool) = self.pool.take() else { return };
        pool.queue.close();
        for thread in pool.threads {
            // A reader that panicked has said so already.
            drop(thread.join());
        }
    }
}

impl Pool {
    fn start(connections: &[SharedConnection]) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::<Task>::new(WAITING_READS));
        let threads = connections
            .iter()
            .map(|connection| {
                let (connection, queue) = (Arc::clone(connection), Arc::clone(&queue));
                thread::Builder::new().name("hardtack-sqlite-reader".into()).spawn(move || {
                    let _end = queue.ends_with_this();
                    while let Some(task) = queue.pop() {
                        (task.0)(&lock(&connection));
                    }
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { queue, threads })
    }
}

/// A read or a rolled back write leaves a connection whole, also when it panicked.
pub(crate) fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number of its own for each thread, so that threads spread over the connections.
fn usual_place() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static PLACE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    PLACE.get()
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Task")
    }
}
