//! The session as values and decisions: what a request may change, and what the end of a request does about it.
//!
//! | | |
//! |---|---|
//! | [`Dictionary`] | what a session says: text that is parsed only when it is asked for |
//! | [`Changes`] | what one request did to it, key by key, and how to do that again on a newer one |
//! | [`Fold`] | a session with the changes of one request after the other applied to it |
//! | [`settle`] | what the end of a request writes, and which cookie goes out: a table of facts |
//! | [`after_refusal`] | what becomes of a write when another request came first: a table too |
//! | [`Record`], [`Content`], [`ContentKind`] | what lies in a store: a session, or the tombstone of one |
//! | [`Purpose`] | what a session is for, which keeps sessions that share a store or a key apart |
//! | [`SessionId`], [`StoreKey`] | what the browser holds, and where that lies in a store |
//! | [`Login`], [`Owner`], [`Lineage`] | whose session it is, and which login it comes from |
//! | [`Lifetime`] | when a stored session ends |
//! | [`Flash`] | a message for the next page |
//!
//! Nothing here waits, reads a clock or draws a random number. The module `store` carries it out over a store.

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
pub use change::{Change, Changes};
pub use dictionary::Dictionary;
pub use flash::{
    DEFAULT_CATEGORY, FLASHES_KEY, Flash, MAX_FLASHES, add_flash, count_flashes, drop_flashes, read_flashes,
};
pub use fold::Fold;
pub use id::{SessionId, StoreKey};
pub use lifetime::Lifetime;
pub use log_id::LogId;
pub use login::{Lineage, Login, Owner};
pub use merge::{Found, Next, Writing, after_refusal};
pub use record::Record;
pub use replay::{Replay, ReplayError, Replayed, Updated};
pub use settle::{
    Act, CookieAct, Facts, FlaskFacts, Origin, Settled, Turn, settle, settle_in_cookie, settle_like_flask,
};
pub use tombstone::{Content, ContentKind};
