//! Sessions as values and decisions: what a request can change, and what is written when the request ends.
//!
//! | | |
//! |---|---|
//! | [`Dictionary`] | the content of a session: text that is parsed only on access |
//! | [`Changes`] | the changes that one request made, per key, in a form that can be replayed on a newer version |
//! | [`settle`] | the decision about what to write and which cookie to send when a request ends |
//! | [`Record`], [`Content`], [`ContentKind`] | what a store contains: a session or a tombstone |
//! | [`Purpose`] | the kind of a session, which separates sessions that share a store or a key |
//! | [`SessionId`], [`StoreKey`] | the id that the browser holds, and the key under which the session is stored |
//! | [`Login`], [`Owner`], [`Lineage`] | the owner of the session, and the identity of the login that started it |
//! | [`Lifetime`] | when a stored session expires |
//! | [`Flash`] | a message for the next page |
//!
//! This module never waits, reads a clock, or draws a random number. The module `store` executes its decisions.

mod change;
mod dictionary;
mod flash;
mod fold;
mod id;
mod lifetime;
mod log_id;
mod login;
mod merge;
mod record;
mod replay;
mod settle;
mod tombstone;

#[doc(inline)]
pub use crate::purpose::Purpose;
pub use change::Changes;
pub use dictionary::Dictionary;
#[doc(hidden)]
pub use flash::{DEFAULT_CATEGORY, FLASHES_KEY, add_flash, count_flashes, drop_flashes, read_flashes};
pub use flash::{Flash, MAX_FLASHES};
pub use id::{SessionId, StoreKey};
pub use lifetime::Lifetime;
pub use log_id::LogId;
pub use login::{Lineage, Login, Owner};
pub use record::Record;
pub use replay::{Replay, ReplayError, Replayed, Updated};
pub use settle::{
    CookieAction, Facts, FlaskFacts, IdChange, Origin, Settled, StoreAction, settle, settle_in_cookie,
    settle_like_flask,
};
pub use tombstone::{Content, ContentKind};

pub(crate) use change::Change;
pub(crate) use fold::Fold;
pub(crate) use merge::{Found, Next, Writing, after_refusal};
