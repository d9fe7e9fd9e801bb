use hardtack_core::store::StoreError;
use hardtack_sql::Gathering;

use crate::MySqlCounters;
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
/// use hardtack_core::session::{Purpose, Record, StoreKey};
/// use hardtack_core::store::{SessionStore, Swap};
/// use hardtack_mysql::MySqlStore;
/// use std::time::{Duration, SystemTime};
///
/// let (key, now) = (StoreKey::from_bytes([7; 32]), SystemTime::UNIX_EPOCH);
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
/// An owner's text may have up to 2,500 bytes, which is what the server's index takes beside the purpose and the key.
///
/// A session is sent as text, twice as long as its data, and must fit into the server's `max_allowed_packet` (64 MB at
/// MySQL, 16 MB at MariaDB).
#[derive(Debug, Clone)]
pub struct MySqlStore {
    gathering: Gathering,
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
    /// the certificates that the system trusts, or those in the file that `ssl-ca` names. By default it is `required`,
    /// and `disabled` to this machine. A parameter of the URL that is not known is an error that names it.
    ///
    /// # Errors
    ///
    /// The URL or the table's name is malformed, the server cannot be reached or does not let us in, or the table is
    /// that of another release.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// # Security
    ///
    /// `preferred` does not protect against an attacker in between who can change what is sent: the attacker removes the
    /// encryption. Use it, or `disabled`, only in a network that you trust.
    ///
    /// The driver, `mysql_async`, records the text of statements, and with it keys and data, in spans of `tracing` at the
    /// level `debug`, if the application turns on the driver's feature `tracing`. This crate does not.
    pub async fn connect(self, url: &str) -> Result<MySqlStore, StoreError> {
        Ok(MySqlStore { gathering: Gathering::connect::<MySql>(url, &self.settings).await? })
    }
}

hardtack_sql::session_store!(MySqlStore);
