use crate::protocol::{Content, Owner, Purpose, StoreKey};
use crate::store::located::MAX_FORWARDS;
use crate::store::{SessionStore, StoreError};

/// Ends the session that is stored under `key`, including for requests in progress. Returns whether there was such a
/// session.
///
/// The session is removed regardless of its version. If the session was renewed, its successor is removed. With an
/// `owner`, the session is ended only if it has this owner and purpose.
///
/// # Errors
///
/// Returns an error if the store fails, if the session is written continuously, or if it was renewed too often to find
/// it. A record whose data cannot be read is also removed, unless the store itself [cannot decode
/// it](StoreError::is_unreadable), because such a record has no version.
pub async fn revoke<S: SessionStore>(
    store: &S,
    key: &StoreKey,
    owner: Option<(&Purpose, &Owner)>,
) -> Result<bool, StoreError> {
    let mut key = *key;
    let (mut forwards, mut tries) = (0, 0);
    while forwards < MAX_FORWARDS && tries < MAX_TRIES {
        let Some(stored) = store.load(&key).await? else { return Ok(false) };
        match Content::from_data(&stored.record.data) {
            Ok(Content::Moved(to)) => {
                key = to;
                forwards += 1;
                continue;
            }
            Ok(Content::Ended) => return Ok(false),
            // Unreadable data is removed too.
            Ok(Content::Live(_)) | Err(_) => {}
        }
        let is_meant = owner.is_none_or(|(purpose, owner)| {
            stored.record.purpose == *purpose && stored.record.owner() == Some(owner)
        });
        if !is_meant {
            return Ok(false);
        }
        // The version of a session in use can change between the two calls.
        tries += 1;
        if store.delete(&key, stored.version).await? {
            return Ok(true);
        }
    }
    Err(StoreError::new("ending a session", "other requests keep writing it"))
}

/// The maximum number of tries. A single session never causes that many conflicts, so if this number is exceeded, the
/// store is faulty.
const MAX_TRIES: usize = 64;

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::protocol::{Lineage, Login, Record};
    use crate::store::{MemoryStore, Swap};

    fn key(number: u8) -> StoreKey {
        StoreKey::from_bytes([number; 32])
    }

    fn record(content: &Content, owner: Option<&str>) -> Record {
        Record {
            purpose: Purpose::default(),
            data: content.to_data(),
            login: owner
                .map(|owner| Login { owner: Owner::new(owner), lineage: Lineage::from_random([7; 16]) }),
            label: None,
            created_at: UNIX_EPOCH,
            last_seen: UNIX_EPOCH,
            expires_at: UNIX_EPOCH,
            deadline: UNIX_EPOCH,
        }
    }

    fn store(records: &[(u8, Record)]) -> MemoryStore {
        let store = MemoryStore::new();
        for (number, record) in records {
            let swap = pollster::block_on(store.create(&key(*number), record)).unwrap();
            assert_ne!(swap, Swap::Refused);
        }
        store
    }

    fn is_there(store: &MemoryStore, number: u8) -> bool {
        pollster::block_on(store.load(&key(number))).unwrap().is_some()
    }

    fn live() -> Content {
        Content::Live(crate::protocol::Dictionary::new())
    }

    #[test]
    fn a_renewed_session_is_ended_where_it_lies_now() {
        let ada = Owner::new("ada");
        let store = store(&[
            (1, record(&Content::Moved(key(2)), None)),
            (2, record(&Content::Moved(key(3)), None)),
            (3, record(&live(), Some("ada"))),
        ]);
        assert!(pollster::block_on(revoke(&store, &key(1), Some((&Purpose::default(), &ada)))).unwrap());
        assert!(!is_there(&store, 3));
        assert!(!pollster::block_on(revoke(&store, &key(1), Some((&Purpose::default(), &ada)))).unwrap());
    }

    #[test]
    fn anothers_session_stays_unless_any_is_meant() {
        let store = store(&[(1, record(&live(), Some("ada"))), (2, record(&live(), None))]);
        let (main, admin, ada) = (Purpose::default(), Purpose::new("admin").unwrap(), Owner::new("ada"));
        for number in [1, 2] {
            assert!(
                !pollster::block_on(revoke(&store, &key(number), Some((&main, &Owner::new("bob"))))).unwrap()
            );
            let elsewhere = Some((&admin, &ada));
            assert!(!pollster::block_on(revoke(&store, &key(number), elsewhere)).unwrap());
            assert!(is_there(&store, number));
            assert!(pollster::block_on(revoke(&store, &key(number), None)).unwrap());
            assert!(!is_there(&store, number));
        }
    }

    #[test]
    fn what_has_ended_is_no_session_and_what_is_unreadable_goes() {
        let mut strange = record(&live(), None);
        strange.data = b"nonsense"[..].into();
        let circle = record(&Content::Moved(key(3)), None);
        let store = store(&[(1, record(&Content::Ended, None)), (2, strange), (3, circle)]);
        assert!(!pollster::block_on(revoke(&store, &key(1), None)).unwrap());
        assert!(pollster::block_on(revoke(&store, &key(2), None)).unwrap());
        assert!(!is_there(&store, 2));
        assert!(pollster::block_on(revoke(&store, &key(3), None)).is_err());
    }
}
