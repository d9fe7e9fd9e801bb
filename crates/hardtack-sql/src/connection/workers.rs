use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hardtack_batch::{BatchLimits, Overflow, QueueSettings, RefusingSender, SizeLimit, refusing_queue};
use hardtack_core::protocol::StoreKey;
use hardtack_core::store::{StoreError, Version};

use crate::connection::last_write_clock::LastWriteClock;
use crate::connection::reconnecting_connection::ReconnectingConnection;
use crate::connection::request::{READING_CLOCK, ReadRequest, WriteRequest, submit};
use crate::connection::worker::Worker;
use crate::engine::Engine;
use crate::metrics::{Metrics, SqlMetrics};
use crate::setup::settings::Settings;
use crate::write::{Write, WriteOutcome};

/// The maximum number of requests waiting for one connection. Beyond it the server is hopelessly behind, and an error
/// is better than a longer queue.
const MAX_WAITING: NonZeroUsize = NonZeroUsize::new(16 * 1024).unwrap();

/// The maximum number of requests sent together: enough to make a round trip cheap, few enough that the first request
/// does not wait long for the last.
const MAX_BATCH_REQUESTS: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// The size in bytes at which a batch is full; later requests wait for the next batch.
const MAX_BATCH_BYTES: usize = 1 << 20;

/// The queues of all connections, and the state that all connections share. A task serves each connection. When
/// `Workers` is dropped, the tasks finish the waiting requests and exit.
#[derive(Debug)]
pub(crate) struct Workers {
    readers: Vec<RefusingSender<ReadRequest>>,
    writes: RefusingSender<WriteRequest>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) last_write: LastWriteClock,
    versions: Versions,
}

/// The source of versions for all writes of this store: consecutive numbers from a random 64-bit start.
///
/// Several programs may write to one database, each counting from its own random start. A record can get the same
/// version twice, from two programs or from one program before and after a restart, only if the distance between two
/// starts is smaller than the number of writes. Among 2^64 possible starts, this is very unlikely.
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
        let readers = (0..settings.readers.max(1)).map(|_| {
            let (reads, receivers) = refusing_queue(queue_settings(1, None));
            for (receiver, connection) in receivers.into_iter().zip(&mut connections) {
                tokio::spawn(Worker { connection, receiver, metrics: Arc::clone(&metrics) }.read());
            }
            reads
        });
        let readers = readers.collect();
        let size = SizeLimit {
            bytes: MAX_BATCH_BYTES,
            overflow: Overflow::ThisBatch,
            size_of: |write: &WriteRequest| write.request.size(),
        };
        let (writes, receivers) = refusing_queue(queue_settings(settings.writers, Some(size)));
        for (receiver, connection) in receivers.into_iter().zip(connections) {
            tokio::spawn(Worker { connection, receiver, metrics: Arc::clone(&metrics) }.write());
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
    pub(crate) fn reader_of(&self, key: &StoreKey) -> &RefusingSender<ReadRequest> {
        let [.., high, low] = *key.as_bytes();
        &self.readers[usize::from(u16::from_be_bytes([high, low])) % self.readers.len()]
    }

    /// Returns the shortest queue, for reads that concern no single record.
    pub(crate) fn any_reader(&self) -> &RefusingSender<ReadRequest> {
        let shortest = self.readers.iter().min_by_key(|queue| queue.len());
        shortest.expect("a store has at least one read connection")
    }

    /// Returns the server's time, in milliseconds since 1970.
    pub(crate) async fn clock(&self) -> Result<i64, StoreError> {
        submit(self.any_reader(), READING_CLOCK, |reply| ReadRequest::Clock { reply }).await
    }

    /// Sends a write, and returns a future that waits for its result.
    pub(crate) fn write(
        &self,
        write: Write,
    ) -> impl Future<Output = Result<WriteOutcome, StoreError>> + use<> {
        self.last_write.note(&write);
        submit(&self.writes, write.doing(), |reply| WriteRequest { request: write, reply })
    }
}

/// Returns the settings of a queue with at least one worker.
fn queue_settings<T>(workers: usize, size: Option<SizeLimit<T>>) -> QueueSettings<T> {
    let workers = NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN);
    let limits = BatchLimits { requests: MAX_BATCH_REQUESTS, size };
    QueueSettings { workers, max_waiting: MAX_WAITING, limits }
}
