use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_channel::oneshot;
use hardtack_core::session::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{StoreError, Version, millis};
use rusqlite::{CachedStatement, Connection, params};

use crate::error::{Cause, Why, refused, store_error, thread_gone};
use crate::file::DatabaseFile;
use crate::metrics::Counting;
use crate::queue::{Came, Queue};
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
pub(crate) const REPLACE_SOONER: &str = "UPDATE session SET version = ?3, data = ?4, owner = ?5, \
     label = ?6, created_at = ?7, last_seen = ?8, expires_at = ?9, deadline = ?10, lineage = ?11, \
     sweep_at = ?9 \
     WHERE key = ?1 AND version = ?2";

const TOUCH: &str = "UPDATE session SET last_seen = ?3, expires_at = ?4 \
     WHERE key = ?1 AND version = ?2 AND sweep_at <= ?4";

const TOUCH_SOONER: &str = "UPDATE session SET last_seen = ?3, expires_at = ?4, sweep_at = ?4 \
     WHERE key = ?1 AND version = ?2";

const DELETE: &str = "DELETE FROM session WHERE key = ?1 AND version = ?2";

pub(crate) const DELETE_OWNED_BY: &str =
    "DELETE FROM session WHERE owner = ?1 AND purpose = ?2 AND lineage IS NOT ?3";

/// Removes up to `?2` expired records among the first `?3` whose `sweep_at` has passed.
pub(crate) const SWEEP: &str = "DELETE FROM session WHERE key IN (SELECT key FROM \
     (SELECT key, expires_at FROM session WHERE sweep_at <= ?1 ORDER BY sweep_at LIMIT ?3) \
     WHERE expires_at <= ?1 LIMIT ?2)";

/// Corrects `sweep_at` for those of the first `?2` that have not expired.
pub(crate) const SWEEP_LATER: &str = "UPDATE session SET sweep_at = expires_at \
     WHERE expires_at > ?1 AND key IN \
     (SELECT key FROM session WHERE sweep_at <= ?1 ORDER BY sweep_at LIMIT ?2)";

/// The maximum number of waiting writes. Beyond it the disk is hopelessly behind, and an error is better than a longer
/// queue.
pub(crate) const WAITING_WRITES: usize = 16 * 1024;

/// The maximum number of writes committed together: enough to make the disk sync cheap, few enough that the first write
/// does not wait long for the last.
const GROUP: usize = 1024;

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
pub(crate) struct Done {
    pub(crate) rows: usize,
    pub(crate) version: Version,
    /// For a sweep step: whether more records remain to be examined.
    pub(crate) has_more: bool,
}

/// A waiting write, with its reply channel.
#[derive(Debug)]
pub(crate) struct Job {
    write: Write,
    reply: oneshot::Sender<Result<Done, StoreError>>,
}

/// Hands a write to the writer, and waits until it is as durable as configured.
///
/// Dropping the future does not cancel the write.
pub(crate) async fn write(queue: &Queue<Job>, write: Write) -> Result<Done, StoreError> {
    let doing = write.doing();
    let (reply, answer) = oneshot::channel();
    queue.push(Job { write, reply }).map_err(|refusal| refused(doing, refusal))?;
    answer.await.map_err(|_| thread_gone(doing))?
}

/// The single writer thread: it takes all waiting writes, commits them as one transaction, and then answers.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: SharedConnection,
    queue: Arc<Queue<Job>>,
    counting: Arc<Counting>,
    versions: Versions,
    sweeper: Option<Sweeper>,
    /// `None` for an in-memory database.
    file: Option<DatabaseFile>,
    /// Whether the loss of the file has been logged.
    is_gone: bool,
}

/// Versions for all writes of this store: consecutive, from a random 64-bit start.
///
/// Several processes may write to one file, each counting from its own start. A record could get the same version
/// twice, from two processes or from one process before and after a restart, only if two starts were no further apart
/// among the 2^64 numbers than the number of writes.
#[derive(Debug)]
struct Versions(u64);

