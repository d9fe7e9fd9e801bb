use std::collections::BTreeMap;

use hardtack_core::protocol::{Dictionary, Origin, Purpose, SessionId, StoreKey};
use hardtack_core::store::Outcome;

use crate::interleave::operation::Operation;
use crate::request::{Cookie, Request, Response};

/// A session's data, key by key.
pub(crate) type Data = BTreeMap<String, String>;

/// The events of a schedule, with the times of a logical clock.
#[derive(Debug, Default, Clone)]
pub(crate) struct History {
    pub(crate) events: Vec<Event>,
    tick: u32,
}

/// One operation and its progress.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) task: usize,
    pub(crate) operation: Operation,
    /// The id in the request's cookie.
    pub(crate) cookie: Option<SessionId>,
    /// The id to use if the operation issues a new one.
    pub(crate) fresh: SessionId,
    pub(crate) begun: u32,
    /// The request's view of its session, and the tick at which the view was recorded, or `None` if the operation has
    /// not opened a session.
    pub(crate) saw: Option<(View, u32)>,
    pub(crate) end: End,
}

/// A request's view of the session that its cookie names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) origin: Origin,
    pub(crate) data: Data,
}

/// The end of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The operation has not ended.
    Open,
    /// The operation ended with a result, at this tick.
    Completed(OperationResult, u32),
    /// The store failed, or the operation was dropped. The operation may have been applied at any time up to this tick.
    Unknown(u32),
}

/// The result of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OperationResult {
    pub(crate) cookie: Cookie,
    /// Whether the operation's writes were dropped.
    pub(crate) dropped: bool,
}

/// A tick later than all others.
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
            Some(answer) => End::Completed(answer, tick),
            None => End::Unknown(tick),
        };
    }

    /// Records that a task was dropped. The calls that it made may be applied until `tick`, which is now by default.
    pub(crate) fn drop_task(&mut self, task: usize, tick: Option<u32>) {
        let tick = tick.unwrap_or_else(|| self.tick());
        for event in self.events.iter_mut().filter(|event| event.task == task && event.end == End::Open) {
            event.end = End::Unknown(tick);
        }
    }

    /// Returns a short name for a key, for the trace.
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
    /// Returns the tick by which the operation had ended.
    pub(crate) fn ended(&self) -> u32 {
        match self.end {
            End::Open => NEVER,
            End::Completed(_, tick) | End::Unknown(tick) => tick,
        }
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.begun < other.ended() && other.begun < self.ended()
    }

    /// Returns the id that was issued to the browser.
    pub(crate) fn sent_id(&self) -> Option<SessionId> {
        match self.end {
            End::Completed(OperationResult { cookie: Cookie::Set(id), .. }, _) => Some(id),
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
