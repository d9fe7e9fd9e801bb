use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use hardtack_core::protocol::{Lifetime, Owner, Purpose, SessionId};
use hardtack_core::store::{GroupCommit, SessionStore, StoreError};

use crate::interleave::history::{History, NEVER, OperationResult};
use crate::interleave::model::inserted;
use crate::interleave::operation::{Key, Mutation, Operation, SentCookie, Task, User, Visit};
use crate::interleave::stepped::{CallWait, Driven, Step, Stepped, drive};
use crate::request::{Cookie, Request};
use crate::rng::Rng;
use crate::sample::{noon, seconds};

/// A short history to play. The seed determines the initial state, the concurrent operations, and the order of their
/// steps.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    /// The tasks that run first, one after the other.
    pub(crate) before: Vec<Task>,
    /// Whether eleven seconds, which is longer than the grace period, pass between the first tasks and the concurrent
    /// ones.
    pub(crate) pauses: bool,
    /// The concurrent tasks.
    pub(crate) tasks: Vec<Task>,
    /// The number of server processes that run the tasks, each with its own group commit.
    pub(crate) processes: usize,
    /// The seed that determines the order of the steps.
    pub(crate) order: u64,
    pub(crate) fault: Option<Fault>,
}

/// A fault to inject, which occurs once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    /// The task that the fault affects.
    pub(crate) task: usize,
    /// The task's stop at which the fault occurs.
    pub(crate) stop: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// The task is dropped at the stop: before a store call, or after the call but before the task receives the result.
    Dropped,
    /// The task is dropped in the middle of the next call, if that call is ever pending.
    Cut,
    /// The store returns an error at the stop: before a call, or after the call was applied.
    Failed,
}

/// The record of a schedule that was played.
#[derive(Debug)]
pub(crate) struct PlayedSchedule {
    pub(crate) history: History,
    /// The number of events that belong to the tasks that ran first.
    pub(crate) before: usize,
    pub(crate) trace: Vec<Step>,
    /// The number of times that each task stopped.
    pub(crate) stops: Vec<usize>,
}

/// Returns the lifetime of sessions in a schedule. A session's use is recorded if the last one was recorded at least a
/// second ago.
pub(crate) fn lifetime() -> Lifetime {
    Lifetime::new().touch_after(seconds(1))
}

impl Schedule {
    pub(crate) fn random(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let (devices, before) = prelude(&mut rng);
        let pauses = rng.one_in(4);
        let tasks: Vec<Task> = (0..2 + rng.below(3)).map(|_| Task::random(&mut rng, devices)).collect();
        let order = rng.roll();
        let processes = 1 + rng.below(tasks.len());
        Self { seed, before, pauses, tasks, processes, order, fault: None }
    }

    /// Returns the time of the concurrent tasks.
    pub(crate) fn now(&self) -> SystemTime {
        noon() + seconds(if self.pauses { 11 } else { 0 })
    }

    /// Plays the schedule on a store.
    pub(crate) async fn play<S: SessionStore>(&self, store: &Arc<S>) -> Result<PlayedSchedule, StoreError> {
        let state = PlayState { ids: Rng::new(!self.seed), ..PlayState::default() };
        let player = Arc::new(Player { state: Mutex::new(state), now: self.now() });
        let earlier =
            Arc::new(Player { state: Mutex::new(std::mem::take(&mut *player.state())), now: noon() });
        let alone = GroupCommit::new(Arc::clone(store));
        for task in &self.before {
            for operation in &task.operations {
                earlier.perform(&alone, usize::MAX, task.device, operation).await?;
            }
        }
        *player.state() = std::mem::take(&mut *earlier.state());
        let before = player.state().history.events.len();
        let stepped = Arc::new(Stepped::new(store));
        let stops = self.play_at_once(&player, &stepped).await;
        let history = std::mem::take(&mut player.state().history);
        Ok(PlayedSchedule { history, before, trace: stepped.steps().trace(), stops })
    }

