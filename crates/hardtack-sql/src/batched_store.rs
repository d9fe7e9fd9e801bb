use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hardtack_core::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{
    Cursor, LEFT_OUT, LeftOut, Page, Rows, SessionListing, SessionStore, StoreError, Stored, Summary, Swap,
    Version, millis,
};

use crate::connection::request::{LISTING, LOADING, PAGING, ReadRequest, submit};
use crate::connection::{ReconnectingConnection, Workers};
use crate::engine::Engine;
use crate::metrics::{Metrics, SqlMetrics};
use crate::setup::settings::Settings;
use crate::setup::table::Table;
use crate::sweeper::sweep_forever;
use crate::write::{ENDING, MAX_OWNER_BYTES, OwnerKey, SWEEP_STEP, Write, WriteOutcome};

/// A session store on a database server. It contains everything except the SQL of the kind of server.
///
/// Each connection is served by its own task. All loads of one key use the same connection, so that concurrent requests
/// can share one load; a write uses any free write connection. Requests that are waiting when a connection becomes free
/// are sent together.
#[derive(Debug, Clone)]
pub struct BatchedStore {
    workers: Arc<Workers>,
}

const PREPARING: &str = "preparing to connect to the session database";
const CONNECTING: &str = "connecting to the session database";

/// The number of passes in which `delete_owned_by` looks for records before it gives up. With the pauses between them,
/// all passes take about half a second, and the limit is reached only if the owner's sessions are renewed continuously
/// during that time.
const MAX_PASSES: u32 = 256;

/// The longest pause between two passes of `delete_owned_by`.
const MAX_PAUSE: Duration = Duration::from_millis(4);

impl BatchedStore {
    /// Connects to the server at `url`, creates the schema if it does not exist, and starts the tasks.
    ///
    /// # Errors
    ///
    /// Fails if the URL or the table's name is malformed, the server cannot be reached or refuses the login, or the
    /// schema cannot be created or has another version.
    ///
    /// # Panics
    ///
    /// Panics if called outside a tokio runtime.
    pub async fn connect<E: Engine>(url: &str, settings: &Settings) -> Result<Self, StoreError> {
        let table =
            Table::new(&settings.table, E::QUOTE).map_err(|error| StoreError::new(PREPARING, error))?;
        let engine =
            E::new(url, table, settings.timeout).map_err(|error| StoreError::new(PREPARING, error))?;
        let engine = Arc::new(engine);
        let metrics = Arc::new(Metrics::default());
        let new_connection =
            || ReconnectingConnection::new(Arc::clone(&engine), Arc::clone(&metrics), settings.timeout);
        let mut first = new_connection();
        let timeout = first.timeout();
        let migrated = match first.get().await {
            Ok(connection) => ReconnectingConnection::<E>::within(timeout, engine.migrate(connection)).await,
            Err(failure) => Err(failure),
        };
        migrated.map_err(|failure| failure.to_error(CONNECTING))?;
        let connections = std::iter::once(first).chain(std::iter::repeat_with(new_connection));
        // The start comes from the operating system, because a generator in the process would return the same numbers
        // in every forked child.
        let first_version = getrandom::u64().map_err(|error| StoreError::new(PREPARING, error))?;
        let workers = Arc::new(Workers::start(connections, settings, Arc::clone(&metrics), first_version));
        if let Some(interval) = settings.sweep_interval {
            tokio::spawn(sweep_forever(Arc::downgrade(&workers), interval));
        }
        Ok(Self { workers })
    }

    /// Returns the totals since the store was connected.
    #[must_use]
    pub fn metrics(&self) -> SqlMetrics {
        self.workers.metrics()
    }

    /// Counts and logs the records that a listing omitted because they cannot be decoded.
    fn log_omitted(&self, left_out: Option<&LeftOut>) {
        let Some(left_out) = left_out else { return };
        self.workers.metrics.left_out(left_out.count);
        tracing::error!(
            count = left_out.count,
            source = left_out.first.source().map(tracing::field::display),
            "{LEFT_OUT}"
        );
    }
}

