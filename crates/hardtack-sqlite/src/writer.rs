use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_channel::oneshot;
use hardtack_core::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{StoreError, Version, millis};
use rusqlite::{CachedStatement, Connection, params};

use crate::error::{DatabaseError, DatabaseErrorKind, refused, store_error, thread_gone};
use crate::file::DatabaseFile;
use crate::metrics::Metrics;
use crate::queue::{Queue, Taken};
use crate::reader::{SharedConnection, lock};
use crate::row::column;

const CREATE: &str = "INSERT INTO session \
     (key, version, data, owner, label, created_at, last_seen, expires_at, deadline, sweep_at, lineage, purpose) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8, ?10, ?11) ON CONFLICT (key) DO NOTHING";

/// For a record that expires no earlier than its `sweep_at`: the expiry index stays as it is.
pub(crate) const REPLACE: &str = "UPDATE session SET version = ?3, data = ?4, owner = ?5, \
     label = ?6, created_at = ?7, last_seen = ?8, expires_at = ?9, deadline = ?10, lineage = ?11 \
     WHERE key = ?1 AND version = ?2 AND sweep_at <= ?9";

/// For any other record.
pub(crate) const REPLACE_WITH_EARLIER_EXPIRY: &str = "UPDATE session SET version = ?3, data = ?4, owner = ?5, \
     label = ?6, created_at = ?7, last_seen = ?8, expires_at = ?9, deadline = ?10, lineage = ?11, \
     sweep_at = ?9 \
     WHERE key = ?1 AND version = ?2";

const TOUCH: &str = "UPDATE session SET last_seen = ?3, expires_at = ?4 \
     WHERE key = ?1 AND version = ?2 AND sweep_at <= ?4";

const TOUCH_WITH_EARLIER_EXPIRY: &str = "UPDATE session SET last_seen = ?3, expires_at = ?4, sweep_at = ?4 \
     WHERE key = ?1 AND version = ?2";

const DELETE: &str = "DELETE FROM session WHERE key = ?1 AND version = ?2";

pub(crate) const DELETE_OWNED_BY: &str =
    "DELETE FROM session WHERE owner = ?1 AND purpose = ?2 AND lineage IS NOT ?3";

/// Removes up to `?2` expired records among the first `?3` whose `sweep_at` has passed.
pub(crate) const SWEEP: &str = "DELETE FROM session WHERE key IN (SELECT key FROM \
     (SELECT key, expires_at FROM session WHERE sweep_at <= ?1 ORDER BY sweep_at LIMIT ?3) \
     WHERE expires_at <= ?1 LIMIT ?2)";

/// Corrects `sweep_at` for those of the first `?2` that have not expired.
pub(crate) const POSTPONE_SWEEP: &str = "UPDATE session SET sweep_at = expires_at \
     WHERE expires_at > ?1 AND key IN \
     (SELECT key FROM session WHERE sweep_at <= ?1 ORDER BY sweep_at LIMIT ?2)";

/// The maximum number of waiting writes. Beyond it the disk is hopelessly behind, and an error is better than a longer
/// queue.
pub(crate) const MAX_WAITING_WRITES: usize = 16 * 1024;

/// The maximum number of writes committed together: enough to make the disk sync cheap, few enough that the first write
/// does not wait long for the last.
const MAX_BATCH_WRITES: usize = 1024;

/// How far a writer's clock may be ahead of the system clock before a warning is logged, in milliseconds.
const MAX_CLOCK_LEAD_MS: i64 = 60_000;

/// The number of records that one sweep step examines.
const SWEEP_STEP: i64 = 256;

/// One write: one statement, or two if the first may not match.
#[derive(Debug)]
pub(crate) enum Write {
    Create { key: StoreKey, record: Record },
    Replace { key: StoreKey, expected: Version, record: Record },
    Touch { key: StoreKey, expected: Version, last_seen: i64, expires_at: i64 },
    Delete { key: StoreKey, expected: Version },
    DeleteOwnedBy { purpose: Purpose, owner: Owner, spared: Option<Lineage> },
    Sweep { now: i64, at_most: i64 },
}