    async fn play_at_once<S: SessionStore>(
        &self,
        player: &Arc<Player>,
        store: &Arc<Stepped<S>>,
    ) -> Vec<usize> {
        let mut rng = Rng::new(self.order);
        // In some schedules, the task changes at nearly every step. In others, one task runs for many steps while the
        // others wait.
        let restless = 1 + rng.below(4);
        let mut running: Vec<Option<Running>> = Vec::new();
        let processes: Vec<_> =
            (0..self.processes).map(|_| Arc::new(GroupCommit::new(Arc::clone(store)))).collect();
        for (number, task) in self.tasks.iter().enumerate() {
            let process = Arc::clone(&processes[number % self.processes]);
            running.push(Some(player.clone().run(process, number, task.clone())));
        }
        let mut stops = vec![0; running.len()];
        let mut current = 0;
        loop {
            let left: Vec<usize> = (0..running.len()).filter(|task| running[*task].is_some()).collect();
            if left.is_empty() {
                return stops;
            }
            if !left.contains(&current) || rng.one_in(restless) {
                current = left[rng.below(left.len())];
            }
            store.steps().turn_to(current);
            let Some(task) = &mut running[current] else { continue };
            let fault = self.fault.filter(|fault| fault.task == current && stops[current] == fault.stop);
            let mut wait = CallWait::Waits;
            if stops[current] > 0 {
                match fault.map(|fault| fault.kind) {
                    Some(FaultKind::Dropped) => {
                        running[current] = None;
                        // Other tasks of the same process may still write the dropped task's changes.
                        let is_alone = self.processes >= self.tasks.len();
                        player.state().history.drop_task(current, (!is_alone).then_some(NEVER));
                        continue;
                    }
                    Some(FaultKind::Failed) => store.steps().fail(),
                    Some(FaultKind::Cut) => wait = CallWait::None,
                    None => {}
                }
            }
            match drive(task, store.steps(), wait).await {
                Driven::Done(()) => running[current] = None,
                Driven::Stopped if wait == CallWait::Waits => stops[current] += 1,
                Driven::Stopped | Driven::Waiting => {
                    running[current] = None;
                    player.state().history.drop_task(current, Some(NEVER));
                }
            }
        }
    }
}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The state that all tasks share.
struct Player {
    /// The lock is held briefly, and never across an await.
    state: Mutex<PlayState>,
    now: SystemTime,
}

#[derive(Default)]
struct PlayState {
    history: History,
    /// The id that each browser has.
    jars: [Option<SessionId>; 2],
    /// All ids that were ever issued.
    issued: Vec<SessionId>,
    ids: Rng,
}

impl Player {
    fn state(&self) -> MutexGuard<'_, PlayState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a task. After a store failure, the rest of the task is abandoned.
    fn run<S: SessionStore>(
        self: Arc<Self>,
        process: Arc<GroupCommit<Stepped<S>>>,
        number: usize,
        task: Task,
    ) -> Running {
        Box::pin(async move {
            for operation in &task.operations {
                if self.perform(&process, number, task.device, operation).await.is_err() {
                    return;
                }
            }
        })
    }

    async fn perform<S: SessionStore>(
        &self,
        process: &GroupCommit<S>,
        task: usize,
        device: usize,
        operation: &Operation,
    ) -> Result<(), StoreError> {
        let store = process.store();
        let (event, cookie, fresh) = self.state().begin(task, device, operation);
        let done = match operation {
            Operation::Visit(visit) => self.visit(process, event, cookie, fresh, visit).await,
            Operation::Revoke { user, spares_own } => {
                self.revoke(&**store, *user, cookie.filter(|_| *spares_own)).await
            }
            Operation::Sweep => store.sweep(self.now, 100).await.map(|_| OperationResult::NOTHING),
        };
        self.state().end(event, device, done.as_ref().ok().copied());
        done.map(drop)
    }

