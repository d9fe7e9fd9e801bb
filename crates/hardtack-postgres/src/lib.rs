//! Sessions in PostgreSQL: Hardtack's store for applications that run on several servers, with batched reads and
//! writes.
//!
//! ```no_run
//! # async fn run() -> Result<(), hardtack_core::store::StoreError> {
//! use hardtack_postgres::PostgresStore;
//!
//! let store = PostgresStore::connect("postgres://app:secret@db.example.com/app").await?;
//! assert_eq!(store.metrics().writes, 0);
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod address;
mod batch;
mod connection;
mod engine;
mod error;
mod options;
mod prepared;
mod reader;
mod row;
mod schema;
mod store;
#[cfg(feature = "tls")]
mod tls;
mod writer;

pub use hardtack_sql::SqlMetrics as PostgresMetrics;
pub use options::PostgresOptions;
pub use store::PostgresStore;
