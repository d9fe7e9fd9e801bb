use std::time::SystemTime;

use hardtack_core::session::{Owner, Record, StoreKey};
use hardtack_core::store::{
    Cursor, Page, SessionListing, SessionStore, StoreError, Stored, Summary, Swap, Version,
};
use hardtack_sql::{Gathering, Table};

use crate::MySqlCounters;
use crate::address::Address;
use crate::engine::MySql;
use crate::options::MySqlOptions;

/// Sessions in MySQL or MariaDB: for several servers that share them, behind any load balancer.
///
/// Clones share the same few connections. What waits for a connection goes together: many loads are one `SELECT`, and
/// many writes one transaction, sent and answered as a whole. So under load many requests share one
/// round trip, and many writes one wait for the server's disk; a lone request goes at once.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use hardtack_core::session::{Record, StoreKey};
/// use hardtack_core::store::{SessionStore, Swap};
/// use hardtack_mysql::MySqlStore;
/// use std::time::{Duration, SystemTime};
///
/// let (key, now) = (StoreKey::from_bytes([7; 32]), SystemTime::UNIX_EPOCH);
/// let record = Record {
///     data: b"data"[..].into(),
///     owner: None,
///     label: None,
///     created_at: now,
///     last_seen: now,
///     expires_at: now + Duration::from_secs(60),
///     deadline: now + Duration::from_secs(3600),
/// };
/// let store = MySqlStore::connect("mysql://app:secret@db.example.com/app").await?;
/// assert_ne!(store.create(&key, &record).await?, Swap::Refused);
/// assert_eq!(store.load(&key).await?.map(|stored| stored.record), Some(record));
/// # Ok(())
/// # }
/// ```
///
/// # The server
///
/// MySQL 8 or MariaDB 10.6, or newer, with InnoDB, and a binary log that writes rows (`binlog_format` `ROW` or `MIXED`)
/// if it writes one. Nothing is used that lives in the server's session, but for one lock while the table is made. An
/// acknowledged write is as durable as the server makes every commit (`innodb_flush_log_at_trx_commit`, `sync_binlog`).
///
/// # Outages
///
/// A connection that broke is made again when it is needed; while the server is out of reach requests fail at once,
/// but for one attempt in a while, at least every second. A load is repeated once on a new connection. A write that was sent is never sent again,
/// unless the server itself answered that it has rolled it back.
///
/// # Clocks
///
/// Only the clock of whoever calls counts, never the server's. Servers that share a store should agree about the time
/// to a second or so, as they need to for much else.
///
/// # Scope
///
/// A session is sent as text, twice as long as its data, and must fit into the server's `max_allowed_packet` (64 MB at
/// MySQL, 16 MB at MariaDB).
#[derive(Debug, Clone)]
pub struct MySqlStore {
    gathering: Gathering<MySql>,
}

impl MySqlStore {
    /// Connects with the default [options](MySqlOptions), and makes the table if it is not there.
    ///
    /// # Errors
    ///
    /// Those of [`MySqlOptions::connect`].
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::options().connect(url).await
    }

    /// The default options, to be changed before connecting.
    pub fn options() -> MySqlOptions {
        MySqlOptions::new()
    }

    /// What this store has done so far.
    #[must_use]
    pub fn counters(&self) -> MySqlCounters {
        self.gathering.counters()
    }
}

impl MySqlOptions {
    /// Connects to the server at `url`, as in `mysql://user:password@host:3306/database`, and makes the table if it
    /// is not there.
    ///
    /// `ssl-mode` in the URL is `disabled`, `preferred` or `required`; what is encrypted is always verified too, against
    /// the certificates that the system trusts, or those in the file that `ssl-ca` names. By default it is `preferred`,
    /// and `disabled` to this machine.
    ///
    /// # Errors
    ///
    /// The URL or the table's name is malformed, the server cannot be reached or does not let us in, or the table is
    /// that of a newer release.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// # Security
    ///
    /// `preferred` is no protection from someone between who can change what is sent: use `required`.
    pub async fn connect(self, url: &str) -> Result<MySqlStore, StoreError> {
        let wrong = |error: String| StoreError::new("reading the session database's address", error);
        let address = Address::new(url).map_err(wrong)?;
        let table = Table::new(&self.table, '`').map_err(wrong)?;
        let engine = MySql::new(address, table)
            .map_err(|failure| failure.to_error("preparing to connect to the session database"))?;
        Ok(MySqlStore { gathering: Gathering::start(engine, &self.settings).await? })
    }
}

impl SessionStore for MySqlStore {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.gathering.load(key).await
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        self.gathering.create(key, record).await
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        self.gathering.replace(key, expected, record).await
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        self.gathering.touch(key, expected, last_seen, expires_at).await
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        self.gathering.delete(key, expected).await
    }

    async fn owned_by(&self, owner: &Owner) -> Result<Vec<Summary>, StoreError> {
        self.gathering.owned_by(owner).await
    }

    async fn delete_owned_by(&self, owner: &Owner, except: Option<&StoreKey>) -> Result<u64, StoreError> {
        self.gathering.delete_owned_by(owner, except).await
    }

    /// In steps of at most 256 records, between which other writes have their turn.
    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        self.gathering.sweep(now, at_most).await
    }
}

impl SessionListing for MySqlStore {
    /// By the order of keys, so that each record comes once.
    async fn page(&self, after: Option<&Cursor>, at_most: usize) -> Result<Page, StoreError> {
        self.gathering.page(after, at_most).await
    }
}