    /// Ends a user's sessions, as a request would do, except those with the lineage of the session under the id
    /// `spares`.
    async fn revoke<S: SessionStore>(
        &self,
        store: &S,
        user: User,
        spares: Option<SessionId>,
    ) -> Result<OperationResult, StoreError> {
        let request = Request::open(store, spares, self.now, lifetime()).await?;
        let spared = request.located.as_ref().and_then(|located| located.record.lineage());
        let owner = Owner::new(user.name());
        store.delete_owned_by(&Purpose::default(), &owner, spared).await.map(|_| OperationResult::NOTHING)
    }

    async fn visit<S: SessionStore>(
        &self,
        process: &GroupCommit<S>,
        event: usize,
        cookie: Option<SessionId>,
        fresh: SessionId,
        visit: &Visit,
    ) -> Result<OperationResult, StoreError> {
        let mut request = Request::open(&**process.store(), cookie, self.now, lifetime()).await?;
        self.state().history.saw(event, &request);
        for mutation in &visit.mutations {
            mutation.on(&mut request, event);
        }
        let response = request.finish_in(process, fresh, visit.fails).await?;
        Ok(OperationResult::of(&response))
    }
}

impl PlayState {
    fn begin(
        &mut self,
        task: usize,
        device: usize,
        operation: &Operation,
    ) -> (usize, Option<SessionId>, SessionId) {
        let newest = self.jars[device];
        let cookie = match operation {
            Operation::Visit(Visit { cookie: SentCookie::Older(back), .. }) => {
                self.issued.iter().rev().nth(*back).copied()
            }
            Operation::Visit(_) | Operation::Revoke { .. } | Operation::Sweep => newest,
        };
        let fresh = SessionId::from_random(self.ids.bytes());
        (self.history.begin(task, operation, cookie, fresh), cookie, fresh)
    }

    /// Records the end of an operation, and stores the id that it issued in the browser.
    fn end(&mut self, event: usize, device: usize, answer: Option<OperationResult>) {
        self.history.end(event, answer);
        match answer.map(|answer| answer.cookie) {
            Some(Cookie::Set(id)) => {
                self.jars[device] = Some(id);
                self.issued.push(id);
            }
            Some(Cookie::Remove) => self.jars[device] = None,
            Some(Cookie::Nothing) | None => {}
        }
    }
}

impl Mutation {
    fn on(self, request: &mut Request, number: usize) {
        match self {
            Self::Insert(key) => {
                let text = inserted(request.user(), number);
                request.set(key.name(), &text);
            }
            Self::Increment => request.increment("n"),
            Self::Push => request.push("list", number as u64),
            Self::Clear => request.clear(),
            Self::Renew => request.renew(),
            Self::LogIn(user) => request.log_in(user.name()),
            Self::LogOut => request.log_out(),
            Self::Destroy => request.destroy(),
        }
    }
}

/// Draws the initial state: no session, a guest with a cart, a user, or a user on two devices. Some of these have old
/// ids.
fn prelude(rng: &mut Rng) -> (usize, Vec<Task>) {
    let first = |operations: &[&[Mutation]]| Task {
        device: 0,
        operations: operations.iter().map(|mutations| Operation::visit(mutations)).collect(),
    };
    let guest: &[Mutation] = &[Mutation::Insert(Key::Cart), Mutation::Insert(Key::Csrf), Mutation::Increment];
    let login: &[Mutation] = &[Mutation::LogIn(User::Ada)];
    let note: &[Mutation] = &[Mutation::Insert(Key::Note)];
    let renew: &[Mutation] = &[Mutation::Renew];
    let logout: &[Mutation] = &[Mutation::LogOut];
    let second = Task { device: 1, operations: vec![Operation::visit(login)] };
    match rng.below(10) {
        0 => (1, vec![]),
        1..3 => (1, vec![first(&[guest])]),
        3 => (1, vec![first(&[guest, renew])]),
        4 => (1, vec![first(&[login, note])]),
        5 => (1, vec![first(&[guest, login, note])]),
        6 => (2, vec![first(&[guest, login, note]), second]),
        7 => (2, vec![first(&[guest, login, note, renew]), second]),
        8 => (1, vec![first(&[login, note, renew, renew])]),
        _ => (1, vec![first(&[login, note, logout, guest])]),
    }
}
