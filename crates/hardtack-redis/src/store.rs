use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hardtack_core::session::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{
    Cursor, Page, SessionListing, SessionStore, StoreError, Stored, Summary, Swap, Version, millis,
};
use redis::{RedisError, Value};

use crate::address::Address;
use crate::change::{Change, How};
use crate::error::{CONNECTING, LOADING, failed, load_error, strange};
use crate::form;
use crate::keys::{Holder, Keys};
use crate::life::Life;
use crate::link::Link;
use crate::listing;
use crate::load::Load;
use crate::options::RedisOptions;
use crate::owners::{Member, Owners};
use crate::record::{self, Ticket, encode, version_bytes};
use crate::script;
use crate::server::Kind;
use crate::sweep;

/// Sessions in Redis or Valkey: one server, a master monitored by Sentinels, or a Cluster.
///
/// Clones share one connection to each server, which is replaced when it breaks. Every operation on one session is a
/// single round trip, except that a login takes two in a Cluster, where an owner's entries are on another node. Outside
/// a Cluster, requests that wait together are sent together: many loads as one `MGET`, and many writes as one script
/// call, each with its own answer.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use hardtack_core::session::{Purpose, Record, StoreKey};
/// use hardtack_core::store::SessionStore;
/// use hardtack_redis::RedisStore;
/// use std::time::{Duration, SystemTime};
///
/// let (key, now) = (StoreKey::from_bytes([7; 32]), SystemTime::now());
/// let record = Record {
///     purpose: Purpose::default(),
///     data: b"data"[..].into(),
///     login: None,
///     label: None,
///     created_at: now,
///     last_seen: now,
///     expires_at: now + Duration::from_secs(60),
///     deadline: now + Duration::from_secs(3600),
/// };
/// let store = RedisStore::connect("redis://localhost").await?;
/// let _ = store.create(&key, &record).await?;
/// assert_eq!(store.load(&key).await?.map(|stored| stored.record.data), Some(record.data));
/// # Ok(())
/// # }
/// ```
///
/// # Server configuration
///
/// - `maxmemory-policy noeviction`, or no `maxmemory`: if a session is evicted, its user is logged out. If the list of
///   an owner's sessions is evicted, logging out everywhere misses some of them.
/// - `appendonly yes`: otherwise, a restart of the server loses everything after its last snapshot. With
///   `appendfsync everysec`, a power failure loses the last two seconds, and so does a killed server whose disk is slow.
///   With `appendfsync always`, neither loses anything, at the cost of speed.
/// - Redis 6.2 or newer, or any Valkey. Managed services with the same protocol work too if they can run scripts on any
///   keys of one server. A service with several servers behind one address must present itself as a Cluster.
///
/// # What a failover can lose
///
/// Redis acknowledges a write before its replicas have it. If the master is lost at that moment and a replica is
/// promoted, the last acknowledged writes are gone: a login or a cart, but also a logout, so that an ended session
/// remains valid until it expires. Usually these are the last milliseconds. `min-replicas-to-write 1` with a small
/// `min-replicas-max-lag` limits how much a master that is cut off from its replicas continues to acknowledge, and with
/// [`wait_for_replicas`](RedisOptions::wait_for_replicas) a write is not acknowledged while only one machine has it. If
/// you must not lose anything, keep sessions in PostgreSQL.
///
/// # Failures
///
/// An operation that finds no server, or gets no answer in time, returns an error, and the client sees a 503. A write
/// is never sent twice: if the connection breaks, the write was applied once or not at all. The redirections of a
/// Cluster, and the answer that a script is unknown, arrive before anything is done, and are followed.
#[derive(Clone)]
pub struct RedisStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    link: Link,
    owners: Owners,
    linger: Duration,
}

const CREATING: &str = "creating a session";
const REPLACING: &str = "saving a session";
const TOUCHING: &str = "touching a session";
const DELETING: &str = "deleting a session";

