use std::fmt;
use std::sync::Arc;

use hardtack_core::protocol::StoreKey;
use hardtack_core::store::{SessionStore, StoreError, Swap};

use crate::interleave::find_order::find_order;
use crate::interleave::findings::Findings;
use crate::interleave::history::{Event, History};
use crate::interleave::model::Model;
use crate::interleave::schedule::{Fault, FaultKind, PlayedSchedule, Schedule};
use crate::interleave::shrink::smaller;
use crate::interleave::violation::Violation;
use crate::sample::{noon, record, seconds};

/// Which interleavings to run.
///
/// ```
/// use std::sync::Arc;
/// use hardtack_core::store::MemoryStore;
/// use hardtack_conformance::{Schedules, block_on, interleave};
///
/// let store = Arc::new(MemoryStore::new());
/// let done = block_on(interleave(&store, Schedules::new(100).with_drops()))?;
/// assert!(done.runs >= 100);
/// # Ok::<(), hardtack_conformance::Violation>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Schedules {
    first: u64,
    runs: u64,
    faults: Option<Faults>,
}

/// The kind of fault to inject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Faults {
    /// One task is dropped, at each of its stops in turn.
    Drops,
    /// The store fails one task, at each of its stops in turn.
    Failures,
}

/// What was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interleaved {
    /// The number of schedules played.
    pub runs: u64,
    /// The number of requests and other operations in the schedules.
    pub operations: u64,
    /// The number of store calls made concurrently in the schedules.
    pub calls: u64,
}

impl Schedules {
    /// Creates a plan of this many schedules without faults.
    pub fn new(runs: u64) -> Self {
        Self { first: 0, runs, faults: None }
    }

    /// Creates a plan of as many schedules as the environment variable `HARDTACK_SCHEDULES` says; 10,000 by default.
    pub fn from_env() -> Self {
        let runs = std::env::var("HARDTACK_SCHEDULES").ok().and_then(|runs| runs.parse().ok());
        Self::new(runs.unwrap_or(10_000))
    }

    /// Creates a plan of a single schedule, that of this seed, to reproduce a violation.
    pub fn only(seed: u64) -> Self {
        Self { first: seed, runs: 1, faults: None }
    }

    /// Drops one request in each schedule: in turn at each stop before and after a store call, and in the middle of
    /// each call.
    pub fn with_drops(self) -> Self {
        Self { faults: Some(Faults::Drops), ..self }
    }

    /// Makes the store fail one request in each schedule: each call in turn, before or after it is applied.
    pub fn with_failures(self) -> Self {
        Self { faults: Some(Faults::Failures), ..self }
    }
}

/// Plays schedules on a store until one of them violates a guarantee. The store must be empty, and is left empty.
///
/// Each schedule is a short history: a browser, perhaps a second browser of the same user, and two to four concurrent
/// tasks of requests and revocations, some of them late with old ids. A seed determines what the tasks do, and the
/// order of every single store call. Only one call runs at a time, so each schedule is reproducible.
///
/// # Errors
///
/// Returns the first violation, reduced to a minimal schedule. A schedule is a violation if there is no order of the
/// requests in which a simple model of a session shows, answers, and ends the same; if one user's data is found in
/// another user's session; if an issued id is lost; or if the store fails by itself.
pub async fn interleave<S: SessionStore>(
    store: &Arc<S>,
    schedules: Schedules,
) -> Result<Interleaved, Violation> {
    let mut so_far = Interleaved { runs: 0, operations: 0, calls: 0 };
    let mut seed = schedules.first;
    while so_far.runs < schedules.runs {
        let schedule = Schedule::random(seed);
        let stops = so_far.add(&play_and_shrink(store, &schedule).await?);
        if let Some(faults) = schedules.faults {
            // The task with the most stops has the most to lose.
            let longest = stops.iter().enumerate().max_by_key(|(_, stops)| **stops);
            let (task, stops) = longest.map_or((0, 0), |(task, stops)| (task, *stops));
            for stop in 1..=stops {
                for kind in faults.kinds() {
                    let fault = Some(Fault { kind: *kind, task, stop });
                    so_far.add(&play_and_shrink(store, &Schedule { fault, ..schedule.clone() }).await?);
                }
            }
        }
        seed += 1;
    }
    Ok(so_far)
}

