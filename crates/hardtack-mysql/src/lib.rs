//! Sessions in MySQL or MariaDB: the store of hardtack for several servers, with reads and writes sent in groups.
//!
//! ```no_run
//! # async fn run() -> Result<(), hardtack_core::store::StoreError> {
//! use hardtack_mysql::MySqlStore;
//!
//! let store = MySqlStore::connect("mysql://app:secret@db.example.com/app").await?;
//! assert_eq!(store.counters().writes, 0);
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod address;
mod engine;
mod error;
mod options;
mod reader;
mod row;
mod schema;
mod store;
mod text;
#[cfg(feature = "tls")]
mod tls;
mod writer;

pub use hardtack_sql::SqlCounters as MySqlCounters;
pub use options::MySqlOptions;
pub use store::MySqlStore;