/// When to sweep next, and which time to use as the present.
#[derive(Debug)]
struct Sweeper {
    interval: Duration,
    due: Instant,
    /// The `last_seen` time of the most recently written record, which comes from the layer's clock.
    present: Option<i64>,
    /// Whether this round has not taken a step yet.
    is_new: bool,
}

impl Writer {
    pub(crate) fn new(
        connection: SharedConnection,
        queue: Arc<Queue<Job>>,
        counting: Arc<Counting>,
        sweep_interval: Option<Duration>,
        file: Option<DatabaseFile>,
    ) -> rusqlite::Result<Self> {
        let start: i64 = lock(&connection).query_row("SELECT random()", [], |row| row.get(0))?;
        let sweeper = sweep_interval.map(|interval| Sweeper {
            interval,
            due: Instant::now() + interval,
            present: None,
            is_new: true,
        });
        let versions = Versions(start.cast_unsigned());
        Ok(Self { connection, queue, counting, versions, sweeper, file, is_gone: false })
    }

    /// Runs until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        let queue = Arc::clone(&self.queue);
        let _end = queue.ends_with_this();
        let mut group = Vec::new();
        loop {
            let until = self.sweeper.as_ref().and_then(Sweeper::due);
            match self.queue.take(GROUP, until, &mut group) {
                Came::Work => self.commit(&mut group),
                Came::Time => {}
                Came::End => return,
            }
            self.sweep_a_little();
        }
    }

    /// Executes a batch in one transaction and answers each of its writes.
    fn commit(&mut self, group: &mut Vec<Job>) {
        if let Some(sweeper) = &mut self.sweeper
            && let Some(present) = group.iter().rev().find_map(|job| job.write.present())
        {
            sweeper.present = Some(present);
        }
        let outcome = {
            let connection = lock(&self.connection);
            carry_out(&connection, group, &mut self.versions)
        };
        // After the commit and before the answers, so an acknowledged write went to the file while it still had its
        // name.
        let outcome = match outcome {
            Ok(_) if self.is_gone() => Err(Why::Gone),
            outcome => outcome.map_err(Why::Sqlite),
        };
        // Counted before the answers are sent, so that callers find their own requests counted.
        match &outcome {
            Ok(results) => {
                let failed = results.iter().filter(|result| result.is_err()).count();
                self.counting.committed(group.len() as u64);
                self.counting.failed(failed as u64);
            }
            Err(_) => self.counting.failed(group.len() as u64),
        }
        match outcome {
            Ok(results) => {
                for (job, result) in group.drain(..).zip(results) {
                    let doing = job.write.doing();
                    let result = result.map_err(|error| Cause::new(self.path(), error));
                    job.answer(result.map_err(|cause| StoreError::new(doing, cause)));
                }
            }
            Err(cause) => {
                let cause = Arc::new(Cause::new(self.path(), cause));
                for job in group.drain(..) {
                    let error = store_error(job.write.doing(), &cause);
                    job.answer(Err(error));
                }
            }
        }
    }

    /// Checks whether the opened file was deleted or replaced, and logs this once.
    fn is_gone(&mut self) -> bool {
        let Some(file) = &self.file else { return false };
        let is_gone = !file.is_there();
        if is_gone && !self.is_gone {
            let path = file.path.display();
            tracing::error!(%path, "the session database was deleted or replaced while in use; every write fails");
        }
        self.is_gone = is_gone;
        is_gone
    }

    fn path(&self) -> Option<&Arc<Path>> {
        self.file.as_ref().map(|file| &file.path)
    }

    /// Runs one step of the automatic sweep if it is due. Queued writes run before the next step.
    fn sweep_a_little(&mut self) {
        let Some(sweeper) = &mut self.sweeper else { return };
        let Some(present) = sweeper.present.filter(|_| sweeper.due <= Instant::now()) else {
            return;
        };
        // All processes that use this file share the system clock. A record that has not expired by it would be swept
        // only because a clock is wrong.
        let clock = millis(SystemTime::now());
        if sweeper.is_new && present > clock.saturating_add(MAX_CLOCK_LEAD_MS) {
            self.counting.clock_ahead();
            let seconds = (present - clock) / 1000;
            tracing::warn!(
                seconds,
                "a session was written by a clock ahead of this machine's; sweeping goes by the machine's"
            );
        }
        sweeper.is_new = false;
        let step = sweep(&lock(&self.connection), present.min(clock));
        let (swept, has_more) = step.unwrap_or_else(|error| {
            tracing::warn!(%error, "sweeping expired sessions failed, and is tried again at the next turn");
            (0, false)
        });
        self.counting.swept(swept as u64);
        if swept > 0 {
            tracing::debug!(swept, "expired sessions swept");
        }
        if !has_more {
            sweeper.due = Instant::now() + sweeper.interval;
            sweeper.present = None;
            sweeper.is_new = true;
        }
    }
}

