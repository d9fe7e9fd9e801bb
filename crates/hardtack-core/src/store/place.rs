use std::time::SystemTime;

use crate::session::{Content, Dictionary, Lifetime, Origin, Record, StoreKey};
use crate::store::{SessionStore, StoreError, Stored, Version};

/// A live session as it was loaded: where it lies, which version, and what it says.
#[derive(Debug)]
pub struct Place {
    /// Where it lies.
    pub key: StoreKey,
    /// Which version was loaded.
    pub version: Version,
    /// What it says.
    pub base: Dictionary,
    /// The record around that.
    pub record: Record,
}

/// What a session id led to.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "the large one is the common one, and is moved on at once")]
pub enum Opened {
    /// A live session, and whether a renewal had to be followed to find it.
    Live(Place, Followed),
    /// A session that a login or a logout has ended just now, or whose successor is gone.
    Ended,
    /// A session that has expired.
    Expired,
    /// Nothing.
    Unknown,
}

/// Whether the id was the session's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// It was.
    No,
    /// It is an older one, forwarded after a renewal.
    Yes,
}

/// Nobody renews a session this often within one grace period; past it a chain counts as ended, so that no loop in a
/// damaged store is followed for ever.
const MOST_FORWARDS: usize = 16;

/// Loads the session that lies under `key`, following renewals.
///
/// # Errors
///
/// If the store fails, or holds something that no session wrote.
pub async fn open<S: SessionStore>(store: &S, key: StoreKey, now: SystemTime) -> Result<Opened, StoreError> {
    let Some(stored) = store.load(&key).await? else { return Ok(Opened::Unknown) };
    if stored.record.is_expired(now) {
        return Ok(Opened::Expired);
    }
    match read(&stored)? {
        Content::Live(base) => Ok(Opened::Live(Place::new(key, stored, base), Followed::No)),
        Content::Ended => Ok(Opened::Ended),
        Content::Moved(to) => Ok(match Box::pin(follow(store, to, now)).await? {
            Some(place) => Opened::Live(place, Followed::Yes),
            None => Opened::Ended,
        }),
    }
}

/// The live session at the end of a chain of forwards, if there is one.
pub(super) async fn follow<S: SessionStore>(
    store: &S,
    mut key: StoreKey,
    now: SystemTime,
) -> Result<Option<Place>, StoreError> {
    for _ in 0..MOST_FORWARDS {
        let Some(stored) = store.load(&key).await? else { return Ok(None) };
        if stored.record.is_expired(now) {
            return Ok(None);
        }
        match read(&stored)? {
            Content::Live(base) => return Ok(Some(Place::new(key, stored, base))),
            Content::Moved(to) => key = to,
            Content::Ended => return Ok(None),
        }
    }
    Ok(None)
}

/// What a stored record says.
pub(super) fn read(stored: &Stored) -> Result<Content, StoreError> {
    Content::from_data(&stored.record.data).map_err(|error| StoreError::new("reading a session", error))
}

impl Place {
    pub(super) fn new(key: StoreKey, stored: Stored, base: Dictionary) -> Self {
        Self { key, version: stored.version, base, record: stored.record }
    }

    /// Whether a use at `now` has to be noted.
    pub fn is_touch_due(&self, lifetime: &Lifetime, now: SystemTime) -> bool {
        lifetime.is_touch_due(&self.record, now)
    }
}

impl Followed {
    /// The origin of a session that was found so.
    pub fn origin(self) -> Origin {
        match self {
            Self::No => Origin::Live,
            Self::Yes => Origin::Forwarded,
        }
    }
}
