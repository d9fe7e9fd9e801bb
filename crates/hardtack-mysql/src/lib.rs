//! Sessions in MySQL or MariaDB: Hardtack's store for applications that run on several servers, with batched reads and
//! writes.
//!
//! ```no_run
//! # async fn run() -> Result<(), hardtack_core::store::StoreError> {
//! use hardtack_mysql::MySqlStore;
//!
//! let store = MySqlStore::connect("mysql://app:secret@db.example.com/app").await?;
//! assert_eq!(store.metrics().writes, 0);
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod address;
mod connection;
mod engine;
mod error;
mod hex_literal;
mod options;
mod reader;
mod row;
mod schema;
mod store;
#[cfg(feature = "tls")]
mod tls;
mod writer;

pub use hardtack_sql::SqlMetrics as MySqlMetrics;
pub use options::MySqlOptions;
pub use store::MySqlStore;
