use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hardtack_core::session::StoreKey;
use hardtack_core::store::{StoreError, Version};

use crate::engine::{Done, Engine, Write};
use crate::job::{Job, Read, TELLING_TIME, ask};
use crate::lane::Lane;
use crate::link::Link;
use crate::metrics::{Counting, SqlMetrics};
use crate::present::Present;
use crate::queue::Queue;
use crate::settings::Settings;

/// The maximum number of requests waiting for one connection. Beyond it the server is hopelessly behind, and an error
/// is better than a longer queue.
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
/// Several programs may write to one database, each counting from its own start. A record could get the same version
/// twice, from two programs or from one program before and after a restart, only if two starts were no further apart
/// among the 2^64 numbers than the number of writes.
#[derive(Debug)]
struct Versions(AtomicU64);

impl Lanes {
    /// Starts the tasks, each with its own link.
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

    pub(crate) fn metrics(&self) -> SqlMetrics {
        self.counting.totals(self.writes.len())
    }

    pub(crate) fn next_version(&self) -> Version {
        Version::new(self.versions.0.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns the queue for reads of a record, always the same for one key. A key is a digest, so its bytes are evenly
    /// distributed.
    pub(crate) fn reader_of(&self, key: &StoreKey) -> &Queue<Read> {
        let [.., high, low] = *key.as_bytes();
        &self.readers[usize::from(u16::from_be_bytes([high, low])) % self.readers.len()]
    }

    /// Returns the shortest queue, for reads that concern no single record.
    pub(crate) fn any_reader(&self) -> &Queue<Read> {
        let shortest = self.readers.iter().min_by_key(|queue| queue.len());
        shortest.expect("a store has at least one connection that reads")
    }

    /// Returns the server's time, in milliseconds since 1970.
    pub(crate) async fn clock(&self) -> Result<i64, StoreError> {
        ask(self.any_reader(), TELLING_TIME, |reply| Read::Clock { reply }).await
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Done, StoreError> {
        self.present.note(&write);
        ask(&self.writes, write.doing(), |reply| Job { write, reply }).await
    }
}

/// Lets the tasks finish the waiting requests and end.
impl Drop for Lanes {
    fn drop(&mut self) {
        self.readers.iter().for_each(|queue| queue.close());
        self.writes.close();
    }
}
