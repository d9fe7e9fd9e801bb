use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hardtack_core::protocol::{Record, StoreKey};
use hardtack_core::store::{SessionStore, StoreError, Swap};

use crate::spy::{Answer, Call, Hook, Spy};

/// A defect in a store, for which the interleavings must find a violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defect {
    /// `replace` ignores the expected version.
    CompareAndSwap,
    /// `replace` and `touch` write a record that no longer exists.
    Gone,
    /// Writing a tombstone removes the record instead.
    Tombstones,
}

/// A store with a deliberate defect, to test the interleavings themselves.
pub type DefectiveStore<S> = Spy<S, DefectHook>;

/// The hook that implements the defect.
#[derive(Debug)]
pub struct DefectHook {
    defect: Defect,
    /// The created records, from which `touch` restores a record that has since been removed. The lock is held for one
    /// lookup at a time.
    gone: Mutex<HashMap<StoreKey, Record>>,
}

impl<S: SessionStore> DefectiveStore<S> {
    /// Adds a defect to a store.
    pub fn new(store: Arc<S>, defect: Defect) -> Self {
        Self::on(store, DefectHook { defect, gone: Mutex::default() })
    }
}

impl DefectHook {
    fn remember(&self, key: &StoreKey, record: &Record) {
        if self.defect == Defect::Gone {
            self.gone.lock().unwrap_or_else(PoisonError::into_inner).insert(*key, record.clone());
        }
    }

    fn remembered(&self, key: &StoreKey) -> Option<Record> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

impl<S: SessionStore> Hook<S> for DefectHook {
    async fn answer(&self, store: &S, call: Call) -> Result<Answer, StoreError> {
        match &call {
            Call::Create { key, record } => self.remember(key, record),
            Call::Replace { key, expected, record } => match (self.defect, store.load(key).await?) {
                (Defect::CompareAndSwap, Some(stored)) => {
                    return Ok(Answer::Swapped(store.replace(key, stored.version, record).await?));
                }
                (Defect::Gone, None) => return Ok(Answer::Swapped(store.create(key, record).await?)),
                (Defect::Tombstones, Some(_)) if matches!(*record.data, [1 | 2, ..]) => {
                    let deleted = store.delete(key, *expected).await?;
                    return Ok(Answer::Swapped(if deleted { Swap::Done(*expected) } else { Swap::Refused }));
                }
                _ => {}
            },
            Call::Touch { key, last_seen, expires_at, .. } => {
                let answer = call.make(store).await?;
                return match (self.remembered(key), store.load(key).await?) {
                    (Some(record), None) => {
                        let record = record.last_seen(*last_seen).expires_at(*expires_at);
                        let swap = store.create(key, &record).await?;
                        Ok(Answer::Applied(matches!(swap, Swap::Done(_))))
                    }
                    _ => Ok(answer),
                };
            }
            _ => {}
        }
        call.make(store).await
    }
}
