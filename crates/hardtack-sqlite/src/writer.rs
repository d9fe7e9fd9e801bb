use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_channel::oneshot;
use hardtack_core::session::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{StoreError, Version, millis};
use rusqlite::{CachedStatement, Connection, params};

use crate::counters::Counting;
use crate::error::{Cause, Why, refused, store_error, thread_gone};
use crate::file::DatabaseFile;
use crate::queue::{Came, Queue};
use crate::reader::{SharedConnection, lock};
use crate::row::column;

const CREATE: &str = "INSERT INTO session \
     (key, version, data, owner, label, created_at, last_seen, expires_at, deadline, sweep_at, lineage, purpose) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8, ?10, ?11) ON CONFLICT (key) DO NOTHING";

/// For a record that expires no sooner than the index on expiry believes: the index stays as it is.
pub(crate) const REPLACE: &str = "UPDATE session SET version = ?3, data = ?4, owner = ?5, \
     label = ?6, created_at = ?7, last_seen = ?8, expires_at = ?9, deadline = ?10, lineage = ?11 \
     WHERE key = ?1 AND version = ?2 AND sweep_at <= ?9";

/// For any other.
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

/// Removes at most `?2` of the first `?3` that may have expired.
pub(crate) const SWEEP: &str = "DELETE FROM session WHERE key IN (SELECT key FROM \
     (SELECT key, expires_at FROM session WHERE sweep_at <= ?1 ORDER BY sweep_at LIMIT ?3) \
     WHERE expires_at <= ?1 LIMIT ?2)";

/// Corrects the index for those of the first `?2` that have not.
pub(crate) const SWEEP_LATER: &str = "UPDATE session SET sweep_at = expires_at \
     WHERE expires_at > ?1 AND key IN \
     (SELECT key FROM session WHERE sweep_at <= ?1 ORDER BY sweep_at LIMIT ?2)";

/// How many writes may wait: beyond it the disk is hopelessly behind, and an error is better than a longer queue.
pub(crate) const WAITING_WRITES: usize = 16 * 1024;

/// How many writes are committed together at most: enough to make the wait for the disk cheap, few enough that the
/// first of them does not wait long for the last.
const GROUP: usize = 1024;

/// How far a writer's clock may be ahead of the machine's before the log says so, in milliseconds.
const MOST_AHEAD: i64 = 60_000;

/// How many records one step of sweeping looks at.
const SWEEP_STEP: i64 = 256;

/// One write: one statement, or two of which the second is for what the first did not find.
#[derive(Debug)]
pub(crate) enum Write {
    Create { key: StoreKey, record: Record },
    Replace { key: StoreKey, expected: Version, record: Record },
    Touch { key: StoreKey, expected: Version, last_seen: i64, expires_at: i64 },
    Delete { key: StoreKey, expected: Version },
    DeleteOwnedBy { purpose: Purpose, owner: Owner, spared: Option<Lineage> },
    Sweep { now: i64, at_most: i64 },
}

/// What a write did: how many records it wrote or removed, and the version they have now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    pub(crate) rows: usize,
    pub(crate) version: Version,
    /// Of a step of sweeping: there is more to look at.
    pub(crate) has_more: bool,
}

/// A write that waits, with the answer's address.
#[derive(Debug)]
pub(crate) struct Job {
    write: Write,
    reply: oneshot::Sender<Result<Done, StoreError>>,
}

/// Hands a write to the writer and waits until it is as durable as promised.
///
/// Dropping the future does not take the write back.
pub(crate) async fn write(queue: &Queue<Job>, write: Write) -> Result<Done, StoreError> {
    let doing = write.doing();
    let (reply, answer) = oneshot::channel();
    queue.push(Job { write, reply }).map_err(|refusal| refused(doing, refusal))?;
    answer.await.map_err(|_| thread_gone(doing))?
}

/// The one thread that writes: it takes all that waits, commits it as one transaction, and then answers.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: SharedConnection,
    queue: Arc<Queue<Job>>,
    counting: Arc<Counting>,
    versions: Versions,
    sweeper: Option<Sweeper>,
    /// None in memory.
    file: Option<DatabaseFile>,
    /// Whether it has been said that the file is gone.
    is_gone: bool,
}

/// Versions for all writes of this store: consecutive, from a random 64-bit start.
///
/// Several processes may write to one file, and each counts from a start of its own; for two of them, or for one and
/// its own past, to give a record the same version twice, two starts would have to fall within as many of 2^64 numbers
/// as there were writes.
#[derive(Debug)]
struct Versions(u64);

/// When to sweep next, and by which present.
#[derive(Debug)]
struct Sweeper {
    interval: Duration,
    due: Instant,
    /// The `last_seen` of the record written last: the layer's clock, at second hand.
    present: Option<i64>,
    /// Whether this turn has had no step yet.
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

    /// Works until the queue is closed and empty.
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

    /// Carries out a group in one transaction and answers each of its writes.
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
        // After the commit and before the answers: what is acknowledged was in the file while it had its name.
        let outcome = match outcome {
            Ok(_) if self.is_gone() => Err(Why::Gone),
            outcome => outcome.map_err(Why::Sqlite),
        };
        // Counted before anybody is answered, so that whoever was answered finds it counted.
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

    /// Whether the file that was opened no longer has its name, which is said once.
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

    /// One step of the store's own sweeping, if it is time; what waits in the queue goes before the next.
    fn sweep_a_little(&mut self) {
        let Some(sweeper) = &mut self.sweeper else { return };
        let Some(present) = sweeper.present.filter(|_| sweeper.due <= Instant::now()) else {
            return;
        };
        // All processes at this file share the machine's clock. What has not expired by it was not swept for its age, but
        // because a clock is wrong.
        let clock = millis(SystemTime::now());
        if sweeper.is_new && present > clock.saturating_add(MOST_AHEAD) {
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
    /// Without a write since the last turn, nothing more can have expired.
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

    /// The time at which it was asked for, if it tells.
    fn present(&self) -> Option<i64> {
        match self {
            Self::Create { record, .. } | Self::Replace { record, .. } => Some(millis(record.last_seen)),
            Self::Touch { last_seen, .. } => Some(*last_seen),
            Self::Delete { .. } | Self::DeleteOwnedBy { .. } | Self::Sweep { .. } => None,
        }
    }
}

impl Job {
    /// Answers; if nobody waits any more, the visitor hung up, and the write stands all the same.
    fn answer(self, result: Result<Done, StoreError>) {
        drop(self.reply.send(result));
    }
}

/// Carries out a group in one transaction. `Err` means that none of it was committed, or that nobody knows.
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
            // Some failures (a full disk) end the whole transaction; the rest must not run outside of it.
            if result.is_err() && connection.is_autocommit() {
                return result.map(drop);
            }
            results.push(result);
        }
        statements.commit.execute([]).map(drop)
    })();
    if let Err(error) = committed {
        if !connection.is_autocommit() {
            // If this fails too, the next group's beginning will.
            drop(connection.execute_batch("ROLLBACK"));
        }
        return Err(error);
    }
    Ok(results)
}

/// A step of sweeping in a transaction of its own.
fn sweep(connection: &Connection, now: i64) -> rusqlite::Result<(usize, bool)> {
    let write = Write::Sweep { now, at_most: SWEEP_STEP };
    let transaction = connection.unchecked_transaction()?;
    let done = Statements::prepare(connection)?.execute(&write, Version::new(0))?;
    transaction.commit()?;
    Ok((done.rows, done.has_more))
}

/// Every statement of a group, looked up once.
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
