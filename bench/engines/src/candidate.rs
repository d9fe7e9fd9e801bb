use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use hardtack_core::store::{SessionStore, Swap, Version};
use hardtack_sql::SqlCounters;
use tower_sessions_core::SessionStore as TowerStore;
use tower_sessions_core::session::{Id, Record as TowerRecord};

use crate::Result;
use crate::rows::{DATA, id, key, record};

/// One operation on the session of a number.
pub(crate) type Operation = Arc<dyn Fn(u64) -> Pin<Box<dyn Future<Output = Result> + Send>> + Send + Sync>;

/// One who reads and writes sessions.
pub(crate) struct Candidate {
    pub(crate) name: &'static str,
    pub(crate) write: Operation,
    pub(crate) read: Operation,
    /// Moves the expiry alone, where that is an operation of its own.
    pub(crate) touch: Option<Operation>,
    /// How many writes, and how many loads, have gone in one group.
    pub(crate) groups: Option<Box<dyn Fn() -> (f64, f64)>>,
}

/// The versions that hardtack's writers know.
#[derive(Clone)]
pub(crate) struct Versions(Arc<Vec<AtomicU64>>);

pub(crate) fn operation<F, R>(act: F) -> Operation
where
    F: Fn(u64) -> R + Send + Sync + 'static,
    R: Future<Output = Result> + Send + 'static,
{
    Arc::new(move |number| Box::pin(act(number)))
}

/// Writes over the version it knows and no other, so that no update is lost.
pub(crate) fn hardtack<S: SessionStore + Clone>(
    store: S,
    counters: fn(&S) -> SqlCounters,
    versions: &Versions,
) -> Candidate {
    let counted = store.clone();
    let (writing, reading, touching) = (store.clone(), store.clone(), store);
    let (written, touched) = (versions.clone(), versions.clone());
    Candidate {
        name: "hardtack",
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
                let stored = store.load(&key(number)).await?.ok_or("it was created")?;
                assert_eq!(stored.record.data.len(), DATA);
                Ok(())
            }
        }),
        touch: Some(operation(move |number| {
            let (store, version) = (touching.clone(), touched.of_number(number));
            async move {
                let now = SystemTime::now();
                assert!(store.touch(&key(number), version, now, now + Duration::from_secs(86_400)).await?);
                Ok(())
            }
        })),
        groups: Some(Box::new(move || {
            let counters = counters(&counted);
            let each = |count: u64, groups: u64| count as f64 / groups as f64;
            (each(counters.writes, counters.groups), each(counters.loads, counters.load_groups))
        })),
    }
}

/// tower-sessions' store: writes over whatever is there.
pub(crate) fn tower(name: &'static str, store: impl TowerStore + Clone) -> Candidate {
    let writing = store.clone();
    Candidate {
        name,
        write: operation(move |number| {
            let store = writing.clone();
            async move { Ok(store.save(&tower_record(number)).await?) }
        }),
        read: operation(move |number| {
            let store = store.clone();
            async move {
                store.load(&Id(id(number))).await?.ok_or("it was created")?;
                Ok(())
            }
        }),
        touch: None,
        groups: None,
    }
}

/// What tower-sessions' store writes of a session of as much data.
pub(crate) fn tower_record(number: u64) -> TowerRecord {
    let text = "x".repeat(DATA - 10);
    TowerRecord {
        id: Id(id(number)),
        data: HashMap::from([("data".to_owned(), serde_json::Value::String(text))]),
        expiry_date: time::OffsetDateTime::now_utc() + time::Duration::days(1),
    }
}

impl Versions {
    /// Of so many sessions, each in version 0.
    pub(crate) fn of(sessions: u64) -> Self {
        Self(Arc::new((0..sessions).map(|_| AtomicU64::new(0)).collect()))
    }

    fn of_number(&self, number: u64) -> Version {
        Version::new(self.0[number as usize].load(Ordering::Relaxed))
    }

    fn note(&self, number: u64, version: Version) {
        self.0[number as usize].store(version.get(), Ordering::Relaxed);
    }
}