impl Faults {
    fn kinds(self) -> &'static [FaultKind] {
        match self {
            Self::Drops => &[FaultKind::Dropped, FaultKind::Cut],
            Self::Failures => &[FaultKind::Failed],
        }
    }
}

impl Interleaved {
    fn add(&mut self, played: &PlayedSchedule) -> Vec<usize> {
        self.runs += 1;
        self.operations += played.history.events.len() as u64;
        self.calls += played.trace.iter().filter(|step| step.outcome.is_some()).count() as u64;
        played.stops.clone()
    }
}

impl fmt::Display for Interleaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} schedules of {} operations, {} calls at once", self.runs, self.operations, self.calls)
    }
}

/// The number of times to check the store before a dropped call counts as done: a store with several connections may
/// execute a later call first.
const CHECKS_AFTER_A_CUT: u32 = 20;

/// Plays a schedule and checks the result. A schedule with a violation is reduced to a minimal one.
async fn play_and_shrink<S: SessionStore>(
    store: &Arc<S>,
    schedule: &Schedule,
) -> Result<PlayedSchedule, Violation> {
    let mut violation = match play(store, schedule).await {
        Ok(played) => return Ok(played),
        Err(violation) => violation,
    };
    let mut smallest = schedule.clone();
    'shrinking: loop {
        for less in smaller(&smallest) {
            if let Err(smaller) = play(store, &less).await {
                (smallest, violation) = (less, smaller);
                continue 'shrinking;
            }
        }
        return Err(violation);
    }
}

async fn play<S: SessionStore>(store: &Arc<S>, schedule: &Schedule) -> Result<PlayedSchedule, Violation> {
    let broken = |error: StoreError| {
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        Violation::new(schedule, &format!("{error}: {source}"), None, &[])
    };
    let played = schedule.play(store).await.map_err(broken)?;
    // A dropped call may be applied during the check, so that part of the check comes before it and part after. What
    // counts is the state after the call.
    let was_cut = schedule.fault.is_some_and(|fault| fault.kind == FaultKind::Cut);
    let mut checks = if was_cut { CHECKS_AFTER_A_CUT } else { 1 };
    let (findings, why) = loop {
        if was_cut {
            wait_for_all(&**store).await.map_err(broken)?;
        }
        let findings =
            Findings::gather(&**store, &played.history.events, schedule.now()).await.map_err(broken)?;
        let why = findings.fault(&played.history.events).or_else(|| {
            let agrees = judge(schedule, &played.history, played.before, &findings);
            (!agrees).then(|| {
                "no order of the requests explains what they saw, what they returned, and what they stored".to_owned()
            })
        });
        checks -= 1;
        if why.is_none() || checks == 0 {
            break (findings, why);
        }
    };
    clean(&**store).await.map_err(broken)?;
    match why {
        None => Ok(played),
        Some(why) => {
            Err(Violation::new(schedule, &why, Some(&played), &findings.lines(&played.history.events)))
        }
    }
}

fn judge(schedule: &Schedule, history: &History, before: usize, findings: &Findings) -> bool {
    let (earlier, tasks): (&[Event], &[Event]) = history.events.split_at(before);
    let Some(mut model) = find_order(&Model::default(), earlier, 0, &mut |_| true) else { return false };
    if schedule.pauses {
        model.pass_grace();
    }
    find_order(&model, tasks, before, &mut |end| findings.agree(end)).is_some()
}

/// Waits for what a dropped call may still do: a store that queues its writes has applied all earlier ones once it has
/// applied another.
async fn wait_for_all<S: SessionStore>(store: &S) -> Result<(), StoreError> {
    let key = StoreKey::from_bytes([0x0f; 32]);
    if let Swap::Done(version) = store.create(&key, &record(b"{}")).await? {
        store.delete(&key, version).await?;
    }
    Ok(())
}

/// Removes all records.
async fn clean<S: SessionStore>(store: &S) -> Result<(), StoreError> {
    while store.sweep(noon() + seconds(10 * 366 * 86_400), 1000).await? > 0 {}
    Ok(())
}
