use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hardtack_core::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{
    Cursor, Page, SessionListing, SessionStore, StoreError, Stored, Summary, Swap, Version, millis,
};
use redis::{RedisError, Value};

use crate::bulk::listing;
use crate::bulk::owner_index::{IndexEntry, OwnerIndex};
use crate::bulk::sweep;
use crate::connection::address::Address;
use crate::connection::server::CommandKind;
use crate::error::{CONNECTING, LOADING, failed, load_error, unexpected_reply};
use crate::format;
use crate::options::RedisOptions;
use crate::record::encoding::{self, Ticket, encode, version_bytes};
use crate::record::keys::{Keys, OwnerKey};
use crate::record::ttl::Ttl;
use crate::request::change::{Change, ChangeKind};
use crate::request::load::Load;
use crate::request::script;
use crate::servers::Servers;

/// A session store in Redis or Valkey: one server, a master monitored by Sentinels, or a Cluster.
///
/// Clones share one connection to each server, which is replaced after it breaks. An operation on one session usually
/// takes a single round trip. In a Cluster, a login takes two, because the index of the owner's sessions may be on
/// another node. A replacement that changes the owner or the deadline of a user's session takes three. Outside a
/// Cluster, requests that wait at the same time are sent together: many loads as one `MGET`, and many writes as one
/// script call that returns a result for each.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use hardtack_core::protocol::{Purpose, Record, StoreKey};
/// use hardtack_core::store::SessionStore;
/// use hardtack_redis::RedisStore;
/// use std::time::{Duration, SystemTime};
///
/// let (key, now) = (StoreKey::from_bytes([7; 32]), SystemTime::now());
/// let record = Record::new(Purpose::default(), *b"data", now)
///     .expires_at(now + Duration::from_secs(60))
///     .deadline(now + Duration::from_secs(3600));
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
/// - `appendonly yes`: otherwise, a restart of the server loses everything after its last snapshot. With the setting
///   `appendfsync everysec`, a power failure loses up to the last two seconds, and so does killing a server whose disk
///   is slow. With `appendfsync always`, neither loses anything, at the cost of speed.
/// - Redis 6.2 or newer, or any Valkey. Managed services with the same protocol work too if they can run scripts on any
///   keys of one server. A service with several servers behind one address must present itself as a Cluster.
///
/// # What a failover can lose
///
/// Redis acknowledges a write before its replicas have it. If the master fails before then and a replica is promoted,
/// the last acknowledged writes are lost. A lost write may be a login or a change to a cart, but also a logout, so that
/// an ended session remains valid until it expires. Usually, the writes of the last few milliseconds are lost. A master
/// that is cut off from its replicas continues to acknowledge writes; `min-replicas-to-write 1` with a small
/// `min-replicas-max-lag` limits for how long. With [`wait_for_replicas`](RedisOptions::wait_for_replicas), a write is
/// not acknowledged while only one machine has it. If you must not lose anything, keep sessions in PostgreSQL.
///
/// # Failures
///
/// An operation that cannot reach a server, or gets no answer in time, returns an error, and the browser receives a
/// 503. A read is retried once on a new connection. A write is not: if the connection breaks, the write was applied
/// once or not at all. A write is sent again only if the reply shows that the server executed nothing: a redirection or
/// `TRYAGAIN` in a Cluster, or an unknown script.
#[derive(Clone)]
pub struct RedisStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    servers: Servers,
    owner_index: OwnerIndex,
    linger: Duration,
}

const CREATING: &str = "creating a session";
const REPLACING: &str = "saving a session";
const TOUCHING: &str = "touching a session";
const DELETING: &str = "deleting a session";

impl RedisStore {
    /// Connects to the servers at `url` with the default [options](RedisOptions).
    ///
    /// | URL | where |
    /// |---|---|
    /// | `redis://[[user]:password@]host[:port][/db]` | one server |
    /// | `redis-sentinel://[[user]:password@]host[:port],…/name[/db]` | the master `name`; the hosts are Sentinels |
    /// | `redis-cluster://[[user]:password@]host[:port],…` | a Cluster; some of its nodes are enough |
    /// | `rediss://`, `rediss-sentinel://`, `rediss-cluster://` | the same, encrypted |
    /// | `redis+unix:///path/to/socket` | one server on this machine |
    ///
    /// In the URL of a master with Sentinels, the user and the password are those of the master.
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

