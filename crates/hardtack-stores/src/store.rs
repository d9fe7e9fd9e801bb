use std::time::SystemTime;

use hardtack_core::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{
    Cursor, MemoryStore, Page, SessionListing, SessionStore, StoreError, Stored, Summary, Swap, Version,
};
#[cfg(feature = "mysql")]
use hardtack_mysql::MySqlStore;
#[cfg(feature = "postgres")]
use hardtack_postgres::PostgresStore;
#[cfg(feature = "redis")]
use hardtack_redis::RedisStore;
#[cfg(feature = "sqlite")]
use hardtack_sqlite::SqliteStore;

#[cfg(feature = "sqlite")]
use crate::sqlite_location::SqliteLocation;
use crate::{Engine, StoreUrl};

/// A session store whose engine is chosen at run time.
///
/// Compared with a fixed store, each call costs one additional branch on the engine. No future is boxed.
///
/// ```
/// # pollster::block_on(async {
/// use hardtack_core::store::MigratingStore;
/// use hardtack_stores::AnyStore;
///
/// # let folder = tempfile::tempdir()?;
/// # let url = format!("sqlite:{}", folder.path().join("sessions.db").display());
/// let old = AnyStore::open(&url).await?;
/// let new = AnyStore::open("memory:").await?;
/// let store = MigratingStore::new(old, new);
/// # drop(store);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AnyStore {
    /// The memory of this process.
    Memory(MemoryStore),
    /// A file on this machine.
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteStore),
    /// A PostgreSQL server.
    #[cfg(feature = "postgres")]
    Postgres(PostgresStore),
    /// A MySQL or MariaDB server.
    #[cfg(feature = "mysql")]
    MySql(MySqlStore),
    /// A Redis or Valkey server, a master monitored by Sentinels, or a Cluster.
    #[cfg(feature = "redis")]
    Redis(RedisStore),
}

impl AnyStore {
    /// Opens the store at a URL with the default options.
    ///
    /// # Errors
    ///
    /// Fails if `url` is not a valid store URL, its engine is not built in, or the store cannot be opened.
    ///
    /// # Panics
    ///
    /// Panics if the URL names a server and this is called outside a tokio runtime.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let url: StoreUrl =
            url.parse().map_err(|error| StoreError::new("choosing a session store", error))?;
        url.open().await
    }

    /// Returns the store's engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self {
            Self::Memory(_) => Engine::Memory,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Engine::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Engine::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql(_) => Engine::MySql,
            #[cfg(feature = "redis")]
            Self::Redis(_) => Engine::Redis,
        }
    }
}

impl StoreUrl {
    /// Opens the store with its default options.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be opened: the file or the server is unavailable or refuses access.
    ///
    /// # Panics
    ///
    /// Panics if the URL names a server and this is called outside a tokio runtime.
    pub async fn open(&self) -> Result<AnyStore, StoreError> {
        match self.engine() {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite => self.open_sqlite().await.map(AnyStore::Sqlite),
            #[cfg(feature = "postgres")]
            Engine::Postgres => {
                Box::pin(PostgresStore::connect(self.with_password())).await.map(AnyStore::Postgres)
            }
            #[cfg(feature = "mysql")]
            Engine::MySql => Box::pin(MySqlStore::connect(self.with_password())).await.map(AnyStore::MySql),
            #[cfg(feature = "redis")]
            Engine::Redis => Box::pin(RedisStore::connect(self.with_password())).await.map(AnyStore::Redis),
            // A `StoreUrl` never names an engine that is not built in.
            _ => Ok(AnyStore::Memory(MemoryStore::new())),
        }
    }
}

#[cfg(feature = "sqlite")]
impl StoreUrl {
    async fn open_sqlite(&self) -> Result<SqliteStore, StoreError> {
        match self.sqlite_location() {
            Some(SqliteLocation::File { path, must_exist: true }) if !path.exists() => {
                let why = format!(
                    "{}: the file does not exist, and mode=rw does not create it: use mode=rwc",
                    path.display()
                );
                Err(StoreError::new("opening the session database", why))
            }
            Some(SqliteLocation::File { path, .. }) => SqliteStore::open(path).await,
            Some(SqliteLocation::Memory) | None => SqliteStore::in_memory().await,
        }
    }
}

/// Calls the store of the chosen engine, and awaits the result.
macro_rules! on_it {
    ($any:expr, $store:ident => $call:expr) => {
        match $any {
            AnyStore::Memory($store) => $call.await,
            #[cfg(feature = "sqlite")]
            AnyStore::Sqlite($store) => $call.await,
            #[cfg(feature = "postgres")]
            AnyStore::Postgres($store) => $call.await,
            #[cfg(feature = "mysql")]
            AnyStore::MySql($store) => $call.await,
            #[cfg(feature = "redis")]
            AnyStore::Redis($store) => $call.await,
        }
    };
}

impl SessionStore for AnyStore {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        on_it!(self, store => store.load(key))
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        on_it!(self, store => store.create(key, record))
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        on_it!(self, store => store.replace(key, expected, record))
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        on_it!(self, store => store.touch(key, expected, last_seen, expires_at))
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        on_it!(self, store => store.delete(key, expected))
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        on_it!(self, store => store.owned_by(purpose, owner, after, at_most))
    }

    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        on_it!(self, store => store.delete_owned_by(purpose, owner, spared))
    }

    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        on_it!(self, store => store.sweep(now, at_most))
    }
}

impl SessionListing for AnyStore {
    async fn page(&self, after: Option<&Cursor>, at_most: usize) -> Result<Page, StoreError> {
        on_it!(self, store => store.page(after, at_most))
    }
}
