use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_channel::oneshot;
use hardtack_core::store::{StoreError, Version, millis};
use rusqlite::Connection;

use crate::error::{DatabaseError, DatabaseErrorKind, refused, store_error, thread_gone};
use crate::file::DatabaseFile;
use crate::metrics::Metrics;
use crate::queue::{Queue, Taken};
use crate::reader::{SharedConnection, lock};
use crate::statements::{SWEEP_STEP, Statements};
use crate::write::{Write, WriteOutcome};

/// The maximum number of waiting writes. If more writes are waiting, the disk cannot keep up, and an error is better
/// than a longer queue.
pub(crate) const MAX_WAITING_WRITES: usize = 16 * 1024;

/// The maximum number of writes committed together. It is large enough to make the cost of a disk sync per write
/// negligible, and small enough that the first write does not wait long for the last.
const MAX_BATCH_WRITES: usize = 1024;

/// The number of milliseconds by which a record's time may be ahead of the system clock before a warning is logged.
const MAX_CLOCK_LEAD_MS: i64 = 60_000;

/// A waiting write, with its reply channel.
#[derive(Debug)]
pub(crate) struct WriteRequest {
    write: Write,
    reply: oneshot::Sender<Result<WriteOutcome, StoreError>>,
}

/// Sends a write to the writer thread, and waits until the write is as durable as configured.
///
/// Dropping the future does not cancel the write.
pub(crate) async fn write(queue: &Queue<WriteRequest>, write: Write) -> Result<WriteOutcome, StoreError> {
    let doing = write.doing();
    let (reply, answer) = oneshot::channel();
    queue.push(WriteRequest { write, reply }).map_err(|refusal| refused(doing, refusal))?;
    answer.await.map_err(|_| thread_gone(doing))?
}

/// The single writer thread: it takes all waiting writes, commits them as one transaction, and then answers.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: SharedConnection,
    queue: Arc<Queue<WriteRequest>>,
    metrics: Arc<Metrics>,
    versions: Versions,
    sweeper: Option<Sweeper>,
    /// `None` for an in-memory database.
    file: Option<DatabaseFile>,
    /// Whether the loss of the file has been logged.
    is_replaced: bool,
}

/// A generator of versions for all writes of this store. The versions are consecutive and start at a random 64-bit
/// number.
///
/// Several processes may write to one file, each with a start of its own, and a process has a new start after a
/// restart. A record could get the same version twice only if the distance between two of these starts were less than
/// the number of writes. Among 2^64 numbers, that is practically impossible.
#[derive(Debug)]
struct Versions(u64);

/// The schedule of the automatic sweep: when to sweep next, and by which time records must have expired.
#[derive(Debug)]
struct Sweeper {
    interval: Duration,
    due: Instant,
    /// The `last_seen` time of the most recently written record, which comes from the layer's clock.
    last_write: Option<i64>,
    /// Whether the current round has not run a step yet.
    is_new: bool,
}

impl Writer {
    pub(crate) fn new(
        connection: SharedConnection,
        queue: Arc<Queue<WriteRequest>>,
        metrics: Arc<Metrics>,
        sweep_interval: Option<Duration>,
        file: Option<DatabaseFile>,
    ) -> rusqlite::Result<Self> {
        let start: i64 = lock(&connection).query_row("SELECT random()", [], |row| row.get(0))?;
        let sweeper = sweep_interval.map(|interval| Sweeper {
            interval,
            due: Instant::now() + interval,
            last_write: None,
            is_new: true,
        });
        let versions = Versions(start.cast_unsigned());
        Ok(Self { connection, queue, metrics, versions, sweeper, file, is_replaced: false })
    }

