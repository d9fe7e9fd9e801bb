use hardtack_core::store::StoreError;
use hardtack_sql::BatchedStore;

use crate::PostgresMetrics;
use crate::engine::Postgres;
use crate::options::PostgresOptions;

/// Sessions in PostgreSQL: for several servers that share them, behind any load balancer.
///
/// Clones share the same few connections. Requests that wait for a connection are sent together: many loads become one
/// `SELECT`, and many writes become one statement that compares every version and returns which ones matched. Under
/// load, many requests share one round trip, and many writes share one disk sync on the server. A lone request is sent
/// immediately.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use hardtack_core::protocol::{Purpose, Record, StoreKey};
/// use hardtack_core::store::{SessionStore, Swap};
/// use hardtack_postgres::PostgresStore;
/// use std::time::{Duration, SystemTime};
///
/// let (key, now) = (StoreKey::from_bytes([7; 32]), SystemTime::UNIX_EPOCH);
/// let record = Record::new(Purpose::default(), *b"data", now)
///     .expires_at(now + Duration::from_secs(60))
///     .deadline(now + Duration::from_secs(3600));
/// let store = PostgresStore::connect("postgres://app:secret@db.example.com/app").await?;
/// assert_ne!(store.create(&key, &record).await?, Swap::Refused);
/// assert_eq!(store.load(&key).await?.map(|stored| stored.record), Some(record));
/// # Ok(())
/// # }
/// ```
///
/// # Server compatibility
///
/// The store relies on nothing that is kept in the server's session: no setting, and no lock that outlives its
/// transaction. Only one statement is prepared, the one that replaces and touches; if the server turns out not to know
/// it, it is sent unnamed from then on. A pooler in transaction mode is therefore supported, as are
/// PostgreSQL-compatible servers that are built differently. An acknowledged write is as durable as the server makes
/// every commit (`synchronous_commit`).
///
/// # Outages
///
/// A broken connection is replaced when it is next needed. While the server is unreachable, requests fail immediately,
/// except for an occasional new attempt, at least once a second. A load is retried once on a new connection. A write
/// that was sent is never sent again unless the server itself reported that it rolled the write back.
///
/// # Clocks
///
/// Only the caller's clock decides whether a session has expired. The clocks of servers that share a store should agree
/// to within about a second.
///
/// # Limits
///
/// An owner can be up to 2,500 bytes long, which is what PostgreSQL's index can hold in addition to the purpose and the
/// key.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    store: BatchedStore,
}

impl PostgresStore {
    /// Connects with the default [options](PostgresOptions), creating the table if it does not exist.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`PostgresOptions::connect`].
    ///
    /// # Panics
    ///
    /// Panics if called outside a tokio runtime.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::options().connect(url).await
    }

    /// Returns the default options, to change before connecting.
    pub fn options() -> PostgresOptions {
        PostgresOptions::new()
    }

    /// Returns the totals of this store's operations since it was connected.
    #[must_use]
    pub fn metrics(&self) -> PostgresMetrics {
        self.store.metrics()
    }
}

impl PostgresOptions {
    /// Connects to the server at `url`, such as `postgres://user:password@host:5432/database`, creating the table if it
    /// does not exist.
    ///
    /// `sslmode` in the URL is `disable`, `prefer`, or `require`. Encrypted connections are always verified, against
    /// the certificates that the system trusts, or those in the file that `sslrootcert` names. The default is
    /// `require`, or `disable` for a server on this machine. An unknown URL parameter is an error that names it.
    ///
    /// # Errors
    ///
    /// Fails if the URL or the table's name is malformed, the server cannot be reached or refuses the login, or the
    /// table belongs to another release.
    ///
    /// # Panics
    ///
    /// Panics if called outside a tokio runtime.
    ///
    /// # Security
    ///
    /// `prefer` does not protect against an attacker who can change the traffic, because the attacker can remove the
    /// encryption. Use it, or `disable`, only in a network that you trust.
    pub async fn connect(self, url: &str) -> Result<PostgresStore, StoreError> {
        Ok(PostgresStore { store: BatchedStore::connect::<Postgres>(url, &self.settings).await? })
    }
}

hardtack_sql::session_store!(PostgresStore);
