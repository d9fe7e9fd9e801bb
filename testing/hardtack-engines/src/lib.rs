//! Private database servers for tests, and a proxy that disturbs the connections to them.
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

mod certificate;
mod database;
mod error;
mod home;
mod mariadb;
mod pgbouncer;
mod port;
mod postgres;
mod proxy;
mod redis;
mod redis_cluster;
mod redis_sentinel;
mod server;

pub use database::{Database, Installed, Make};
pub use error::EngineError;
pub use mariadb::{MariaDb, MariaDbMake};
pub use pgbouncer::PgBouncer;
pub use postgres::{Postgres, PostgresMake};
pub use proxy::Proxy;
pub use redis::Redis;
pub use redis_cluster::RedisCluster;
pub use redis_sentinel::RedisSentinel;
