use std::collections::HashMap;

use hardtack_bench_load::{DATA, Operation, Ours, Versions, id, operation};
use hardtack_core::store::SessionStore;
use hardtack_sql::SqlCounters;
use tower_sessions_core::SessionStore as TowerStore;
use tower_sessions_core::session::{Id, Record as TowerRecord};

/// One who reads and writes sessions.
pub(crate) struct Candidate {
    pub(crate) name: &'static str,
    pub(crate) write: Operation,
    /// Where it reads otherwise than the candidate before.
    pub(crate) read: Option<Operation>,
    /// Moves the expiry alone, where that is an operation of its own.
    pub(crate) touch: Option<Operation>,
    /// How many writes, and how many loads, have gone in one group.
    pub(crate) groups: Option<Box<dyn Fn() -> (f64, f64)>>,
}

/// hardtack's store.
pub(crate) fn hardtack<S: SessionStore + Clone>(
    store: S,
    counters: Option<fn(&S) -> SqlCounters>,
    versions: &Versions,
) -> Candidate {
    let Ours { write, read, touch } = Ours::new(store.clone(), versions);
    let groups = counters.map(|counters| -> Box<dyn Fn() -> (f64, f64)> {
        Box::new(move || {
            let counters = counters(&store);
            let each = |count: u64, groups: u64| count as f64 / groups as f64;
            (each(counters.writes, counters.groups), each(counters.loads, counters.load_groups))
        })
    });
    Candidate { name: "hardtack", write, read: Some(read), touch: Some(touch), groups }
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
        read: Some(operation(move |number| {
            let store = store.clone();
            async move {
                store.load(&Id(id(number))).await?.ok_or("it was created")?;
                Ok(())
            }
        })),
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
