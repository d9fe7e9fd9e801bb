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

/// A plan of the schedules to play, and of the faults to inject.
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
    /// One task is dropped. The schedule is repeated, so that the task is dropped at each of its stops in turn.
    Drops,
    /// The store returns an error to one task. The schedule is repeated, so that the error occurs at each of the task's
    /// stops in turn.
    Failures,
}

/// The totals of a run.
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
    /// Creates a plan of `runs` schedules without faults. If faults are added, each repetition of a schedule counts
    /// too.
    pub fn new(runs: u64) -> Self {
        Self { first: 0, runs, faults: None }
    }

    /// Creates a plan without faults, as [`new`](Self::new) does. The environment variable `HARDTACK_SCHEDULES` sets
    /// the number of schedules, which is 10,000 by default.
    pub fn from_env() -> Self {
        let runs = std::env::var("HARDTACK_SCHEDULES").ok().and_then(|runs| runs.parse().ok());
        Self::new(runs.unwrap_or(10_000))
    }

    /// Creates a plan of a single schedule without faults, which is generated from `seed`, to reproduce a violation.
    pub fn only(seed: u64) -> Self {
        Self { first: seed, runs: 1, faults: None }
    }

    /// Drops one task in each schedule. The schedule is repeated, so that the task is dropped before, during, and after
    /// each of its store calls.
    pub fn with_drops(self) -> Self {
        Self { faults: Some(Faults::Drops), ..self }
    }

    /// Makes the store return an error to one task in each schedule. The schedule is repeated, so that each of the
    /// task's calls fails, once before and once after the store applied it.
    pub fn with_failures(self) -> Self {
        Self { faults: Some(Faults::Failures), ..self }
    }
}

/// Plays schedules on a store until one of them violates a guarantee. The store must be empty, and is left empty.
///
/// Each schedule is a short history of one browser, or of two browsers of the same user. Two to four concurrent tasks
/// send requests and revoke sessions. Some requests are late, with old ids. A seed determines what the tasks do, and
/// the order of all store calls. Only one call runs at a time, so each schedule is reproducible.
///
/// # Errors
///
/// Returns the first violation, reduced to a minimal schedule. A schedule violates a guarantee if there is no order of
/// the requests in which a simple model of a session shows the same data, gives the same answers, and ends in the same
/// state. Other violations are one user's data in another user's session, an issued id that is lost, and a store error
/// that was not injected.
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
            // The faults affect the task with the most stops, because it offers the most opportunities for them.
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

/// The maximum number of times that the state of the store is checked after a call was dropped. A store with several
/// connections may execute a later call before the dropped one, so an early check may fail.
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
    // A dropped call may be applied in the middle of the check, which then sees two different states. The check is
    // therefore repeated, to see the state after the call.
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

/// Waits until a dropped call is no longer in progress. A store that queues its writes has applied all earlier writes
/// by the time it applies a new one.
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