/// The result of a write: the number of records that it wrote or removed, and their new version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriteOutcome {
    pub(crate) rows: usize,
    pub(crate) version: Version,
    /// For a sweep step: whether more records remain to be examined.
    pub(crate) has_more: bool,
}

/// A waiting write, with its reply channel.
#[derive(Debug)]
pub(crate) struct WriteRequest {
    write: Write,
    reply: oneshot::Sender<Result<WriteOutcome, StoreError>>,
}

/// Hands a write to the writer, and waits until it is as durable as configured.
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

/// Versions for all writes of this store: consecutive, from a random 64-bit start.
///
/// Several processes may write to one file, each counting from its own start. A record could get the same version
/// twice, from two processes or from one process before and after a restart, only if two starts were no further apart
/// among the 2^64 numbers than the number of writes.
#[derive(Debug)]
struct Versions(u64);

/// When to sweep next, and by which time to sweep.
#[derive(Debug)]
struct Sweeper {
    interval: Duration,
    due: Instant,
    /// The `last_seen` time of the most recently written record, which comes from the layer's clock.
    last_write: Option<i64>,
    /// Whether this round has not taken a step yet.
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
        // After the commit and before the answers, so an acknowledged write went to the file while it still had its
        // name.
        let outcome = match outcome {
            Ok(_) if self.is_replaced() => Err(DatabaseErrorKind::Replaced),
            outcome => outcome.map_err(DatabaseErrorKind::Sqlite),
        };
        // Counted before the answers are sent, so that callers find their own requests counted.
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
            tracing::error!(%path, "the session database was deleted or replaced while in use; every write fails");
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
        // All processes that use this file share the system clock. A record that has not expired by it would be swept
        // only because a clock is wrong.
        let clock = millis(SystemTime::now());
        if sweeper.is_new && last_write > clock.saturating_add(MAX_CLOCK_LEAD_MS) {
            self.metrics.clock_ahead();
            let seconds = (last_write - clock) / 1000;
            tracing::warn!(
                seconds,
                "a session was written by a clock ahead of this machine's; sweeping goes by the machine's"
            );
        }
        sweeper.is_new = false;
        let step = sweep(&lock(&self.connection), last_write.min(clock));
        let (swept, has_more) = step.unwrap_or_else(|error| {
            tracing::warn!(%error, "sweeping expired sessions failed, and is tried again at the next turn");
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
    /// Returns when the next round is due. Without a write since the last round, nothing more can have expired, and
    /// there is none.
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

impl Write {
    pub(crate) fn doing(&self) -> &'static str {
        match self {
            Self::Create { .. } => "creating a session",
            Self::Replace { .. } => "saving a session",
            Self::Touch { .. } => "touching a session",
            Self::Delete { .. } => "deleting a session",
            Self::DeleteOwnedBy { .. } => "deleting a user's sessions",
            Self::Sweep { .. } => "sweeping expired sessions",
        }
    }

    /// Returns the time of the request, if the write contains it.
    fn request_time(&self) -> Option<i64> {
        match self {
            Self::Create { record, .. } | Self::Replace { record, .. } => Some(millis(record.last_seen)),
            Self::Touch { last_seen, .. } => Some(*last_seen),
            Self::Delete { .. } | Self::DeleteOwnedBy { .. } | Self::Sweep { .. } => None,
        }
    }
}

impl WriteRequest {
    /// Sends the answer. A failed send means that the client disconnected; the write still counts.
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
            // Some failures (such as a full disk) roll back the whole transaction; the remaining writes must not run
            // outside it.
            if result.is_err() && connection.is_autocommit() {
                return result.map(drop);
            }
            results.push(result);
        }
        statements.commit.execute([]).map(drop)
    })();
    if let Err(error) = committed {
        if !connection.is_autocommit() {
            // If this fails too, the next batch fails at its start.
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

/// All statements of a batch, looked up once.
struct Statements<'a> {
    begin: CachedStatement<'a>,
    create: CachedStatement<'a>,
    replace: CachedStatement<'a>,
    replace_with_earlier_expiry: CachedStatement<'a>,
    touch: CachedStatement<'a>,
    touch_with_earlier_expiry: CachedStatement<'a>,
    delete: CachedStatement<'a>,
    delete_owned_by: CachedStatement<'a>,
    sweep: CachedStatement<'a>,
    postpone_sweep: CachedStatement<'a>,
    commit: CachedStatement<'a>,
}

impl<'a> Statements<'a> {
    fn prepare(connection: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            begin: connection.prepare_cached("BEGIN IMMEDIATE")?,
            create: connection.prepare_cached(CREATE)?,
            replace: connection.prepare_cached(REPLACE)?,
            replace_with_earlier_expiry: connection.prepare_cached(REPLACE_WITH_EARLIER_EXPIRY)?,
            touch: connection.prepare_cached(TOUCH)?,
            touch_with_earlier_expiry: connection.prepare_cached(TOUCH_WITH_EARLIER_EXPIRY)?,
            delete: connection.prepare_cached(DELETE)?,
            delete_owned_by: connection.prepare_cached(DELETE_OWNED_BY)?,
            sweep: connection.prepare_cached(SWEEP)?,
            postpone_sweep: connection.prepare_cached(POSTPONE_SWEEP)?,
            commit: connection.prepare_cached("COMMIT")?,
        })
    }

    fn execute(&mut self, write: &Write, version: Version) -> rusqlite::Result<WriteOutcome> {
        let mut has_more = false;
        let rows = match write {
            Write::Create { key, record } => self.create.execute(params![
                key.as_bytes(),
                column(version),
                &*record.data,
                record.owner().map(Owner::as_str),
                record.label.as_deref(),
                millis(record.created_at),
                millis(record.last_seen),
                millis(record.expires_at),
                millis(record.deadline),
                record.lineage().map(Lineage::as_bytes),
                record.purpose.as_str(),
            ])?,
            Write::Replace { key, expected, record } => {
                let parameters = params![
                    key.as_bytes(),
                    column(*expected),
                    column(version),
                    &*record.data,
                    record.owner().map(Owner::as_str),
                    record.label.as_deref(),
                    millis(record.created_at),
                    millis(record.last_seen),
                    millis(record.expires_at),
                    millis(record.deadline),
                    record.lineage().map(Lineage::as_bytes),
                ];
                match self.replace.execute(parameters)? {
                    0 => self.replace_with_earlier_expiry.execute(parameters)?,
                    rows => rows,
                }
            }
            Write::Touch { key, expected, last_seen, expires_at } => {
                let parameters = params![key.as_bytes(), column(*expected), last_seen, expires_at];
                match self.touch.execute(parameters)? {
                    0 => self.touch_with_earlier_expiry.execute(parameters)?,
                    rows => rows,
                }
            }
            Write::Delete { key, expected } => {
                self.delete.execute(params![key.as_bytes(), column(*expected)])?
            }
            Write::DeleteOwnedBy { purpose, owner, spared } => {
                let spared = spared.as_ref().map(Lineage::as_bytes);
                self.delete_owned_by.execute(params![owner.as_str(), purpose.as_str(), spared])?
            }
            Write::Sweep { now, at_most } => {
                let removed = self.sweep.execute(params![now, (*at_most).min(SWEEP_STEP), SWEEP_STEP])?;
                let corrected = self.postpone_sweep.execute(params![now, SWEEP_STEP])?;
                has_more = (removed + corrected) as i64 >= SWEEP_STEP || removed as i64 >= *at_most;
                removed
            }
        };
        Ok(WriteOutcome { rows, version, has_more })
    }
}
