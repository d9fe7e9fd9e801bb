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

mod address;
mod change;
mod cluster;
mod connection_settings;
mod error;
mod format;
mod hash_slot;
mod keys;
mod listing;
mod load;
mod omitted;
mod options;
mod owner_index;
mod peek;
mod record;
mod request_queue;
mod scan;
mod script;
mod sentinel;
mod server;
mod servers;
mod store;
mod sweep;
mod ttl;

pub use options::RedisOptions;
pub use store::RedisStore;
