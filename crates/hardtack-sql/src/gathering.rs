use std::sync::Arc;
use std::time::SystemTime;

use hardtack_core::session::{Owner, Record, StoreKey};
use hardtack_core::store::{
    Cursor, Page, SessionListing, SessionStore, StoreError, Stored, Summary, Swap, Version, millis,
};

use crate::counters::{Counting, SqlCounters};
use crate::engine::{Done, Engine, SWEEP_STEP, Write};
use crate::job::{LISTING, LOADING, PAGING, Read, ask};
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
}

impl SessionStore for Gathering {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let key = *key;
        ask(self.lanes.reader_of(&key), LOADING, |reply| Read::Load { key, reply }).await
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        let version = self.lanes.next_version();
        let done = self.lanes.write(Write::Create { key: *key, version, record: record.clone() }).await?;
        Ok(done.swap(version))
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
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

    async fn owned_by(&self, owner: &Owner) -> Result<Vec<Summary>, StoreError> {
        let owner = owner.clone();
        ask(self.lanes.any_reader(), LISTING, |reply| Read::OwnedBy { owner, reply }).await
    }

    async fn delete_owned_by(&self, owner: &Owner, except: Option<&StoreKey>) -> Result<u64, StoreError> {
        let write = Write::DeleteOwnedBy { owner: owner.clone(), except: except.copied() };
        Ok(self.lanes.write(write).await?.rows)
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
        let (after, size) = (after.map(Cursor::key).transpose()?, Page::size(at_most));
        let listed = ask(self.lanes.any_reader(), PAGING, |reply| Read::Page { after, size, reply }).await?;
        Ok(Page::by_key(listed, size))
    }
}

impl Done {
    fn swap(self, version: Version) -> Swap {
        if self.rows > 0 { Swap::Done(version) } else { Swap::Refused }
    }
}
