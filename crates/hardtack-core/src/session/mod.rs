//! The session as values and decisions: what a request may change, and what the end of a request does about it.

mod change;
mod dictionary;
mod flash;
mod id;
mod lifetime;
mod merge;
mod record;
mod settle;
mod tombstone;

pub use change::{Change, Changes, Replay, Replayed, Updated};
pub use dictionary::Dictionary;
pub use flash::{DEFAULT_CATEGORY, FLASHES_KEY, Flash, add_flash, drop_flashes, read_flashes};
pub use id::{SessionId, StoreKey};
pub use lifetime::Lifetime;
pub use merge::{Found, Next, Writing, after_refusal};
pub use record::{Owner, Record};
pub use settle::{
    Act, CookieAct, Facts, FlaskFacts, Origin, Settled, Turn, settle, settle_in_cookie, settle_like_flask,
};
pub use tombstone::Content;
