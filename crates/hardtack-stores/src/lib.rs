//! Session stores chosen by URL, so that operators can change engines without rebuilding the program.
//!
//! ```
//! # pollster::block_on(async {
//! use hardtack_stores::AnyStore;
//!
//! let store = AnyStore::open("memory:").await?;
//! assert_eq!(store.engine().to_string(), "memory");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | URL | store | feature |
//! |---|---|---|
//! | `memory:` | the memory of this process | |
//! | `sqlite:path/to/file.db` | an SQLite file | `sqlite`, by default |
//! | `postgres://user:password@host/database` | PostgreSQL | `postgres` |
//! | `mysql://user:password@host/database`, `mariadb://…` | MySQL or MariaDB | `mysql` |
//! | `redis://:password@host` | Redis or Valkey | `redis` |
//! | `redis-sentinel://:password@host,host,host/name` | the master with this name, found through Sentinels | `redis` |
//! | `redis-cluster://:password@host,host,host` | a Redis Cluster | `redis` |
//! | `rediss://`, `rediss-sentinel://`, `rediss-cluster://` | the same, encrypted | `redis` and `tls` |
//!
//! The URLs of other tools work as well:
//!
//! | URL | used by | meaning |
//! |---|---|---|
//! | `sqlite:x.db`, `sqlite://x.db` | sqlx | the file `x.db` in the working directory |
//! | `sqlite:/var/x.db`, `sqlite:////var/x.db` | sqlx, SQLAlchemy | the file `/var/x.db` |
//! | `sqlite:///x.db` | | an error: SQLAlchemy and Django treat the path as relative, sqlx and Rails as absolute |
//! | `sqlite+pysqlite:///x.db` | SQLAlchemy | the file `x.db` in the working directory |
//! | `sqlite+pysqlite:////var/x.db` | SQLAlchemy | the file `/var/x.db` |
//! | `sqlite+aiosqlite:///x.db` | SQLAlchemy | the same as `sqlite+pysqlite:` |
//! | `sqlite3:db/x.db` | Rails | the same as `sqlite:` |
//! | `file:x.db`, `file:///var/x.db` | SQLite, RFC 8089 | a file with a relative path, or with an absolute path |
//! | `sqlite::memory:`, `file:x?mode=memory` | sqlx, SQLite | an SQLite database in memory |
//! | `sqlite:x.db?mode=rwc` | sqlx, SQLite | the file is created if it does not exist, as by default |
//! | `sqlite:x.db?mode=rw` | sqlx, SQLite | the file must exist |
//! | `postgresql+psycopg://…`, `mysql+pymysql://…` | SQLAlchemy | the server; the driver is ignored |
//! | `mysql2://…`, `trilogy://…` | Rails | MySQL or MariaDB |
//!
//! In a path, percent-encoded characters such as `%20` are decoded. An unknown parameter is an error, and the error
//! names the parameter.
//!
//! The feature `tls`, which is also enabled by default, encrypts connections to servers as their URLs specify.
//! Connections to PostgreSQL and MySQL on another machine are always encrypted unless the URL says otherwise
//! (`sslmode`, `ssl-mode`).
#![forbid(unsafe_code)]

mod engine;
mod error;
mod sqlite_location;
mod store;
mod url;

pub use engine::Engine;
pub use error::UrlError;
pub use store::AnyStore;
pub use url::StoreUrl;
