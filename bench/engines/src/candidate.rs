use std::collections::HashMap;

use hardtack_bench_load::{DATA, Operation, Ours, Versions, id, operation};
use hardtack_core::store::SessionStore;
use hardtack_sql::SqlMetrics;
use tower_sessions_core::SessionStore as TowerStore;
use tower_sessions_core::protocol::{Id, Record as TowerRecord};

/// A candidate in the comparison: a store or a driver that reads and writes sessions.
pub(crate) struct Candidate {
    pub(crate) name: &'static str,
    pub(crate) write: Operation,
    /// The read operation, if it differs from that of the previous candidate.
    pub(crate) read: Option<Operation>,
    /// The operation that updates only the expiry, if there is one.
    pub(crate) touch: Option<Operation>,
    /// A function that returns the average number of writes and of loads per batch.
    pub(crate) batches: Option<Box<dyn Fn() -> (f64, f64)>>,
}

/// Creates the candidate for a hardtack store.
pub(crate) fn hardtack<S: SessionStore + Clone>(
    store: S,
    metrics: Option<fn(&S) -> SqlMetrics>,
    versions: &Versions,
) -> Candidate {
    let Ours { write, read, touch } = Ours::new(store.clone(), versions);
    let batches = metrics.map(|metrics| -> Box<dyn Fn() -> (f64, f64)> {
        Box::new(move || {
            let metrics = metrics(&store);
            let each = |count: u64, batches: u64| count as f64 / batches as f64;
            (each(metrics.writes, metrics.batches), each(metrics.loads, metrics.load_batches))
        })
    });
    Candidate { name: "hardtack", write, read: Some(read), touch: Some(touch), batches }
}

/// Creates the candidate for a tower-sessions store, which overwrites a record without comparing its version.
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
                store.load(&Id(id(number))).await?.ok_or("the record is missing")?;
                Ok(())
            }
        })),
        touch: None,
        batches: None,
    }
}

/// Returns a session's record for tower-sessions, with the same amount of data as the other candidates store.
pub(crate) fn tower_record(number: u64) -> TowerRecord {
    let text = "x".repeat(DATA - 10);
    TowerRecord {
        id: Id(id(number)),
        data: HashMap::from([("data".to_owned(), serde_json::Value::String(text))]),
        expiry_date: time::OffsetDateTime::now_utc() + time::Duration::days(1),
    }
}
