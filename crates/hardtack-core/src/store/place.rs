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
    /// A record that cannot be read, and why. It counts as [unknown](Opened::Unknown), and has to be reported. The record
    /// stays in the store: what another release wrote may be readable again after the next deployment.
    Unreadable(StoreError),
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
/// the bound is beyond what an application does: with the default grace period of ten seconds, six renewals a second. It
/// must be there all the same, for two reasons: a loop in a damaged store has to end, and a visitor who renews as fast as
/// they can must not make one request cost any number of look-ups. Nothing shortens a chain
/// instead: the older tombstones of a renewed session are under keys that its own record does not know.
pub(super) const MOST_FORWARDS: usize = 64;

/// Loads the session that is stored under `key`, following renewals. A record of another purpose counts as
/// [unknown](Opened::Unknown).
///
/// # Errors
///
/// If the store fails. A record that cannot be read is not an error but [`Opened::Unreadable`].
pub async fn open<S: SessionStore>(
    store: &S,
    purpose: &Purpose,
    key: StoreKey,
    now: SystemTime,
) -> Result<Opened, StoreError> {
    // Matched whole, as `?` would copy what was opened once more.
    match judge(purpose, key, store.load(&key).await, now) {
        Ok(Judged::Opened(opened)) => Ok(opened),
        // Rare, and large: boxed, so that the common way stays small.
        Ok(Judged::Moved(to)) => Box::pin(follow(store, purpose, to, now)).await,
        Err(error) => Err(error),
    }
}

/// What a record turned out to be.
#[expect(clippy::large_enum_variant, reason = "the large one is the common one, and is moved on at once")]
pub(super) enum Judged {
    Opened(Opened),
    Moved(StoreKey),
}

/// Decides what a record that was loaded means. Whoever reads a session's record, to open it or after a refused write,
/// asks here, so that an unreadable record means the same everywhere: one that the store could not decode, and one
/// whose data no session wrote.
pub(super) fn judge(
    purpose: &Purpose,
    key: StoreKey,
    loaded: Result<Option<Stored>, StoreError>,
    now: SystemTime,
) -> Result<Judged, StoreError> {
    let opened = match loaded {
        Ok(None) => Opened::Unknown,
        Ok(Some(stored)) if stored.record.purpose != *purpose => Opened::Unknown,
        Ok(Some(stored)) if stored.record.is_expired(now) => Opened::Expired,
        Ok(Some(stored)) => match Content::from_data(&stored.record.data) {
            // Returned at once, because it is large and the common one.
            Ok(Content::Live(base)) => {
                let place = Place::new(key, stored);
                return Ok(Judged::Opened(Opened::Live(place, base, Followed::No)));
            }
            Ok(Content::Ended) => Opened::Ended,
            Ok(Content::Moved(to)) => return Ok(Judged::Moved(to)),
            Err(error) => Opened::Unreadable(StoreError::unreadable(error)),
        },
        Err(error) if error.is_unreadable() => Opened::Unreadable(error),
        Err(error) => return Err(error),
    };
    Ok(Judged::Opened(opened))
}

/// Loads the live session at the end of a chain of forwards. A chain that ends nowhere is an ended session.
pub(super) async fn follow<S: SessionStore>(
    store: &S,
    purpose: &Purpose,
    mut key: StoreKey,
    now: SystemTime,
) -> Result<Opened, StoreError> {
    for _ in 0..MOST_FORWARDS {
        match judge(purpose, key, store.load(&key).await, now)? {
            Judged::Moved(to) => key = to,
            Judged::Opened(Opened::Live(place, base, _)) => {
                return Ok(Opened::Live(place, base, Followed::Yes));
            }
            Judged::Opened(unreadable @ Opened::Unreadable(_)) => return Ok(unreadable),
            Judged::Opened(Opened::Ended | Opened::Expired | Opened::Unknown) => break,
        }
    }
    Ok(Opened::Ended)
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

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn judged(loaded: Result<Option<Stored>, StoreError>) -> Result<Opened, StoreError> {
        match judge(&Purpose::default(), StoreKey::from_bytes([1; 32]), loaded, UNIX_EPOCH)? {
            Judged::Opened(opened) => Ok(opened),
            Judged::Moved(_) => panic!("nothing was moved"),
        }
    }

    fn damaged(expires_at: SystemTime) -> Stored {
        let record = Record {
            purpose: Purpose::default(),
            data: b"a secret"[..].into(),
            login: None,
            label: None,
            created_at: UNIX_EPOCH,
            last_seen: UNIX_EPOCH,
            expires_at,
            deadline: expires_at,
        };
        Stored { record, version: Version::new(1) }
    }

    #[test]
    fn a_record_is_unreadable_to_the_store_or_to_the_session_and_a_broken_store_is_an_error() {
        let lives = UNIX_EPOCH + Duration::from_secs(1);
        for loaded in [Ok(Some(damaged(lives))), Err(StoreError::unreadable("it was cut short"))] {
            let Ok(Opened::Unreadable(error)) = judged(loaded) else { panic!("it is unreadable") };
            assert!(error.is_unreadable());
            assert!(!format!("{error} {}", error.source().unwrap()).contains("secret"));
        }
        assert!(matches!(judged(Ok(Some(damaged(UNIX_EPOCH)))), Ok(Opened::Expired)));
        let broken = judged(Err(StoreError::new("loading a session", "the disk is full")));
        assert!(broken.is_err_and(|error| !error.is_unreadable()));
    }
}