    /// Returns the default options, which can be changed before connecting.
    pub fn options() -> RedisOptions {
        RedisOptions::new()
    }
}

impl RedisOptions {
    /// Connects to the servers at `url`, in one of the forms that [`RedisStore::connect`] lists.
    ///
    /// # Errors
    ///
    /// Fails if the URL has none of the supported forms, no server can be reached, the server refuses the login, or the
    /// stored sessions have the format of another release.
    ///
    /// # Panics
    ///
    /// Panics if called outside a tokio runtime.
    pub async fn connect(self, url: impl AsRef<str>) -> Result<RedisStore, StoreError> {
        let servers = Servers::new(Address::parse(url.as_ref(), &self)?, &self);
        servers.check().await.map_err(|error| StoreError::new(CONNECTING, error))?;
        let keys = Keys::new(&self.prefix);
        format::check(&servers, &keys).await?;
        let owner_index = OwnerIndex::new(servers.clone(), keys);
        Ok(RedisStore { inner: Arc::new(Inner { servers, owner_index, linger: self.linger }) })
    }
}

impl SessionStore for RedisStore {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let load = Load::new(self.inner.key(key));
        let loaded = self.inner.servers.load(load).await;
        match loaded.map_err(load_error)? {
            Value::Nil => Ok(None),
            Value::BulkString(bytes) => encoding::decode(&bytes).map(Some),
            _ => Err(unexpected_reply(LOADING)),
        }
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        let (version, ticket) = new_numbers(CREATING)?;
        let value = encode(record, version, ticket, self.inner.ttl(record).until)?;
        let created = match &owner_key(record) {
            None => self.inner.set_new(key, &value, record).await,
            Some(owner) => {
                self.inner.create_owned(key, &value, record, IndexEntry::new(key, ticket), owner).await
            }
        };
        let created = created.map_err(failed(CREATING))?;
        Ok(if created { Swap::Done(version) } else { Swap::Refused })
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        let ((version, ticket), ttl) = (new_numbers(REPLACING)?, self.inner.ttl(record));
        let replace = async |kind| {
            let change = Change {
                key: self.inner.key(key),
                expected: version_bytes(expected),
                kind,
                value: encode(record, version, ticket, ttl.until)?,
                ttl: ttl.text(),
            };
            self.inner.servers.change(change).await.map_err(failed(REPLACING))
        };
        let mut answer = replace(ChangeKind::Replace).await?;
        if let (Value::Int(2), Some(owner)) = (&answer, &owner_key(record)) {
            // The record has a new owner or another deadline. This is rare, because a login creates a new session.
            let ttl = self.inner.entry_ttl(record);
            let listed = self.inner.owner_index.add(owner, IndexEntry::new(key, ticket), ttl).await;
            listed.map_err(failed(REPLACING))?;
            answer = replace(ChangeKind::ReplaceListed).await?;
            if answer == Value::Int(0) {
                self.inner.owner_index.remove_soon(owner, IndexEntry::new(key, ticket));
            }
        }
        match self.inner.changed(key, answer) {
            Some(true) => Ok(Swap::Done(version)),
            Some(false) => Ok(Swap::Refused),
            None => Err(unexpected_reply(REPLACING)),
        }
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        let ttl = Ttl::between(last_seen, expires_at, self.inner.linger);
        let change = Change {
            key: self.inner.key(key),
            expected: version_bytes(expected),
            kind: ChangeKind::Touch,
            value: encoding::times(ttl.until, last_seen, expires_at).to_vec(),
            ttl: ttl.text(),
        };
        match self.inner.servers.change(change).await.map_err(failed(TOUCHING))? {
            Value::Int(done) => Ok(done == 1),
            _ => Err(unexpected_reply(TOUCHING)),
        }
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        let (name, version) = (self.inner.key(key), version_bytes(expected));
        let answer = self.inner.servers.run(&script::DELETE, &[&name], &[&version], CommandKind::Write).await;
        let answer = answer.map_err(failed(DELETING))?;
        self.inner.changed(key, answer).ok_or_else(|| unexpected_reply(DELETING))
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        self.inner.owner_index.owned_by(&OwnerKey::new(purpose, owner), after, Page::size(at_most)).await
    }

    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        self.inner.owner_index.delete_owned_by(&OwnerKey::new(purpose, owner), spared).await
    }

    /// Removes expired records. You do not need to call this method, because Redis removes expired records by itself.
    ///
    /// The sweep scans **all** keys on the servers to find records that expired by a clock other than that of Redis,
    /// such as the clock of a test. Apart from listing, it is the only operation whose work grows with the number of
    /// stored keys.
    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        sweep::sweep(&self.inner.servers, &self.inner.owner_index, millis(now), at_most).await
    }
}

