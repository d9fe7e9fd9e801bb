//! Sessions in Redis or Valkey: one server, a master monitored by Sentinels, or a Cluster.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use hardtack_redis::RedisStore;
//!
//! let store = RedisStore::connect("redis-cluster://:password@one,two,three").await?;
//! # drop(store);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `tls` | yes | `rediss://`, by rustls |
#![forbid(unsafe_code)]

mod bulk;
mod connection;
mod error;
mod format;
mod options;
mod record;
mod request;
mod servers;
mod store;

pub use options::RedisOptions;
pub use store::RedisStore;
