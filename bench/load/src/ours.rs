use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use hardtack_core::store::{SessionStore, Swap, Version};

use crate::operation::{Operation, operation};
use crate::rows::{DATA, LIFE, key, record};

/// The operations on a hardtack store. A write replaces only the version that was written last, so that no update is
/// lost.
pub struct Ours {
    /// Replaces the record.
    pub write: Operation,
    /// Loads the record.
    pub read: Operation,
    /// Updates the record's expiry.
    pub touch: Operation,
}

/// The current version of each session, as the writers have recorded it.
#[derive(Clone)]
pub struct Versions(Arc<Vec<AtomicU64>>);

impl Ours {
    /// Creates the operations on a store in which each session has the recorded version.
    pub fn new(store: impl SessionStore + Clone, versions: &Versions) -> Self {
        let (writing, reading, touching) = (store.clone(), store.clone(), store);
        let (written, touched) = (versions.clone(), versions.clone());
        Self {
            write: operation(move |number| {
                let (store, versions) = (writing.clone(), written.clone());
                async move {
                    match store.replace(&key(number), versions.of_number(number), &record(number)).await? {
                        Swap::Done(version) => versions.note(number, version),
                        Swap::Refused => return Err("each session has one writer at a time".into()),
                    }
                    Ok(())
                }
            }),
            read: operation(move |number| {
                let store = reading.clone();
                async move {
                    let stored = store.load(&key(number)).await?.ok_or("the record is missing")?;
                    assert_eq!(stored.record.data.len(), DATA);
                    Ok(())
                }
            }),
            touch: operation(move |number| {
                let (store, version) = (touching.clone(), touched.of_number(number));
                async move {
                    let now = SystemTime::now();
                    let is_there = store.touch(&key(number), version, now, now + LIFE).await?;
                    if is_there { Ok(()) } else { Err("the record is missing".into()) }
                }
            }),
        }
    }
}

impl Versions {
    /// Creates the versions of the given number of sessions, all of which are 0.
    pub fn of(sessions: u64) -> Self {
        Self(Arc::new((0..sessions).map(|_| AtomicU64::new(0)).collect()))
    }

    /// Returns the version of one session.
    pub fn of_number(&self, number: u64) -> Version {
        Version::new(self.0[number as usize].load(Ordering::Relaxed))
    }

    /// Records the version that was written.
    pub fn note(&self, number: u64, version: Version) {
        self.0[number as usize].store(version.get(), Ordering::Relaxed);
    }
}