impl SessionListing for RedisStore {
    /// Returns the records in the order of Redis's internal tables; in a Cluster, node by node. A record may appear
    /// twice.
    ///
    /// A listing scans **all** keys on the servers, so use a separate database for sessions if you list them often. In
    /// a Cluster, a record whose slot is being moved to another node may be missed.
    async fn page(&self, after: Option<&Cursor>, at_most: usize) -> Result<Page, StoreError> {
        listing::page(&self.inner.servers, self.inner.owner_index.keys(), after, Page::size(at_most)).await
    }
}

impl Inner {
    fn key(&self, key: &StoreKey) -> Vec<u8> {
        self.owner_index.keys().record(key)
    }

    async fn set_new(&self, key: &StoreKey, value: &[u8], record: &Record) -> Result<bool, RedisError> {
        let key = self.key(key);
        let ttl = self.ttl(record).text();
        let mut command = redis::cmd("SET");
        command.arg(&key).arg(value).arg("PX").arg(&ttl).arg("NX");
        Ok(self.servers.send(&key, &command, CommandKind::Write).await? != Value::Nil)
    }

    /// Creates a record that has an owner. The index entry is written before the record, because otherwise logging out
    /// everywhere could miss the record.
    async fn create_owned(
        &self,
        key: &StoreKey,
        value: &[u8],
        record: &Record,
        entry: IndexEntry,
        owner: &OwnerKey,
    ) -> Result<bool, RedisError> {
        let entry_ttl = self.entry_ttl(record);
        if !self.servers.holds_all_keys() {
            self.owner_index.add(owner, entry, entry_ttl).await?;
            let created = self.set_new(key, value, record).await?;
            if !created {
                self.owner_index.remove_soon(owner, entry);
            }
            return Ok(created);
        }
        let (record_key, entries) = (self.key(key), self.owner_index.keys().owner_index(owner));
        let (ttl, entry_ttl) = (self.ttl(record).text(), entry_ttl.text());
        let arguments: [&[u8]; 4] = [value, &ttl, entry.as_bytes(), &entry_ttl];
        let keys: [&[u8]; 2] = [&record_key, &entries];
        match self.servers.run(&script::CREATE_OWNED, &keys, &arguments, CommandKind::Write).await? {
            Value::Int(entries) => {
                self.owner_index.tidy_if_large(owner, entries);
                Ok(entries > 0)
            }
            _ => Ok(false),
        }
    }

    /// Returns whether a script made a change, or `None` if the reply is not valid. If the reply contains an index
    /// entry that must be removed, removes it in the background.
    fn changed(&self, key: &StoreKey, answer: Value) -> Option<bool> {
        match answer {
            Value::Int(done) => Some(done == 1),
            Value::BulkString(former) => {
                self.owner_index.remove_former_soon(key, &former);
                Some(true)
            }
            _ => None,
        }
    }

    /// Returns the time for which Redis keeps a record.
    fn ttl(&self, record: &Record) -> Ttl {
        Ttl::between(record.last_seen, record.expires_at, self.linger)
    }

    /// Returns the minimum time for which an owner's index is kept. It is longer than the record can exist.
    fn entry_ttl(&self, record: &Record) -> Ttl {
        const DAY: Duration = Duration::from_secs(86_400);
        let latest = record.deadline.max(record.expires_at);
        Ttl::between(record.last_seen, latest.checked_add(DAY).unwrap_or(latest), self.linger)
    }
}

/// Returns the key of the index that contains a record, or `None` if the record has no owner.
fn owner_key(record: &Record) -> Option<OwnerKey> {
    record.owner().map(|owner| OwnerKey::new(&record.purpose, owner))
}

/// Returns a random version and a random ticket. They come from the operating system, because a generator in the
/// process would return the same numbers in every forked child.
fn new_numbers(doing: &'static str) -> Result<(Version, Ticket), StoreError> {
    let mut ticket = Ticket::default();
    let version = getrandom::u64().and_then(|version| getrandom::fill(&mut ticket).map(|()| version));
    version.map(|version| (Version::new(version), ticket)).map_err(|error| StoreError::new(doing, error))
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("servers", &self.inner.servers).finish_non_exhaustive()
    }
}
