use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hardtack_core::session::StoreKey;
use hardtack_core::store::{StoreError, Version};

use crate::counters::{Counting, SqlCounters};
use crate::engine::{Done, Engine, Write};
use crate::job::{Job, Read, TELLING_TIME, ask};
use crate::lane::Lane;
use crate::link::Link;
use crate::present::Present;
use crate::queue::Queue;
use crate::settings::Settings;

/// How many requests may wait for one connection: beyond it the server is hopelessly behind, and an error is better
/// than a longer queue.
const WAITING: usize = 16 * 1024;

/// The queues of all connections, each with a task that serves it.
#[derive(Debug)]
pub(crate) struct Lanes {
    readers: Vec<Arc<Queue<Read>>>,
    writes: Arc<Queue<Job>>,
    pub(crate) counting: Arc<Counting>,
    pub(crate) present: Present,
    versions: Versions,
}

/// Versions for all writes of this store: consecutive, from a random 64-bit start.
///
/// Several programs may write to one database, and each counts from a start of its own; for two of them, or for one and
/// its own past, to give a record the same version twice, two starts would have to fall within as many of 2^64 numbers
/// as there were writes.
#[derive(Debug)]
struct Versions(AtomicU64);

impl Lanes {
    /// Starts the tasks, on as many links as there are to be connections.
    pub(crate) fn start<E: Engine>(
        mut links: impl Iterator<Item = Link<E>>,
        settings: &Settings,
        counting: Arc<Counting>,
        first_version: u64,
    ) -> Self {
        let readers = links.by_ref().take(settings.readers.max(1)).map(|link| {
            let queue = Arc::new(Queue::new(1, WAITING));
            tokio::spawn(Lane { link, queue: Arc::clone(&queue), counting: Arc::clone(&counting) }.read());
            queue
        });
        let readers = readers.collect();
        let writers = settings.writers.max(1);
        let writes = Arc::new(Queue::new(writers, WAITING));
        for link in links.take(writers) {
            tokio::spawn(Lane { link, queue: Arc::clone(&writes), counting: Arc::clone(&counting) }.write());
        }
        let versions = Versions(AtomicU64::new(first_version));
        Self { readers, writes, counting, present: Present::default(), versions }
    }

    pub(crate) fn counters(&self) -> SqlCounters {
        self.counting.totals(self.writes.len())
    }

    pub(crate) fn next_version(&self) -> Version {
        Version::new(self.versions.0.fetch_add(1, Ordering::Relaxed))
    }

    /// Where a record is read: the same each time for one key. A key is a digest, so that its bytes spread evenly.
    pub(crate) fn reader_of(&self, key: &StoreKey) -> &Queue<Read> {
        let [.., high, low] = *key.as_bytes();
        &self.readers[usize::from(u16::from_be_bytes([high, low])) % self.readers.len()]
    }

    /// Where it is shortest for what is about no one record.
    pub(crate) fn any_reader(&self) -> &Queue<Read> {
        let shortest = self.readers.iter().min_by_key(|queue| queue.len());
        shortest.expect("a store has at least one connection that reads")
    }

    /// The server's own time, in milliseconds since 1970.
    pub(crate) async fn clock(&self) -> Result<i64, StoreError> {
        ask(self.any_reader(), TELLING_TIME, |reply| Read::Clock { reply }).await
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Done, StoreError> {
        self.present.note(&write);
        ask(&self.writes, write.doing(), |reply| Job { write, reply }).await
    }
}

/// The tasks finish what waits, and end.
impl Drop for Lanes {
    fn drop(&mut self) {
        self.readers.iter().for_each(|queue| queue.close());
        self.writes.close();
    }
}
