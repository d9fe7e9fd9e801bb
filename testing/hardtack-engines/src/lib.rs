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

mod error;
mod process;
mod proxy;
mod redis;
mod sql;

pub use error::EngineError;
pub use proxy::Proxy;
pub use redis::cluster::RedisCluster;
pub use redis::sentinel::RedisSentinel;
pub use redis::server::Redis;
pub use sql::database::{Database, DatabaseProgram, Installation};
pub use sql::mariadb::{MariaDb, MariaDbProgram};
pub use sql::pgbouncer::PgBouncer;
pub use sql::postgres::{Postgres, PostgresProgram};
