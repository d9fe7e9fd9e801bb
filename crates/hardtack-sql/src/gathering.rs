use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hardtack_core::session::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{
    Cursor, LEFT_OUT, LeftOut, Page, Rows, SessionListing, SessionStore, StoreError, Stored, Summary, Swap,
    Version, millis,
};

use crate::counters::{Counting, SqlCounters};
use crate::engine::{Done, Engine, MAX_OWNER, SWEEP_STEP, Whose, Write};
use crate::job::{ENDING, LISTING, LOADING, PAGING, Read, ask};
use crate::lanes::Lanes;
use crate::link::Link;
use crate::settings::Settings;
use crate::sweeper::sweep_for_ever;
use crate::table::Table;

/// A store on a database server: everything about it but the server's own language.
///
/// Each connection has a task. Reads of one key always go to the same connection, so that it is read once for all of them;
/// writes go to whichever is free. What waits together goes together.
#[derive(Debug, Clone)]
pub struct Gathering {
    lanes: Arc<Lanes>,
}

const PREPARING: &str = "preparing to connect to the session database";
const CONNECTING: &str = "connecting to the session database";

/// How often an owner's records are looked for and removed before giving up: with the pauses in between, for about half a
/// second in which the owner's sessions are renewed without pause.
const MOST_PASSES: u32 = 256;

/// The longest pause between two of them.
const LONGEST_PAUSE: Duration = Duration::from_millis(4);

impl Gathering {
    /// Connects to the server at `url`, makes the schema if it is not there, and starts the tasks.
    ///
    /// # Errors
    ///
    /// The URL or the table's name is malformed, the server cannot be reached, or it refuses the schema.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub async fn connect<E: Engine>(url: &str, settings: &Settings) -> Result<Self, StoreError> {
        let table =
            Table::new(&settings.table, E::QUOTE).map_err(|error| StoreError::new(PREPARING, error))?;
        let engine =
            E::new(url, table, settings.timeout).map_err(|error| StoreError::new(PREPARING, error))?;
        let engine = Arc::new(engine);
        let counting = Arc::new(Counting::default());
        let new_link = || Link::new(Arc::clone(&engine), Arc::clone(&counting), settings.timeout);
        let mut first = new_link();
        let patience = first.patience();
        let migrated = match first.connection().await {
            Ok(connection) => Link::<E>::within(patience, engine.migrate(connection)).await,
            Err(failure) => Err(failure),
        };
        migrated.map_err(|failure| failure.to_error(CONNECTING))?;
        let links = std::iter::once(first).chain(std::iter::repeat_with(new_link));
        // The operating system's: a generator of the process would be the same in those that it forks.
        let first_version = getrandom::u64().map_err(|error| StoreError::new(PREPARING, error))?;
        let lanes = Arc::new(Lanes::start(links, settings, Arc::clone(&counting), first_version));
        if let Some(interval) = settings.sweep_interval {
            tokio::spawn(sweep_for_ever(Arc::downgrade(&lanes), interval));
        }
        Ok(Self { lanes })
    }

    /// What was done so far.
    #[must_use]
    pub fn counters(&self) -> SqlCounters {
        self.lanes.counters()
    }

    /// Counts and logs what a listing left out.
    fn report(&self, left_out: Option<&LeftOut>) {
        let Some(left_out) = left_out else { return };
        self.lanes.counting.left_out(left_out.count);
        tracing::error!(
            count = left_out.count,
            source = left_out.first.source().map(tracing::field::display),
            "{LEFT_OUT}"
        );
    }
}

