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
//! | `redis-sentinel://:password@host,host,host/name` | the master that Sentinels know by this name | `redis` |
//! | `redis-cluster://:password@host,host,host` | a Redis Cluster | `redis` |
//! | `rediss://` and the like | the same, encrypted | `redis` and `tls` |
//!
//! The URLs that other tools use are understood as well:
//!
//! | URL | as | means |
//! |---|---|---|
//! | `sqlite:x.db`, `sqlite://x.db` | sqlx | the file `x.db` in the working directory |
//! | `sqlite:/var/x.db`, `sqlite:////var/x.db` | sqlx, SQLAlchemy | the file `/var/x.db` |
//! | `sqlite:///x.db` | | an error: it is relative to SQLAlchemy and Django, and absolute to sqlx and Rails |
//! | `sqlite+pysqlite:///x.db`, `sqlite+aiosqlite:///x.db` | SQLAlchemy | the file `x.db` in the working directory; with four slashes, an absolute path |
//! | `sqlite3:db/x.db` | Rails | the same as `sqlite:` |
//! | `file:x.db`, `file:///var/x.db` | SQLite, RFC 8089 | a relative path, and an absolute one |
//! | `sqlite::memory:`, `file:x?mode=memory` | sqlx, SQLite | SQLite in memory, with nothing left afterward |
//! | `sqlite:x.db?mode=rwc`, `?mode=rw` | sqlx, SQLite | the file is created if it is missing, which is the default; or it must exist |
//! | `postgresql+psycopg://…`, `mysql+pymysql://…`, `mysql2://…` | SQLAlchemy, Rails | the server, whatever the driver |
//!
//! In a path, percent-encoded characters such as `%20` are decoded. An unknown parameter is an error that names it.
//!
//! The feature `tls`, also enabled by default, encrypts connections to the other servers as their URLs specify.
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
