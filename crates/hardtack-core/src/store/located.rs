use std::time::SystemTime;

use crate::protocol::{Content, Dictionary, Lifetime, Origin, Purpose, Record, StoreKey};
use crate::store::{SessionStore, StoreError, Stored, Version};

/// A live session as it was loaded: its key, its version, and its record.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Located {
    /// The key of the session.
    pub key: StoreKey,
    /// The version that was loaded.
    pub version: Version,
    /// The record that was loaded.
    pub record: Record,
}

/// The result of looking up a session id.
///
/// A variant that is added later means that there is no session: treat it as [`Unknown`](Opened::Unknown).
#[derive(Debug)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "the large one is the common one, and is moved on at once")]
pub enum Opened {
    /// A live session, its content, and whether a renewal was followed to find it.
    Live(Located, Dictionary, Forwarded),
    /// A session that a login or logout has just ended, or whose successor is gone.
    Ended,
    /// A session that has expired.
    Expired,
    /// No session, or a session with another purpose.
    Unknown,
    /// A record that cannot be read, with the error. The session is treated as [unknown](Opened::Unknown), and the
    /// error must be reported. The record stays in the store, because a record from another release may become readable
    /// again after the next deployment.
    Unreadable(StoreError),
}

/// Whether a renewal was followed to find the session.
///
/// The enum is exhaustive, because there is no third possibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forwarded {
    /// The session is stored under the id that was looked up.
    No,
    /// The id that was looked up is an old one, which was forwarded after a renewal.
    Yes,
}

/// The maximum number of renewals to follow from one old id. At the end of a longer chain, the session is treated as
/// ended.
///
/// A request with an old id is served for the entire grace period, however often the session is renewed in the
/// meantime. The limit is therefore higher than any application needs: with the default grace period of ten seconds, it
/// allows six renewals per second. A limit is necessary for two reasons: a loop in a damaged store must end, and a
/// visitor who renews as fast as possible must not make one request cost an unbounded number of lookups. The chain
/// cannot be shortened instead, because the record of a renewed session does not contain the keys of its older
/// tombstones.
pub(super) const MAX_FORWARDS: usize = 64;

/// Loads the session that is stored under `key`, following renewals. A record with another purpose is treated as
/// [unknown](Opened::Unknown).
///
/// # Errors
///
/// Returns an error if the store fails. A record that cannot be read is not an error but [`Opened::Unreadable`].
pub async fn open<S: SessionStore>(
    store: &S,
    purpose: &Purpose,
    key: StoreKey,
    now: SystemTime,
) -> Result<Opened, StoreError> {
    // A `match` on the whole result, because `?` would copy the large value once more.
    match judge(purpose, key, store.load(&key).await, now) {
        Ok(Judged::Opened(opened)) => Ok(opened),
        // Rare and large: boxed to keep the future of the common path small.
        Ok(Judged::Moved(to)) => Box::pin(follow(store, purpose, to, now)).await,
        Err(error) => Err(error),
    }
}

/// The classification of a record.
#[expect(clippy::large_enum_variant, reason = "the large one is the common one, and is moved on at once")]
pub(super) enum Judged {
    Opened(Opened),
    Moved(StoreKey),
}

/// Classifies a record that was loaded. All code that reads the record of a session, to open it or after a refused
/// write, calls this function. An unreadable record is therefore treated the same everywhere, regardless of whether the
/// store could not decode the record, or the data is not that of a session.
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
            // Returned immediately, because it is large and the common case.
            Ok(Content::Live(base)) => {
                let located = Located::new(key, stored);
                return Ok(Judged::Opened(Opened::Live(located, base, Forwarded::No)));
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

/// Loads the live session at the end of a chain of forwards. If the chain does not end at a live session, the session
/// has ended.
pub(super) async fn follow<S: SessionStore>(
    store: &S,
    purpose: &Purpose,
    mut key: StoreKey,
    now: SystemTime,
) -> Result<Opened, StoreError> {
    for _ in 0..MAX_FORWARDS {
        match judge(purpose, key, store.load(&key).await, now)? {
            Judged::Moved(to) => key = to,
            Judged::Opened(Opened::Live(located, base, _)) => {
                return Ok(Opened::Live(located, base, Forwarded::Yes));
            }
            Judged::Opened(unreadable @ Opened::Unreadable(_)) => return Ok(unreadable),
            Judged::Opened(Opened::Ended | Opened::Expired | Opened::Unknown) => break,
        }
    }
    Ok(Opened::Ended)
}

impl Located {
    pub(super) fn new(key: StoreKey, stored: Stored) -> Self {
        Self { key, version: stored.version, record: stored.record }
    }

    /// Returns whether a use at `now` must be recorded.
    pub fn is_touch_due(&self, lifetime: &Lifetime, now: SystemTime) -> bool {
        lifetime.is_touch_due(&self.record, now)
    }
}

impl Forwarded {
    /// Returns the origin of the session that was found.
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
        for loaded in [Ok(Some(damaged(lives))), Err(StoreError::unreadable("it is truncated"))] {
            let Ok(Opened::Unreadable(error)) = judged(loaded) else { panic!("it is unreadable") };
            assert!(error.is_unreadable());
            assert!(!format!("{error} {}", error.source().unwrap()).contains("secret"));
        }
        assert!(matches!(judged(Ok(Some(damaged(UNIX_EPOCH)))), Ok(Opened::Expired)));
        let broken = judged(Err(StoreError::new("loading a session", "the disk is full")));
        assert!(broken.is_err_and(|error| !error.is_unreadable()));
    }
}
