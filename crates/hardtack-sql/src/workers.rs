use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hardtack_core::protocol::StoreKey;
use hardtack_core::store::{StoreError, Version};

use crate::engine::{Engine, Write, WriteOutcome};
use crate::last_write_clock::LastWriteClock;
use crate::metrics::{Metrics, SqlMetrics};
use crate::queue::Queue;
use crate::reconnecting_connection::ReconnectingConnection;
use crate::request::{READING_CLOCK, ReadRequest, WriteRequest, submit};
use crate::settings::Settings;
use crate::worker::Worker;

/// The maximum number of requests waiting for one connection. Beyond it the server is hopelessly behind, and an error
/// is better than a longer queue.
const MAX_WAITING: usize = 16 * 1024;

/// The queues of all connections, each with a task that serves it.
#[derive(Debug)]
pub(crate) struct Workers {
    readers: Vec<Arc<Queue<ReadRequest>>>,
    writes: Arc<Queue<WriteRequest>>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) last_write: LastWriteClock,
    versions: Versions,
}

/// Versions for all writes of this store: consecutive, from a random 64-bit start.
///
/// Several programs may write to one database, each counting from its own start. A record could get the same version
/// twice, from two programs or from one program before and after a restart, only if two starts were no further apart
/// among the 2^64 numbers than the number of writes.
#[derive(Debug)]
struct Versions(AtomicU64);

impl Workers {
    /// Starts the tasks, each with its own connection.
    pub(crate) fn start<E: Engine>(
        mut connections: impl Iterator<Item = ReconnectingConnection<E>>,
        settings: &Settings,
        metrics: Arc<Metrics>,
        first_version: u64,
    ) -> Self {
        let readers = connections.by_ref().take(settings.readers.max(1)).map(|connection| {
            let queue = Arc::new(Queue::new(1, MAX_WAITING));
            tokio::spawn(
                Worker { connection, queue: Arc::clone(&queue), metrics: Arc::clone(&metrics) }.read(),
            );
            queue
        });
        let readers = readers.collect();
        let writers = settings.writers.max(1);
        let writes = Arc::new(Queue::new(writers, MAX_WAITING));
        for connection in connections.take(writers) {
            tokio::spawn(
                Worker { connection, queue: Arc::clone(&writes), metrics: Arc::clone(&metrics) }.write(),
            );
        }
        let versions = Versions(AtomicU64::new(first_version));
        Self { readers, writes, metrics, last_write: LastWriteClock::default(), versions }
    }

    pub(crate) fn metrics(&self) -> SqlMetrics {
        self.metrics.totals(self.writes.len())
    }

    pub(crate) fn next_version(&self) -> Version {
        Version::new(self.versions.0.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns the queue for reads of a record, always the same for one key. A key is a digest, so its bytes are evenly
    /// distributed.
    pub(crate) fn reader_of(&self, key: &StoreKey) -> &Queue<ReadRequest> {
        let [.., high, low] = *key.as_bytes();
        &self.readers[usize::from(u16::from_be_bytes([high, low])) % self.readers.len()]
    }

    /// Returns the shortest queue, for reads that concern no single record.
    pub(crate) fn any_reader(&self) -> &Queue<ReadRequest> {
        let shortest = self.readers.iter().min_by_key(|queue| queue.len());
        shortest.expect("a store has at least one connection that reads")
    }

    /// Returns the server's time, in milliseconds since 1970.
    pub(crate) async fn clock(&self) -> Result<i64, StoreError> {
        submit(self.any_reader(), READING_CLOCK, |reply| ReadRequest::Clock { reply }).await
    }

    pub(crate) async fn write(&self, write: Write) -> Result<WriteOutcome, StoreError> {
        self.last_write.note(&write);
        submit(&self.writes, write.doing(), |reply| WriteRequest { write, reply }).await
    }
}

/// Lets the tasks finish the waiting requests and end.
impl Drop for Workers {
    fn drop(&mut self) {
        self.readers.iter().for_each(|queue| queue.close());
        self.writes.close();
    }
}
