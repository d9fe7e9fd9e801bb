//! The contract of a session store, and the procedures that use it: opening a session, committing a request's changes,
//! and revoking a session.
//!
//! A store only saves and returns bytes. This module and [`protocol`](crate::protocol) define what the bytes mean and
//! how concurrent requests are merged, in the same way for every store.
//!
//! ```
//! use hardtack_core::protocol::{Changes, Dictionary, Purpose, SessionId, StoreAction};
//! use hardtack_core::store::{self, Commit, MemoryStore, Opened, Outcome};
//! use std::time::SystemTime;
//!
//! # pollster::block_on(async {
//! let (store, now) = (MemoryStore::new(), SystemTime::now());
//! let fresh = SessionId::from_random([7; 32]); // from a cryptographic generator, new for each session
//!
//! // A request without a session wrote something.
//! let mut changes = Changes::new();
//! changes.set(&Dictionary::new(), "name", r#""Ada""#.into());
//! let commit = Commit::new(StoreAction::Create, Purpose::default(), changes, fresh, now);
//! let committed = store::commit(&store, &commit).await?;
//! assert_eq!(committed.outcome, Outcome::Written);
//! assert_eq!(committed.id, Some(fresh)); // for the cookie
//!
//! // The next request finds it.
//! let (purpose, key) = (Purpose::default(), fresh.store_key(&Purpose::default()));
//! let Opened::Live(_, session, _) = store::open(&store, &purpose, key, now).await? else { panic!("it lives") };
//! assert_eq!(session.get("name"), Some(r#""Ada""#));
//! # Ok::<(), store::StoreError>(())
//! # })?;
//! # Ok::<(), store::StoreError>(())
//! ```

mod batch;
mod commit;
mod commit_session;
mod error;
mod group_commit;
mod listing;
mod located;
mod memory;
mod migrating;
mod millis;
mod retry;
mod revoke;
mod rows;
mod session_store;
mod successor;

pub use commit::{Commit, Committed, Outcome};
pub use commit_session::commit;
pub use error::StoreError;
#[doc(hidden)]
pub use group_commit::Attempt;
pub use group_commit::GroupCommit;
pub use listing::{Cursor, Listed, Page, SessionListing};
pub use located::{Forwarded, Located, Opened, open};
pub use memory::{MemoryMetrics, MemoryStore};
pub use migrating::MigratingStore;
pub use millis::{from_millis, millis};
pub use revoke::revoke;
#[doc(hidden)]
pub use rows::LEFT_OUT;
pub use rows::{LeftOut, Row, Rows};
pub use session_store::{SessionStore, Stored, Summary, Swap, Version};
