use std::collections::{BTreeMap, VecDeque};

use crate::change::Change;
use crate::exchange::Exchange;
use crate::node::SetBy;
use crate::session_seen::SessionSeen;
use crate::tone::Tone;

/// The history of one session of one browser, across all its exchanges.
pub(crate) struct Ledger {
    pub(crate) cookie: String,
    pub(crate) kind: &'static str,
    /// The settings of its layer.
    pub(crate) settings: Vec<String>,
    /// A digest of the user who is logged in.
    pub(crate) user: Option<u64>,
    /// The session as last seen, or `None` if it has ended.
    pub(crate) last: Option<SessionSeen>,
    /// When it was last seen, in milliseconds since 1970.
    pub(crate) seen: u64,
    /// The exchange that set each of its keys.
    pub(crate) set_by: BTreeMap<String, SetBy>,
    /// Past changes, newest first.
    pub(crate) history: VecDeque<Past>,
    /// Durations of store operations, by operation.
    pub(crate) timings: BTreeMap<String, VecDeque<u64>>,
    pub(crate) merges: u64,
    pub(crate) conflicts: u64,
    pub(crate) overwritten: u64,
    /// The number of consecutive exchanges that wrote it.
    pub(crate) written_in_a_row: u32,
}

/// The changes that one exchange made to a session.
#[derive(Clone)]
pub(crate) struct Past {
    pub(crate) number: u64,
    pub(crate) route: String,
    pub(crate) time: String,
    pub(crate) says: Option<String>,
    pub(crate) tone: Tone,
    pub(crate) changes: Vec<Change>,
}

const MAX_HISTORY: usize = 50;
const MAX_TIMINGS: usize = 200;
const MAX_METHODS: usize = 20;
const MAX_KEYS: usize = 300;

impl Ledger {
    pub(crate) fn new(seen: &SessionSeen, settings: Vec<String>) -> Self {
        Self {
            cookie: seen.cookie.clone(),
            kind: seen.kind,
            settings,
            user: None,
            last: None,
            seen: 0,
            set_by: BTreeMap::new(),
            history: VecDeque::new(),
            timings: BTreeMap::new(),
            merges: 0,
            conflicts: 0,
            overwritten: 0,
            written_in_a_row: 0,
        }
    }

    /// Returns whether `seen` has the same session cookie and the same kind.
    pub(crate) fn is_of(&self, seen: &SessionSeen) -> bool {
        self.cookie == seen.cookie && self.kind == seen.kind
    }

    /// Records which exchange set each key. Runs before the exchange is published, because its tree names the author of
    /// each key.
    pub(crate) fn note_authors(&mut self, seen: &mut SessionSeen, number: u64, route: &str) {
        for change in &seen.changes {
            if change.after.is_none() {
                self.set_by.remove(&change.key);
            } else if self.set_by.len() < MAX_KEYS || self.set_by.contains_key(&change.key) {
                self.set_by.insert(change.key.clone(), SetBy { route: route.to_owned(), number });
            }
        }
        for node in &mut seen.tree {
            node.set_by = self.set_by.get(&node.key).cloned();
        }
        self.written_in_a_row = if seen.was_written { self.written_in_a_row.saturating_add(1) } else { 0 };
    }

    /// Records what an exchange did.
    pub(crate) fn note(&mut self, seen: &SessionSeen, exchange: &Exchange) {
        self.seen = exchange.millis;
        if seen.is_over {
            self.last = None;
            self.set_by.clear();
        } else if seen.was_opened {
            self.last = Some(seen.clone());
        }
        if !seen.changes.is_empty() || seen.was_written {
            self.history.push_front(Past {
                number: exchange.number,
                route: exchange.place().to_owned(),
                time: exchange.time.clone(),
                says: seen.says.clone(),
                tone: seen.tone,
                changes: seen.changes.clone(),
            });
            self.history.truncate(MAX_HISTORY);
        }
        for operation in &seen.operations {
            if self.timings.len() >= MAX_METHODS && !self.timings.contains_key(&operation.name) {
                continue;
            }
            let timings = self.timings.entry(operation.name.clone()).or_default();
            timings.push_back(operation.micros);
            if timings.len() > MAX_TIMINGS {
                timings.pop_front();
            }
        }
        self.merges += u64::from(seen.merges);
        self.conflicts += u64::from(seen.conflicts);
        self.overwritten += seen.overwritten as u64;
    }
}