impl Sweeper {
    /// Returns when the next round is due. Without a write since the last round, nothing more can have expired, and
    /// there is none.
    fn due(&self) -> Option<Instant> {
        self.present.map(|_| self.due)
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
    fn present(&self) -> Option<i64> {
        match self {
            Self::Create { record, .. } | Self::Replace { record, .. } => Some(millis(record.last_seen)),
            Self::Touch { last_seen, .. } => Some(*last_seen),
            Self::Delete { .. } | Self::DeleteOwnedBy { .. } | Self::Sweep { .. } => None,
        }
    }
}

impl Job {
    /// Sends the answer. A failed send means that the client disconnected; the write still counts.
    fn answer(self, result: Result<Done, StoreError>) {
        drop(self.reply.send(result));
    }
}

/// Executes a batch in one transaction. `Err` means that nothing was committed, or that the outcome is unknown.
fn carry_out(
    connection: &Connection,
    group: &[Job],
    versions: &mut Versions,
) -> rusqlite::Result<Vec<rusqlite::Result<Done>>> {
    let mut results = Vec::with_capacity(group.len());
    let mut statements = Statements::prepare(connection)?;
    statements.begin.execute([])?;
    let committed = (|| {
        for job in group {
            let result = statements.execute(&job.write, versions.next());
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
    replace_sooner: CachedStatement<'a>,
    touch: CachedStatement<'a>,
    touch_sooner: CachedStatement<'a>,
    delete: CachedStatement<'a>,
    delete_owned_by: CachedStatement<'a>,
    sweep: CachedStatement<'a>,
    sweep_later: CachedStatement<'a>,
    commit: CachedStatement<'a>,
}

impl<'a> Statements<'a> {
    fn prepare(connection: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            begin: connection.prepare_cached("BEGIN IMMEDIATE")?,
            create: connection.prepare_cached(CREATE)?,
            replace: connection.prepare_cached(REPLACE)?,
            replace_sooner: connection.prepare_cached(REPLACE_SOONER)?,
            touch: connection.prepare_cached(TOUCH)?,
            touch_sooner: connection.prepare_cached(TOUCH_SOONER)?,
            delete: connection.prepare_cached(DELETE)?,
            delete_owned_by: connection.prepare_cached(DELETE_OWNED_BY)?,
            sweep: connection.prepare_cached(SWEEP)?,
            sweep_later: connection.prepare_cached(SWEEP_LATER)?,
            commit: connection.prepare_cached("COMMIT")?,
        })
    }

    fn execute(&mut self, write: &Write, version: Version) -> rusqlite::Result<Done> {
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
                    0 => self.replace_sooner.execute(parameters)?,
                    rows => rows,
                }
            }
            Write::Touch { key, expected, last_seen, expires_at } => {
                let parameters = params![key.as_bytes(), column(*expected), last_seen, expires_at];
                match self.touch.execute(parameters)? {
                    0 => self.touch_sooner.execute(parameters)?,
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
                let corrected = self.sweep_later.execute(params![now, SWEEP_STEP])?;
                has_more = (removed + corrected) as i64 >= SWEEP_STEP || removed as i64 >= *at_most;
                removed
            }
        };
        Ok(Done { rows, version, has_more })
    }
}
