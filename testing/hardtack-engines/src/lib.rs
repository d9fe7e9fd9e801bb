//! Private database servers for tests, and a proxy that interferes with the connections to them.
//!
//! Each server has its own directory and port. The server is stopped and its directory is removed when the value is
//! dropped, when the test panics, and when the whole test run is killed.
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
mod directory;
mod error;
mod free_port;
mod mariadb;
mod pgbouncer;
mod postgres;
mod proxy;
mod redis;
mod redis_cluster;
mod redis_sentinel;
mod server_process;

pub use database::{Database, DatabaseProgram, Installation};
pub use error::EngineError;
pub use mariadb::{MariaDb, MariaDbProgram};
pub use pgbouncer::PgBouncer;
pub use postgres::{Postgres, PostgresProgram};
pub use proxy::Proxy;
pub use redis::Redis;
pub use redis_cluster::RedisCluster;
pub use redis_sentinel::RedisSentinel;
