use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use hardtack_core::session::{Owner, Record, StoreKey};
use hardtack_core::store::{Cursor, Page, StoreError, Stored, Summary, Swap, Version};

use crate::counters::{Counting, SqlCounters};
use crate::engine::{Done, Engine, Write};
use crate::job::{Job, LISTING, LOADING, PAGING, Read, ask};
use crate::lane::Lane;
use crate::link::Link;
use crate::queue::{Queue, Weigh};
use crate::settings::Settings;
use crate::sweeper::{Present, STEP, sweep_for_ever};
use crate::time::millis;

/// How many requests may wait for one connection: beyond it the server is hopelessly behind, and an error is better
/// than a longer queue.
const WAITING: usize = 16 * 1024;

/// A store on a database server: everything about it but the server's own language.
///
/// Each connection has a task and a queue. Requests for one key always go to the same connection, so they wait for each
/// other in the queue and not for locks in the server. What waits together goes together.
#[derive(Debug)]
pub struct Gathering<E: Engine> {
    inner: Arc<Inner<E>>,
}

#[derive(Debug)]
pub(crate) struct Inner<E: Engine> {
    readers: Vec<Arc<Queue<Read>>>,
    writers: Vec<Arc<Queue<Job>>>,
    pub(crate) counting: Arc<Counting>,
    pub(crate) present: Present,
    versions: Versions,
    engine: Arc<E>,
}

/// Versions for all writes of this store: consecutive, from a random 64-bit start.
///
/// Several programs may write to one database, and each counts from a start of its own; for two of them, or for one and
/// its own past, to give a record the same version twice, two starts would have to fall within as many of 2^64 numbers
/// as there were writes.
#[derive(Debug)]
struct Versions(AtomicU64);

const CONNECTING: &str = "connecting to the session database";

