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
mod error;
mod form;
mod keys;
mod lane;
mod left_out;
mod life;
mod link;
mod listing;
mod load;
mod look;
mod options;
mod owners;
mod record;
mod scan;
mod script;
mod sentinel;
mod server;
mod settings;
mod slot;
mod store;
mod sweep;

pub use options::RedisOptions;
pub use store::RedisStore;
