//! Sessions in an SQLite file: hardtack's embedded store, with a single writer that commits in batches.
//!
//! ```
//! # pollster::block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("sessions.db");
//! use hardtack::SessionLayer;
//! use hardtack_sqlite::SqliteStore;
//!
//! let store = SqliteStore::open(path).await?;
//! let sessions = SessionLayer::stored(store.clone()).check()?;
//! assert_eq!(store.metrics().commits, 0);
//! # let _ = sessions;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Use this store for one server, or for a few processes on one machine. There is nothing else to install or run:
//! SQLite is built in. The file is created on first use (mode 0600 on Unix), and sessions survive a restart.
//!
//! # Guarantees
//!
//! An acknowledged write survives the process being killed and, by default, a power failure ([`Durability`]). This
//! costs little, because many writes share one disk sync. Expired sessions are removed once a minute, in small steps.
//!
//! # Limits
//!
//! The file must be on a local disk. It is not encrypted: anyone who can read the file can read the session data. The
//! file contains only digests of the session ids, so no one can derive valid cookies from it. To back up the file while
//! it is in use, use SQLite's `VACUUM INTO`. Do not copy the file, because the newest writes are in a separate file,
//! the write-ahead log.
#![forbid(unsafe_code)]

mod error;
mod file;
mod metrics;
mod options;
mod process;
mod queue;
mod reader;
mod row;
mod schema;
mod statements;
mod store;
mod write;
mod writer;

pub use metrics::SqliteMetrics;
pub use options::{Durability, Reads, SqliteOptions};
pub use store::SqliteStore;
