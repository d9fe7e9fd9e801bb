use hardtack_core::store::StoreError;
use hardtack_sql::BatchedStore;

use crate::PostgresMetrics;
use crate::engine::Postgres;
use crate::options::PostgresOptions;

/// A session store in PostgreSQL, for applications that run on several servers behind any load balancer.
///
/// Clones share the same few connections. Requests that wait for a connection are sent together: many loads become one
/// `SELECT`, and many writes become a few statements that check every version and return which writes took effect.
/// Under load, many requests share one round trip, and many writes share one disk sync on the server. A request that
/// arrives alone is sent immediately.
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
/// The store needs no state in the server's session: no settings, and no lock that outlives its transaction. It
/// prepares only the statement that replaces and touches records; if the server turns out not to have that statement,
/// the store sends it unnamed from then on. The store therefore works with a pooler in transaction mode, and with
/// PostgreSQL-compatible servers. An acknowledged write is as durable as every other commit on the server
/// (`synchronous_commit`).
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
/// An owner can be up to 2,500 bytes long, because PostgreSQL limits the size of an index entry, which also contains
/// the purpose and the key.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    store: BatchedStore,
}

impl PostgresStore {
    /// Connects to the server at `url` with the default [options](PostgresOptions), and creates the table if it does
    /// not exist.
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

    /// Returns the default options, which can be changed before connecting.
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
    /// Connects to the server at `url`, such as `postgres://user:password@host:5432/database`, and creates the table if
    /// it does not exist.
    ///
    /// `sslmode` in the URL is `disable`, `prefer`, or `require`, or `verify-ca` or `verify-full`, which mean the same
    /// as `require`. The default is `require`, or `disable` for a server on this machine. The server's certificate is
    /// always verified if the connection is encrypted. It must be signed by a certificate in the file that
    /// `sslrootcert` names, or, without `sslrootcert`, by one that the system trusts. An unknown URL parameter is an
    /// error that names the parameter.
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
    /// `prefer` does not protect against an attacker who can change the traffic, because the attacker can prevent
    /// encryption. Use `prefer` and `disable` only in a network that you trust.
    pub async fn connect(self, url: &str) -> Result<PostgresStore, StoreError> {
        Ok(PostgresStore { store: BatchedStore::connect::<Postgres>(url, &self.settings).await? })
    }
}

hardtack_sql::session_store!(PostgresStore);
