use hardtack_core::store::StoreError;
use hardtack_sql::BatchedStore;

use crate::MySqlMetrics;
use crate::engine::MySql;
use crate::options::MySqlOptions;

/// A session store in MySQL or MariaDB, for applications that run on several servers behind any load balancer.
///
/// Clones share the same few connections. Requests that wait for a connection are sent together: many loads become one
/// `SELECT`, and many writes become one transaction that is sent in one message. Under load, many requests share one
/// round trip, and many writes share one disk sync on the server. A request that arrives alone is sent immediately.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use hardtack_core::protocol::{Purpose, Record, StoreKey};
/// use hardtack_core::store::{SessionStore, Swap};
/// use hardtack_mysql::MySqlStore;
/// use std::time::{Duration, SystemTime};
///
/// let (key, now) = (StoreKey::from_bytes([7; 32]), SystemTime::UNIX_EPOCH);
/// let record = Record::new(Purpose::default(), *b"data", now)
///     .expires_at(now + Duration::from_secs(60))
///     .deadline(now + Duration::from_secs(3600));
/// let store = MySqlStore::connect("mysql://app:secret@db.example.com/app").await?;
/// assert_ne!(store.create(&key, &record).await?, Swap::Refused);
/// assert_eq!(store.load(&key).await?.map(|stored| stored.record), Some(record));
/// # Ok(())
/// # }
/// ```
///
/// # Server requirements
///
/// The store needs MySQL 8 or MariaDB 10.6, or newer, with InnoDB. If the server writes a binary log, `binlog_format`
/// must be `ROW` or `MIXED`. The store needs no state in the server's session, except one lock while it creates the
/// table. An acknowledged write is as durable as every other commit on the server (`innodb_flush_log_at_trx_commit`,
/// `sync_binlog`).
///
/// # Outages
///
/// A broken connection is replaced when it is next needed. While the server is unreachable, requests fail immediately,
/// except for an occasional request that attempts to connect. Attempts are at most about a second apart as long as
/// requests arrive. A read is retried once on a new connection. A write that was sent is not sent again unless the
/// server reported that it applied no part of it.
///
/// # Clocks
///
/// Only the caller's clock decides whether a session has expired. The clocks of the application's servers should agree
/// to within about a second.
///
/// # Limits
///
/// An owner can be up to 2,500 bytes long, because the server limits the size of an index entry, which also contains
/// the purpose and the key.
///
/// A session is sent in hexadecimal, which is twice as long as its data, and must fit into the server's
/// `max_allowed_packet` (64 MB in MySQL, 16 MB in MariaDB).
#[derive(Debug, Clone)]
pub struct MySqlStore {
    store: BatchedStore,
}

impl MySqlStore {
    /// Connects to the server at `url` with the default [options](MySqlOptions), and creates the table if it does not
    /// exist.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`MySqlOptions::connect`].
    ///
    /// # Panics
    ///
    /// Panics if called outside a tokio runtime.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::options().connect(url).await
    }

    /// Returns the default options, which can be changed before connecting.
    pub fn options() -> MySqlOptions {
        MySqlOptions::new()
    }

    /// Returns the totals of this store's operations since it was connected.
    #[must_use]
    pub fn metrics(&self) -> MySqlMetrics {
        self.store.metrics()
    }
}

impl MySqlOptions {
    /// Connects to the server at `url`, such as `mysql://user:password@host:3306/database`, and creates the table if it
    /// does not exist.
    ///
    /// `ssl-mode` in the URL is `disabled`, `preferred`, or `required`. The default is `required`, or `disabled` for a
    /// server on this machine. The server's certificate is always verified if the connection is encrypted. It must be
    /// signed by a certificate in the file that `ssl-ca` names, or, without `ssl-ca`, by one that the system trusts. An
    /// unknown URL parameter is an error that names the parameter.
    ///
    /// # Errors
    ///
    /// Fails if the URL or the table's name is malformed, the server cannot be reached or refuses the login, or the
    /// table was created by a release with another schema version.
    ///
    /// # Panics
    ///
    /// Panics if called outside a tokio runtime.
    ///
    /// # Security
    ///
    /// `preferred` does not protect against an attacker who can change the traffic, because the attacker can prevent
    /// encryption. Use `preferred` and `disabled` only in a network that you trust.
    ///
    /// If the application enables the `tracing` feature of the driver `mysql_async`, the driver records the SQL of
    /// statements, including keys and data, in spans at level `debug`. This crate does not enable that feature.
    pub async fn connect(self, url: &str) -> Result<MySqlStore, StoreError> {
        Ok(MySqlStore { store: BatchedStore::connect::<MySql>(url, &self.settings).await? })
    }
}

hardtack_sql::session_store!(MySqlStore);
