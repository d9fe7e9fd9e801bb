use std::collections::BTreeMap;

use hardtack_core::protocol::{Dictionary, Origin, Purpose, SessionId, StoreKey};
use hardtack_core::store::Outcome;

use crate::interleave::operation::Operation;
use crate::request::{Cookie, Request, Response};

/// A session's data, key by key.
pub(crate) type Data = BTreeMap<String, String>;

/// What happened in a schedule, by a logical clock.
#[derive(Debug, Default, Clone)]
pub(crate) struct History {
    pub(crate) events: Vec<Event>,
    tick: u32,
}

/// One operation, as far as it got.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) task: usize,
    pub(crate) operation: Operation,
    /// The id that it was sent with.
    pub(crate) cookie: Option<SessionId>,
    /// The id that it would issue.
    pub(crate) fresh: SessionId,
    pub(crate) begun: u32,
    /// What a request saw when it opened its session, and when.
    pub(crate) saw: Option<(View, u32)>,
    pub(crate) end: End,
}

/// What a request found under its cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) origin: Origin,
    pub(crate) data: Data,
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// It has not ended.
    Open,
    /// It was answered.
    Answered(OperationResult, u32),
    /// The store failed, or the operation was dropped. It may have been applied, up to this tick.
    Unknown(u32),
}

/// The answer to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OperationResult {
    pub(crate) cookie: Cookie,
    /// Whether its writes were dropped.
    pub(crate) dropped: bool,
}

/// The tick that never comes.
pub(crate) const NEVER: u32 = u32::MAX;

impl History {
    pub(crate) fn begin(
        &mut self,
        task: usize,
        operation: &Operation,
        cookie: Option<SessionId>,
        fresh: SessionId,
    ) -> usize {
        let begun = self.tick();
        self.events.push(Event {
            task,
            operation: operation.clone(),
            cookie,
            fresh,
            begun,
            saw: None,
            end: End::Open,
        });
        self.events.len() - 1
    }

    pub(crate) fn saw(&mut self, event: usize, request: &Request) {
        let tick = self.tick();
        self.events[event].saw = Some((View::new(request.origin, request.base()), tick));
    }

    /// Records how an operation ended; `None` means that the store failed.
    pub(crate) fn end(&mut self, event: usize, answer: Option<OperationResult>) {
        let tick = self.tick();
        self.events[event].end = match answer {
            Some(answer) => End::Answered(answer, tick),
            None => End::Unknown(tick),
        };
    }

    /// Records that a task was dropped. What it sent to the store may be applied until `tick`.
    pub(crate) fn drop_task(&mut self, task: usize, tick: Option<u32>) {
        let tick = tick.unwrap_or_else(|| self.tick());
        for event in self.events.iter_mut().filter(|event| event.task == task && event.end == End::Open) {
            event.end = End::Unknown(tick);
        }
    }

    /// Returns a short name for a key, for traces.
    pub(crate) fn name(&self, key: &StoreKey) -> String {
        let at = self.events.iter().position(|event| event.fresh.store_key(&Purpose::default()) == *key);
        at.map_or_else(|| "?".to_owned(), |at| format!("#{at}"))
    }

    fn tick(&mut self) -> u32 {
        self.tick += 1;
        self.tick
    }
}

impl Event {
    /// Returns the tick by which it had ended.
    pub(crate) fn ended(&self) -> u32 {
        match self.end {
            End::Open => NEVER,
            End::Answered(_, tick) | End::Unknown(tick) => tick,
        }
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.begun < other.ended() && other.begun < self.ended()
    }

    /// Returns the id that was issued to the browser.
    pub(crate) fn sent_id(&self) -> Option<SessionId> {
        match self.end {
            End::Answered(OperationResult { cookie: Cookie::Set(id), .. }, _) => Some(id),
            _ => None,
        }
    }
}

impl View {
    pub(crate) fn new(origin: Origin, base: &Dictionary) -> Self {
        Self { origin, data: data_of(base) }
    }
}

impl OperationResult {
    pub(crate) const NOTHING: Self = Self { cookie: Cookie::Nothing, dropped: false };
    pub(crate) const DROPPED: Self = Self { cookie: Cookie::Nothing, dropped: true };

    pub(crate) fn set(id: SessionId) -> Self {
        Self { cookie: Cookie::Set(id), dropped: false }
    }

    pub(crate) fn of(response: &Response) -> Self {
        Self { cookie: response.cookie, dropped: response.outcome == Some(Outcome::Dropped) }
    }
}

pub(crate) fn data_of(dictionary: &Dictionary) -> Data {
    dictionary.iter().map(|(key, text)| (key.into_owned(), text.to_owned())).collect()
}