impl SessionStore for Gathering {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let key = *key;
        ask(self.lanes.reader_of(&key), LOADING, |reply| Read::Load { key, reply }).await
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        fits("creating a session", record)?;
        let version = self.lanes.next_version();
        let done = self.lanes.write(Write::Create { key: *key, version, record: record.clone() }).await?;
        Ok(done.swap(version))
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        fits("saving a session", record)?;
        let version = self.lanes.next_version();
        let write = Write::Replace { key: *key, expected, version, record: record.clone() };
        Ok(self.lanes.write(write).await?.swap(version))
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
        Ok(self.lanes.write(write).await?.rows > 0)
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        Ok(self.lanes.write(Write::Delete { key: *key, expected }).await?.rows > 0)
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        let whose = Whose { purpose: purpose.clone(), owner: owner.clone() };
        let mut rows = Rows::filling(after, Page::size(at_most));
        while let Some((after, size)) = rows.next() {
            let (whose, after) = (whose.clone(), after.into());
            let look = |reply| Read::OwnedBy { whose, after, size, reply };
            let found = ask(self.lanes.any_reader(), LISTING, look).await?;
            rows.add(found);
        }
        self.report(rows.left_out());
        Ok(rows.into_records())
    }

    /// Removes what it finds, and looks again until it finds nothing.
    ///
    /// Once would not do. A statement sees what was committed when it began. Where it waits for the lock of a record
    /// that is being renewed, it finds a tombstone there, which has no owner, and has not seen the successor, which was
    /// committed after it had begun. Each look is a statement of its own, with a snapshot of its own: since a renewal
    /// has committed the successor before it touches the record before it, a snapshot without any record of the owner
    /// proves that there was none at that moment.
    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        let whose = Whose { purpose: purpose.clone(), owner: owner.clone() };
        let spared = spared.copied();
        let mut deleted = 0;
        for pass in 0..MOST_PASSES {
            if pass > 1 {
                // Someone renews in step with us, each time just ahead: get out of step.
                tokio::time::sleep(rand::random_range(Duration::ZERO..LONGEST_PAUSE)).await;
            }
            deleted += self.lanes.write(Write::DeleteOwnedBy { whose: whose.clone(), spared }).await?.rows;
            let look = |reply| Read::HasOthers { whose: whose.clone(), spared, reply };
            if !ask(self.lanes.any_reader(), ENDING, look).await? {
                return Ok(deleted);
            }
        }
        Err(StoreError::new(ENDING, "the user's sessions are renewed without pause; try again"))
    }

    /// In steps, between which other writes have their turn.
    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        let now = millis(now);
        let mut swept = 0;
        while swept < at_most {
            let rest = i64::try_from(at_most - swept).unwrap_or(i64::MAX);
            let done = self.lanes.write(Write::Sweep { now, at_most: rest.min(SWEEP_STEP) }).await?;
            swept += usize::try_from(done.rows).unwrap_or(usize::MAX);
            if !done.has_more {
                break;
            }
        }
        Ok(swept)
    }
}

impl SessionListing for Gathering {
    async fn page(&self, after: Option<&Cursor>, at_most: usize) -> Result<Page, StoreError> {
        let after = after.map(Cursor::key).transpose()?;
        let mut rows = Rows::page(after.as_ref(), Page::size(at_most));
        while let Some((after, size)) = rows.next() {
            let after = after.into();
            let look = |reply| Read::Page { after, size, reply };
            let found = ask(self.lanes.any_reader(), PAGING, look).await?;
            rows.add(found);
        }
        self.report(rows.left_out());
        Ok(rows.into_page())
    }
}

/// A server that is not strict would cut a longer text, and so take one user for another.
fn fits(doing: &'static str, record: &Record) -> Result<(), StoreError> {
    if record.owner().is_some_and(|owner| owner.as_str().len() > MAX_OWNER) {
        return Err(StoreError::new(
            doing,
            format!(
                "the user's name is longer than {MAX_OWNER} bytes, the most that the database's index takes"
            ),
        ));
    }
    Ok(())
}

impl Done {
    fn swap(self, version: Version) -> Swap {
        if self.rows > 0 { Swap::Done(version) } else { Swap::Refused }
    }
}