impl<E: Engine> Gathering<E> {
    /// Connects, makes the schema if it is not there, and starts the tasks.
    ///
    /// # Errors
    ///
    /// The server cannot be reached, or refuses the schema.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub async fn start(engine: E, settings: &Settings) -> Result<Self, StoreError> {
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
        let mut links = std::iter::once(first).chain(std::iter::repeat_with(new_link));
        let readers = (0..settings.readers.max(1)).zip(&mut links).map(|(_, link)| {
            let queue = Arc::new(Queue::new(WAITING));
            tokio::spawn(Lane { link, queue: Arc::clone(&queue), counting: Arc::clone(&counting) }.read());
            queue
        });
        let readers = readers.collect();
        let writers = (0..settings.writers.max(1)).zip(&mut links).map(|(_, link)| {
            let queue = Arc::new(Queue::new(WAITING));
            tokio::spawn(Lane { link, queue: Arc::clone(&queue), counting: Arc::clone(&counting) }.write());
            queue
        });
        let writers = writers.collect();
        drop(links);
        let inner = Arc::new(Inner {
            readers,
            writers,
            counting,
            present: Present::default(),
            versions: Versions(AtomicU64::new(rand::random())),
            engine,
        });
        if let Some(interval) = settings.sweep_interval {
            tokio::spawn(sweep_for_ever(Arc::downgrade(&inner), interval));
        }
        Ok(Self { inner })
    }

    /// What it was started with.
    #[must_use]
    pub fn engine(&self) -> &E {
        &self.inner.engine
    }

    /// What was done so far.
    #[must_use]
    pub fn counters(&self) -> SqlCounters {
        self.inner.counting.totals(self.inner.writers.iter().map(|queue| queue.len()).sum())
    }

    /// As [`SessionStore::load`](hardtack_core::store::SessionStore::load).
    ///
    /// # Errors
    ///
    /// The server is out of reach or broken; the same for every call below.
    pub async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let key = *key;
        ask(of_key(&self.inner.readers, &key), LOADING, |reply| Read::Load { key, reply }).await
    }

    /// As [`SessionStore::owned_by`](hardtack_core::store::SessionStore::owned_by).
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub async fn owned_by(&self, owner: &Owner) -> Result<Vec<Summary>, StoreError> {
        let owner = owner.clone();
        ask(shortest(&self.inner.readers), LISTING, |reply| Read::OwnedBy { owner, reply }).await
    }

    /// As [`SessionListing::page`](hardtack_core::store::SessionListing::page), by the order of keys.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); or the cursor is another store's.
    pub async fn page(&self, after: Option<&Cursor>, at_most: usize) -> Result<Page, StoreError> {
        let (after, size) = (after.map(Cursor::key).transpose()?, Page::size(at_most));
        let listed =
            ask(shortest(&self.inner.readers), PAGING, |reply| Read::Page { after, size, reply }).await?;
        Ok(Page::by_key(listed, size))
    }

    /// As [`SessionStore::create`](hardtack_core::store::SessionStore::create).
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); and then the outcome is unknown.
    pub async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        let version = self.inner.versions.next();
        let done = self.write(Write::Create { key: *key, version, record: record.clone() }).await?;
        Ok(done.swap(version))
    }

    /// As [`SessionStore::replace`](hardtack_core::store::SessionStore::replace).
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub async fn replace(
        &self,
        key: &StoreKey,
        expected: Version,
        record: &Record,
    ) -> Result<Swap, StoreError> {
        let version = self.inner.versions.next();
        let write = Write::Replace { key: *key, expected, version, record: record.clone() };
        Ok(self.write(write).await?.swap(version))
    }

    /// As [`SessionStore::touch`](hardtack_core::store::SessionStore::touch).
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        let (last_seen, expires_at) = (millis(last_seen), millis(expires_at));
        Ok(self.write(Write::Touch { key: *key, expected, last_seen, expires_at }).await?.rows > 0)
    }

    /// As [`SessionStore::delete`](hardtack_core::store::SessionStore::delete).
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        Ok(self.write(Write::Delete { key: *key, expected }).await?.rows > 0)
    }

    /// As [`SessionStore::delete_owned_by`](hardtack_core::store::SessionStore::delete_owned_by).
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub async fn delete_owned_by(&self, owner: &Owner, except: Option<&StoreKey>) -> Result<u64, StoreError> {
        let write = Write::DeleteOwnedBy { owner: owner.clone(), except: except.copied() };
        Ok(self.write(write).await?.rows)
    }

    /// As [`SessionStore::sweep`](hardtack_core::store::SessionStore::sweep), in steps of at most 256 records, between
    /// which other writes have their turn.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        let now = millis(now);
        let mut swept = 0;
        while swept < at_most {
            let rest = i64::try_from(at_most - swept).unwrap_or(i64::MAX);
            let done = self.write(Write::Sweep { now, at_most: rest.min(STEP) }).await?;
            swept += usize::try_from(done.rows).unwrap_or(usize::MAX);
            if !done.has_more {
                break;
            }
        }
        Ok(swept)
    }

    async fn write(&self, write: Write) -> Result<Done, StoreError> {
        self.inner.write(write).await
    }
}

impl<E: Engine> Clone for Gathering<E> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<E: Engine> Inner<E> {
    pub(crate) async fn write(&self, write: Write) -> Result<Done, StoreError> {
        self.present.note(&write);
        let queue = match &write {
            Write::Create { key, .. }
            | Write::Replace { key, .. }
            | Write::Touch { key, .. }
            | Write::Delete { key, .. } => of_key(&self.writers, key),
            Write::DeleteOwnedBy { .. } | Write::Sweep { .. } => shortest(&self.writers),
        };
        ask(queue, write.doing(), |reply| Job { write, reply }).await
    }
}

/// The lanes finish what waits, and end.
impl<E: Engine> Drop for Inner<E> {
    fn drop(&mut self) {
        self.readers.iter().for_each(|queue| queue.close());
        self.writers.iter().for_each(|queue| queue.close());
    }
}

impl Versions {
    fn next(&self) -> Version {
        Version::new(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

impl Done {
    fn swap(self, version: Version) -> Swap {
        if self.rows > 0 { Swap::Done(version) } else { Swap::Refused }
    }
}

/// The same queue each time for one key; a key is a digest, so that its bytes spread evenly.
fn of_key<'a, T>(queues: &'a [Arc<Queue<T>>], key: &StoreKey) -> &'a Queue<T> {
    let [.., high, low] = *key.as_bytes();
    &queues[usize::from(u16::from_be_bytes([high, low])) % queues.len()]
}

fn shortest<T: Weigh>(queues: &[Arc<Queue<T>>]) -> &Queue<T> {
    queues.iter().min_by_key(|queue| queue.len()).expect("a store has at least one connection of each kind")
}
