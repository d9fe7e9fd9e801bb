//! Sessions in an SQLite file: the embedded store of hardtack, with one writer that commits in groups.
//!
//! ```
//! # pollster::block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("sessions.db");
//! use hardtack_sqlite::SqliteStore;
//!
//! let store = SqliteStore::open(path).await?;
//! assert_eq!(store.counters().commits, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod counters;
mod error;
mod options;
mod queue;
mod reader;
mod row;
mod schema;
mod store;
mod writer;

pub use counters::SqliteCounters;
pub use options::{Durability, Reads, SqliteOptions};
pub use store::SqliteStore;
