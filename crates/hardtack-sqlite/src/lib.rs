//! Sessions in an SQLite file: the embedded store of hardtack, with one writer that commits in groups.
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
//! assert_eq!(store.counters().commits, 0);
//! # let _ = sessions;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It is for one server, or a few processes on one machine, with nothing else to install or to run: SQLite is built in.
//! The file is made on first use (mode 0600 on Unix), and sessions survive a restart.
//!
//! # What is promised
//!
//! A write that was acknowledged survives the process being killed, and by default the machine losing its power
//! ([`Durability`]). Many writes share one wait for the disk, so that this costs little. Expired sessions are removed
//! once a minute, in small steps.
//!
//! # What is not
//!
//! The file must lie on a local disk. It is not encrypted: who reads it reads what is in the sessions, though the ids in
//! it are digests, of which no cookie can be made. To back it up while it is in use, ask SQLite (`VACUUM INTO`) and do not
//! copy the file: the newest writes lie in the log beside it.
#![forbid(unsafe_code)]

mod counters;
mod error;
mod file;
mod options;
mod process;
mod queue;
mod reader;
mod row;
mod schema;
mod store;
mod writer;

pub use counters::SqliteCounters;
pub use options::{Durability, Reads, SqliteOptions};
pub use store::SqliteStore;