impl RedisStore {
    /// Connects to the servers of a URL with the default [options](RedisOptions).
    ///
    /// | URL | where |
    /// |---|---|
    /// | `redis://[[user]:password@]host[:port][/db]` | one server |
    /// | `redis-sentinel://[[user]:password@]host[:port],…/name[/db]` | the master of that name; the hosts are Sentinels, and the password is the master's |
    /// | `redis-cluster://[[user]:password@]host[:port],…` | a Cluster; some of its nodes are enough |
    /// | `rediss://`, `rediss-sentinel://`, `rediss-cluster://` | the same, encrypted |
    /// | `redis+unix:///path/to/socket` | one server on this machine |
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`RedisOptions::connect`].
    ///
    /// # Panics
    ///
    /// Panics if called outside a tokio runtime.
    pub async fn connect(url: impl AsRef<str>) -> Result<Self, StoreError> {
        Self::options().connect(url).await
    }

    /// Returns the default options, to change before connecting.
    pub fn options() -> RedisOptions {
        RedisOptions::new()
    }
}

impl RedisOptions {
    /// Connects to the servers of a URL, as [`RedisStore::connect`] does.
    ///
    /// # Errors
    ///
    /// Fails if the URL has none of the supported forms, no server can be reached, the server refuses the login, or its
    /// sessions have the format of another release.
    ///
    /// # Panics
    ///
    /// Panics if called outside a tokio runtime.
    pub async fn connect(self, url: impl AsRef<str>) -> Result<RedisStore, StoreError> {
        let link = Link::new(Address::parse(url.as_ref(), &self)?, &self);
        link.check().await.map_err(|error| StoreError::new(CONNECTING, error))?;
        let keys = Keys::new(&self.prefix);
        form::check(&link, &keys).await?;
        let owners = Owners::new(link.clone(), keys);
        Ok(RedisStore { inner: Arc::new(Inner { link, owners, linger: self.linger }) })
    }
}

impl SessionStore for RedisStore {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let load = Load::new(self.inner.key(key));
        let loaded = self.inner.link.load(load).await;
        match loaded.map_err(load_error)? {
            Value::Nil => Ok(None),
            Value::BulkString(bytes) => record::stored(&bytes).map(Some),
            _ => Err(strange(LOADING)),
        }
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        let (version, ticket) = new_numbers(CREATING)?;
        let value = encode(record, version, ticket, self.inner.life(record).until)?;
        let created = match &holder(record) {
            None => self.inner.set_new(key, &value, record).await,
            Some(owner) => {
                self.inner.create_owned(key, &value, record, Member::new(key, ticket), owner).await
            }
        };
        let created = created.map_err(failed(CREATING))?;
        Ok(if created { Swap::Done(version) } else { Swap::Refused })
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        let ((version, ticket), life) = (new_numbers(REPLACING)?, self.inner.life(record));
        let replace = async |how| {
            let change = Change {
                key: self.inner.key(key),
                expected: version_bytes(expected),
                how,
                value: encode(record, version, ticket, life.until)?,
                life: life.text(),
            };
            self.inner.link.change(change).await.map_err(failed(REPLACING))
        };
        let mut answer = replace(How::Replace).await?;
        if let (Value::Int(2), Some(owner)) = (&answer, &holder(record)) {
            // A new owner, or another deadline: this is rare, because a login creates a new session.
            let life = self.inner.listed_life(record);
            let listed = self.inner.owners.list(owner, Member::new(key, ticket), life).await;
            listed.map_err(failed(REPLACING))?;
            answer = replace(How::ReplaceListed).await?;
            if answer == Value::Int(0) {
                self.inner.owners.forget_soon(owner, Member::new(key, ticket));
            }
        }
        match self.inner.changed(key, answer) {
            Some(true) => Ok(Swap::Done(version)),
            Some(false) => Ok(Swap::Refused),
            None => Err(strange(REPLACING)),
        }
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        let life = Life::between(last_seen, expires_at, self.inner.linger);
        let change = Change {
            key: self.inner.key(key),
            expected: version_bytes(expected),
            how: How::Touch,
            value: record::times(life.until, last_seen, expires_at).to_vec(),
            life: life.text(),
        };
        match self.inner.link.change(change).await.map_err(failed(TOUCHING))? {
            Value::Int(done) => Ok(done == 1),
            _ => Err(strange(TOUCHING)),
        }
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        let (name, version) = (self.inner.key(key), version_bytes(expected));
        let answer = self.inner.link.run(&script::DELETE, &[&name], &[&version], Kind::Write).await;
        let answer = answer.map_err(failed(DELETING))?;
        self.inner.changed(key, answer).ok_or_else(|| strange(DELETING))
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        self.inner.owners.owned_by(&Holder::new(purpose, owner), after, Page::size(at_most)).await
    }

    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        self.inner.owners.delete_owned_by(&Holder::new(purpose, owner), spared).await
    }

    /// Removes expired records. You do not need to call this: Redis removes expired records by itself.
    ///
    /// It scans **all** keys of the servers to find records that expired by a clock other than Redis's, such as the
    /// clock of a test. Besides listing, it is the only operation whose work grows with the number of stored keys.
    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        sweep::sweep(&self.inner.link, &self.inner.owners, millis(now), at_most).await
    }
}

