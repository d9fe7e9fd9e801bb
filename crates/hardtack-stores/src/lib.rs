//! Choosing a session store by a URL, so that an operator changes engines without building anew.
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
//! The feature `tls`, a default too, encrypts connections to the others as well, as their URLs say.
#![forbid(unsafe_code)]

mod engine;
mod error;
mod store;
mod url;

pub use engine::Engine;
pub use error::UrlError;
pub use store::AnyStore;
pub use url::StoreUrl;
