use hardtack_core::store::StoreError;
use hardtack_sql::Gathering;

use crate::PostgresCounters;
use crate::engine::Postgres;
use crate::options::PostgresOptions;

/// Sessions in PostgreSQL: for several servers that share them, behind any load balancer.
///
/// Clones share the same few connections. What waits for a connection goes together: many loads are one `SELECT`, and
/// many writes one statement that compares every version and tells which held. So under load many requests share one
/// round trip, and many writes one wait for the server's disk; a lone request goes at once.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use hardtack_core::session::{Purpose, Record, StoreKey};
/// use hardtack_core::store::{SessionStore, Swap};
/// use hardtack_postgres::PostgresStore;
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
/// let store = PostgresStore::connect("postgres://app:secret@db.example.com/app").await?;
/// assert_ne!(store.create(&key, &record).await?, Swap::Refused);
/// assert_eq!(store.load(&key).await?.map(|stored| stored.record), Some(record));
/// # Ok(())
/// # }
/// ```
///
/// # The server
///
/// Nothing is relied on that lives in the server's session: no setting, and no lock that outlives its transaction. One
/// statement is prepared, the one that replaces and touches; where the server turns out not to know it, it is sent
/// unnamed from then on. So a pooler in transaction mode may stand between, and servers that speak PostgreSQL's language
/// but are built otherwise can be used. An acknowledged write is as durable as the server makes every commit
/// (`synchronous_commit`).
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
/// An owner's text may have up to 2,500 bytes, which is what PostgreSQL's index takes beside the purpose and the key.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    gathering: Gathering,
}

impl PostgresStore {
    /// Connects with the default [options](PostgresOptions), and makes the table if it is not there.
    ///
    /// # Errors
    ///
    /// Those of [`PostgresOptions::connect`].
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::options().connect(url).await
    }

    /// The default options, to be changed before connecting.
    pub fn options() -> PostgresOptions {
        PostgresOptions::new()
    }

    /// What this store has done so far.
    #[must_use]
    pub fn counters(&self) -> PostgresCounters {
        self.gathering.counters()
    }
}

impl PostgresOptions {
    /// Connects to the server at `url`, as in `postgres://user:password@host:5432/database`, and makes the table if it
    /// is not there.
    ///
    /// `sslmode` in the URL is `disable`, `prefer` or `require`; what is encrypted is always verified too, against the
    /// certificates that the system trusts, or those in the file that `sslrootcert` names. By default it is `require`,
    /// and `disable` to this machine. A parameter of the URL that is not known is an error that names it.
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
    /// `prefer` does not protect against an attacker in between who can change what is sent: the attacker removes the
    /// encryption. Use it, or `disable`, only in a network that you trust.
    pub async fn connect(self, url: &str) -> Result<PostgresStore, StoreError> {
        Ok(PostgresStore { gathering: Gathering::connect::<Postgres>(url, &self.settings).await? })
    }
}

hardtack_sql::session_store!(PostgresStore);