impl SessionListing for RedisStore {
    /// Pages through the records in the order of Redis's internal tables, node by node in a Cluster. A record may
    /// appear twice.
    ///
    /// It scans **all** keys of the servers: give sessions their own database if you list them often. In a Cluster, a
    /// record whose slot is being moved to another node may be missed.
    async fn page(&self, after: Option<&Cursor>, at_most: usize) -> Result<Page, StoreError> {
        listing::page(&self.inner.link, self.inner.owners.keys(), after, Page::size(at_most)).await
    }
}

impl Inner {
    fn key(&self, key: &StoreKey) -> Vec<u8> {
        self.owners.keys().record(key)
    }

    async fn set_new(&self, key: &StoreKey, value: &[u8], record: &Record) -> Result<bool, RedisError> {
        let key = self.key(key);
        let life = self.life(record).text();
        let mut command = redis::cmd("SET");
        command.arg(&key).arg(value).arg("PX").arg(&life).arg("NX");
        Ok(self.link.send(&key, &command, Kind::Write).await? != Value::Nil)
    }

    /// Writes the owner's entry before the record: otherwise, logging out everywhere could miss the record.
    async fn create_owned(
        &self,
        key: &StoreKey,
        value: &[u8],
        record: &Record,
        member: Member,
        owner: &Holder,
    ) -> Result<bool, RedisError> {
        let listed_life = self.listed_life(record);
        if !self.link.holds_all_keys() {
            self.owners.list(owner, member, listed_life).await?;
            let created = self.set_new(key, value, record).await?;
            if !created {
                self.owners.forget_soon(owner, member);
            }
            return Ok(created);
        }
        let (record_key, entries) = (self.key(key), self.owners.keys().of(owner));
        let (life, listed_life) = (self.life(record).text(), listed_life.text());
        let arguments: [&[u8]; 4] = [value, &life, member.as_bytes(), &listed_life];
        let keys: [&[u8]; 2] = [&record_key, &entries];
        match self.link.run(&script::CREATE_OWNED, &keys, &arguments, Kind::Write).await? {
            Value::Int(entries) => {
                self.owners.tidy_if_crowded(owner, entries);
                Ok(entries > 0)
            }
            _ => Ok(false),
        }
    }

    /// Interprets a script's answer: whether the change was made, and perhaps an entry that is left over.
    fn changed(&self, key: &StoreKey, answer: Value) -> Option<bool> {
        match answer {
            Value::Int(done) => Some(done == 1),
            Value::BulkString(former) => {
                self.owners.forget_former(key, &former);
                Some(true)
            }
            _ => None,
        }
    }

    /// Returns how long a record is kept.
    fn life(&self, record: &Record) -> Life {
        Life::between(record.last_seen, record.expires_at, self.linger)
    }

    /// Returns the minimum time to keep an owner's entry, which is longer than the record can live.
    fn listed_life(&self, record: &Record) -> Life {
        const DAY: Duration = Duration::from_secs(86_400);
        let latest = record.deadline.max(record.expires_at);
        Life::between(record.last_seen, latest.checked_add(DAY).unwrap_or(latest), self.linger)
    }
}

/// Returns the holder whose entries list a record.
fn holder(record: &Record) -> Option<Holder> {
    record.owner().map(|owner| Holder::new(&record.purpose, owner))
}

/// Returns a version and a ticket that nothing written before has, in this process or another. They come from the
/// operating system, because a generator in the process would be the same in every forked child.
fn new_numbers(doing: &'static str) -> Result<(Version, Ticket), StoreError> {
    let mut ticket = Ticket::default();
    let version = getrandom::u64().and_then(|version| getrandom::fill(&mut ticket).map(|()| version));
    version.map(|version| (Version::new(version), ticket)).map_err(|error| StoreError::new(doing, error))
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("link", &self.inner.link).finish_non_exhaustive()
    }
}