impl SessionStore for BatchedStore {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let key = *key;
        submit(self.workers.reader_of(&key), LOADING, |reply| ReadRequest::Load { key, reply }).await
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        check_owner("creating a session", record)?;
        let version = self.workers.next_version();
        let done = self.workers.write(Write::Create { key: *key, version, record: record.clone() }).await?;
        Ok(done.swap(version))
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        check_owner("saving a session", record)?;
        let version = self.workers.next_version();
        let write = Write::Replace { key: *key, expected, version, record: record.clone() };
        Ok(self.workers.write(write).await?.swap(version))
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        let (last_seen, expires_at) = (millis(last_seen), millis(expires_at));
        let write = Write::Touch { key: *key, expected, last_seen, expires_at };
        Ok(self.workers.write(write).await?.rows > 0)
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        Ok(self.workers.write(Write::Delete { key: *key, expected }).await?.rows > 0)
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        let owner_key = OwnerKey { purpose: purpose.clone(), owner: owner.clone() };
        let mut rows = Rows::filling(after, Page::size(at_most));
        while let Some((after, size)) = rows.next() {
            let (owner_key, after) = (owner_key.clone(), after.into());
            let request = |reply| ReadRequest::OwnedBy { owner_key, after, size, reply };
            let found = submit(self.workers.any_reader(), LISTING, request).await?;
            rows.add(found);
        }
        self.log_omitted(rows.left_out());
        Ok(rows.into_records())
    }

    /// Removes the owner's records and looks for more, until it finds none.
    ///
    /// One pass is not enough. A statement sees only what was committed when the statement started. If it waits for the
    /// lock of a record that is being renewed, it then finds a tombstone without an owner, and it does not see the
    /// successor, which was committed after the statement started. The check after each pass is therefore a separate
    /// statement with its own snapshot. A renewal commits the successor before it changes the previous record, so if a
    /// snapshot contains no record of the owner, none existed when the snapshot was taken.
    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        let owner_key = OwnerKey { purpose: purpose.clone(), owner: owner.clone() };
        let spared = spared.copied();
        let mut deleted = 0;
        for pass in 0..MAX_PASSES {
            if pass > 1 {
                // Another client may renew sessions at the same pace, always just ahead of this loop. A random pause
                // breaks the pattern.
                tokio::time::sleep(rand::random_range(Duration::ZERO..MAX_PAUSE)).await;
            }
            deleted +=
                self.workers.write(Write::DeleteOwnedBy { owner_key: owner_key.clone(), spared }).await?.rows;
            let request = |reply| ReadRequest::HasOthers { owner_key: owner_key.clone(), spared, reply };
            if !submit(self.workers.any_reader(), ENDING, request).await? {
                return Ok(deleted);
            }
        }
        Err(StoreError::new(ENDING, "other requests keep renewing the user's sessions: try again"))
    }

    /// Deletes in steps, so that other writes can run in between.
    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        let now = millis(now);
        let mut swept = 0;
        while swept < at_most {
            let rest = i64::try_from(at_most - swept).unwrap_or(i64::MAX);
            let done = self.workers.write(Write::Sweep { now, at_most: rest.min(SWEEP_STEP) }).await?;
            swept += usize::try_from(done.rows).unwrap_or(usize::MAX);
            if !done.has_more {
                break;
            }
        }
        Ok(swept)
    }
}

impl SessionListing for BatchedStore {
    async fn page(&self, after: Option<&Cursor>, at_most: usize) -> Result<Page, StoreError> {
        let after = after.map(Cursor::key).transpose()?;
        let mut rows = Rows::page(after.as_ref(), Page::size(at_most));
        while let Some((after, size)) = rows.next() {
            let after = after.into();
            let request = |reply| ReadRequest::Page { after, size, reply };
            let found = submit(self.workers.any_reader(), PAGING, request).await?;
            rows.add(found);
        }
        self.log_omitted(rows.left_out());
        Ok(rows.into_page())
    }
}

/// Checks that the owner's name fits the column. A server that is not in strict mode would truncate a longer name, and
/// the store would then mistake one user for another.
fn check_owner(doing: &'static str, record: &Record) -> Result<(), StoreError> {
    if record.owner().is_some_and(|owner| owner.as_str().len() > MAX_OWNER_BYTES) {
        return Err(StoreError::new(
            doing,
            format!(
                "the user's name is longer than {MAX_OWNER_BYTES} bytes, the limit of the database's index"
            ),
        ));
    }
    Ok(())
}

impl WriteOutcome {
    fn swap(self, version: Version) -> Swap {
        if self.rows > 0 { Swap::Done(version) } else { Swap::Refused }
    }
}
