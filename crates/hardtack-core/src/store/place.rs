use std::time::SystemTime;

use crate::session::{Content, Dictionary, Lifetime, Origin, Purpose, Record, StoreKey};
use crate::store::{SessionStore, StoreError, Stored, Version};

/// A live session as it was loaded: where it lies, which version, and the record around what it says.
#[derive(Debug, Clone)]
pub struct Place {
    /// Where it lies.
    pub key: StoreKey,
    /// Which version was loaded.
    pub version: Version,
    /// What lies there.
    pub record: Record,
}

/// What a session id led to.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "the large one is the common one, and is moved on at once")]
pub enum Opened {
    /// A live session, what it says, and whether a renewal had to be followed to find it.
    Live(Place, Dictionary, Followed),
    /// A session that a login or a logout has ended just now, or whose successor is gone.
    Ended,
    /// A session that has expired.
    Expired,
    /// Nothing, or a session of another purpose.
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

/// The most renewals that are followed from one old id; past it a chain counts as ended.
///
/// A request with an old id is served for the whole grace period, however often the session is renewed meanwhile. So
/// the bound is beyond what an application does: with the default grace period of ten seconds, one renewal every ten
/// milliseconds. It must be there all the same, for two reasons: a loop in a damaged store has to end, and a visitor
/// who renews as fast as they can must not make one request cost any number of look-ups. Nothing shortens a chain
/// instead: the older tombstones of a renewed session are under keys that its own record does not know.
pub(super) const MOST_FORWARDS: usize = 1024;

/// Loads the session that lies under `key`, following renewals. A record of another purpose counts as
/// [unknown](Opened::Unknown).
///
/// # Errors
///
/// If the store fails, or holds something that no session wrote.
pub async fn open<S: SessionStore>(
    store: &S,
    purpose: &Purpose,
    key: StoreKey,
    now: SystemTime,
) -> Result<Opened, StoreError> {
    let to = match judge(purpose, key, store.load(&key).await?, now)? {
        Judged::Opened(opened) => return Ok(opened),
        Judged::Moved(to) => to,
    };
    // Rare, and large: boxed, so that the common way stays small.
    Ok(match Box::pin(follow(store, purpose, to, now)).await? {
        Some((place, base)) => Opened::Live(place, base, Followed::Yes),
        None => Opened::Ended,
    })
}

/// What a record turned out to be.
#[expect(clippy::large_enum_variant, reason = "the large one is the common one, and is moved on at once")]
enum Judged {
    Opened(Opened),
    Moved(StoreKey),
}

fn judge(
    purpose: &Purpose,
    key: StoreKey,
    stored: Option<Stored>,
    now: SystemTime,
) -> Result<Judged, StoreError> {
    let opened = match stored {
        None => Opened::Unknown,
        Some(stored) if stored.record.purpose != *purpose => Opened::Unknown,
        Some(stored) if stored.record.is_expired(now) => Opened::Expired,
        Some(stored) => match read(&stored)? {
            Content::Live(base) => Opened::Live(Place::new(key, stored), base, Followed::No),
            Content::Ended => Opened::Ended,
            Content::Moved(to) => return Ok(Judged::Moved(to)),
        },
    };
    Ok(Judged::Opened(opened))
}

/// The live session at the end of a chain of forwards, if there is one.
pub(super) async fn follow<S: SessionStore>(
    store: &S,
    purpose: &Purpose,
    mut key: StoreKey,
    now: SystemTime,
) -> Result<Option<(Place, Dictionary)>, StoreError> {
    for _ in 0..MOST_FORWARDS {
        let Some(stored) = store.load(&key).await? else { return Ok(None) };
        if stored.record.purpose != *purpose || stored.record.is_expired(now) {
            return Ok(None);
        }
        match read(&stored)? {
            Content::Live(base) => return Ok(Some((Place::new(key, stored), base))),
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
    pub(super) fn new(key: StoreKey, stored: Stored) -> Self {
        Self { key, version: stored.version, record: stored.record }
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
