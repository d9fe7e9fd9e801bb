//! Private database servers for tests, and the tests shared by the stores on them.
//!
//! Each server has its own directory and port. It is stopped and removed when it is dropped, when the test panics, and
//! when the whole test run is killed.
//!
//! ```no_run
//! use hardtack_engines::Postgres;
//!
//! let mut engine = Postgres::start()?;
//! println!("{} at {}", engine.version(), engine.url());
//! engine.kill()?;
//! engine.restart()?;
//! # Ok::<(), hardtack_engines::EngineError>(())
//! ```
#![forbid(unsafe_code)]

mod barrier;
mod certificate;
mod database;
mod error;
mod home;
mod logged;
mod mariadb;
mod overlapping;
mod pgbouncer;
mod port;
mod postgres;
mod proxy;
mod redis;
mod redis_cluster;
mod redis_sentinel;
mod renewing;
mod server;
pub mod sql_store;
mod sweeping;

pub use barrier::{barrier, released_at_once};
pub use database::{Database, Installed, Make};
pub use error::EngineError;
pub use logged::{Found, Logged};
pub use mariadb::{MariaDb, MariaDbMake};
pub use pgbouncer::PgBouncer;
pub use postgres::{Postgres, PostgresMake};
pub use proxy::Proxy;
pub use redis::Redis;
pub use redis_cluster::RedisCluster;
pub use redis_sentinel::RedisSentinel;
pub use renewing::{Renewed, renew_while_ending, rounds_of_renewals};
pub use sweeping::{Swept, sweep_beside_clients};