    /// Runs until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        let queue = Arc::clone(&self.queue);
        let _end = queue.close_on_drop();
        let mut batch = Vec::new();
        loop {
            let wake_at = self.sweeper.as_ref().and_then(Sweeper::due);
            match self.queue.take(MAX_BATCH_WRITES, wake_at, &mut batch) {
                Taken::Batch => self.commit(&mut batch),
                Taken::TimedOut => {}
                Taken::Closed => return,
            }
            self.sweep_step();
        }
    }

    /// Executes a batch in one transaction and answers each of its writes.
    fn commit(&mut self, batch: &mut Vec<WriteRequest>) {
        if let Some(sweeper) = &mut self.sweeper
            && let Some(last_write) = batch.iter().rev().find_map(|request| request.write.request_time())
        {
            sweeper.last_write = Some(last_write);
        }
        let outcome = {
            let connection = lock(&self.connection);
            execute(&connection, batch, &mut self.versions)
        };
        // This check comes after the commit and before the answers. An acknowledged write is therefore in a file that
        // was still in place at the time of the commit.
        let outcome = match outcome {
            Ok(_) if self.is_replaced() => Err(DatabaseErrorKind::Replaced),
            outcome => outcome.map_err(DatabaseErrorKind::Sqlite),
        };
        // The metrics are updated before the answers are sent, so that they include a request by the time its caller
        // has the answer.
        match &outcome {
            Ok(results) => {
                let failed = results.iter().filter(|result| result.is_err()).count();
                self.metrics.committed(batch.len() as u64);
                self.metrics.failed(failed as u64);
            }
            Err(_) => self.metrics.failed(batch.len() as u64),
        }
        match outcome {
            Ok(results) => {
                for (request, result) in batch.drain(..).zip(results) {
                    let doing = request.write.doing();
                    let result = result.map_err(|error| DatabaseError::new(self.path(), error));
                    request.answer(result.map_err(|cause| StoreError::new(doing, cause)));
                }
            }
            Err(cause) => {
                let cause = Arc::new(DatabaseError::new(self.path(), cause));
                for request in batch.drain(..) {
                    let error = store_error(request.write.doing(), &cause);
                    request.answer(Err(error));
                }
            }
        }
    }

    /// Checks whether the opened file was deleted or replaced, and logs this once.
    fn is_replaced(&mut self) -> bool {
        let Some(file) = &self.file else { return false };
        let is_replaced = !file.is_in_place();
        if is_replaced && !self.is_replaced {
            let path = file.path.display();
            tracing::error!(
                %path,
                "the session database was deleted or replaced while in use: every write fails until it is restored or \
                 the application restarts"
            );
        }
        self.is_replaced = is_replaced;
        is_replaced
    }

    fn path(&self) -> Option<&Arc<Path>> {
        self.file.as_ref().map(|file| &file.path)
    }

    /// Runs one step of the automatic sweep if it is due. Queued writes run before the next step.
    fn sweep_step(&mut self) {
        let Some(sweeper) = &mut self.sweeper else { return };
        let Some(last_write) = sweeper.last_write.filter(|_| sweeper.due <= Instant::now()) else {
            return;
        };
        // All processes that use this file share the system clock. If a record has not expired by that clock, only a
        // wrong clock could have it swept.
        let clock = millis(SystemTime::now());
        if sweeper.is_new && last_write > clock.saturating_add(MAX_CLOCK_LEAD_MS) {
            self.metrics.clock_ahead();
            let seconds = (last_write - clock) / 1000;
            tracing::warn!(
                seconds,
                "a session was written with a clock ahead of this machine's clock; sweeping uses this machine's \
                 clock"
            );
        }
        sweeper.is_new = false;
        let step = sweep(&lock(&self.connection), last_write.min(clock));
        let (swept, has_more) = step.unwrap_or_else(|error| {
            tracing::warn!(%error, "sweeping expired sessions failed and will be retried at the next interval");
            (0, false)
        });
        self.metrics.swept(swept as u64);
        if swept > 0 {
            tracing::debug!(swept, "expired sessions swept");
        }
        if !has_more {
            sweeper.due = Instant::now() + sweeper.interval;
            sweeper.last_write = None;
            sweeper.is_new = true;
        }
    }
}

impl Sweeper {
    /// Returns when the next round is due, or `None` if nothing was written since the last round. In that case, no
    /// later time is known by which more records could have expired.
    fn due(&self) -> Option<Instant> {
        self.last_write.map(|_| self.due)
    }
}

impl Versions {
    fn next(&mut self) -> Version {
        self.0 = self.0.wrapping_add(1);
        Version::new(self.0)
    }
}

impl WriteRequest {
    /// Sends the answer. A failed send means that the caller no longer waits. The write stays committed.
    fn answer(self, result: Result<WriteOutcome, StoreError>) {
        drop(self.reply.send(result));
    }
}

/// Executes a batch in one transaction. `Err` means that nothing was committed, or that the outcome is unknown.
fn execute(
    connection: &Connection,
    batch: &[WriteRequest],
    versions: &mut Versions,
) -> rusqlite::Result<Vec<rusqlite::Result<WriteOutcome>>> {
    let mut results = Vec::with_capacity(batch.len());
    let mut statements = Statements::prepare(connection)?;
    statements.begin.execute([])?;
    let committed = (|| {
        for request in batch {
            let result = statements.execute(&request.write, versions.next());
            // Some failures, such as a full disk, roll back the whole transaction. The remaining writes must not run
            // outside a transaction.
            if result.is_err() && connection.is_autocommit() {
                return result.map(drop);
            }
            results.push(result);
        }
        statements.commit.execute([]).map(drop)
    })();
    if let Err(error) = committed {
        if !connection.is_autocommit() {
            // If the rollback fails too, the next batch fails when it begins a transaction.
            drop(connection.execute_batch("ROLLBACK"));
        }
        return Err(error);
    }
    Ok(results)
}

/// Runs one sweep step in its own transaction.
fn sweep(connection: &Connection, now: i64) -> rusqlite::Result<(usize, bool)> {
    let write = Write::Sweep { now, at_most: SWEEP_STEP };
    let transaction = connection.unchecked_transaction()?;
    let done = Statements::prepare(connection)?.execute(&write, Version::new(0))?;
    transaction.commit()?;
    Ok((done.rows, done.has_more))
}
