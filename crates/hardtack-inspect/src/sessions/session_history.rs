use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

use hardtack::inspect::SessionTrace;
use serde::Serialize;

use crate::exchange_ref::ExchangeRef;
use crate::format::{clock_time, count, millis};
use crate::level::Level;
use crate::sessions::{RedactedChange, SessionReport};

/// The history of one session in one browser, across all exchanges.
pub(crate) struct SessionHistory {
    pub(crate) cookie: String,
    pub(crate) kind: &'static str,
    /// The settings of the session's layer.
    pub(crate) settings: Vec<String>,
    /// A digest of the user who is logged in.
    pub(crate) user: Option<u64>,
    /// The last report on the session, or `None` if it has ended.
    pub(crate) last: Option<SessionReport>,
    /// The time of the last exchange, in milliseconds since 1970.
    pub(crate) last_seen: u64,
    /// For each key of the session, the exchange that set it.
    pub(crate) set_by: BTreeMap<String, ExchangeRef>,
    /// The changes, newest first.
    pub(crate) entries: VecDeque<HistoryEntry>,
    /// The durations of the calls to the store in microseconds, by the name of the call.
    pub(crate) durations: BTreeMap<String, VecDeque<u64>>,
    pub(crate) merges: u64,
    pub(crate) conflicts: u64,
    pub(crate) overwritten: u64,
    /// The number of consecutive exchanges, up to the latest one, that wrote the session.
    pub(crate) consecutive_writes: u32,
}

/// The changes that one exchange made to a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct HistoryEntry {
    #[serde(flatten)]
    exchange: ExchangeRef,
    time: String,
    summary: Option<String>,
    level: Level,
    changes: Vec<RedactedChange>,
}

const MAX_ENTRIES: usize = 50;

/// The maximum number of durations that are stored for each name of a call, and the maximum number of names.
const MAX_DURATIONS: usize = 200;
const MAX_CALL_NAMES: usize = 20;

/// The maximum number of keys in `SessionHistory::set_by`.
const MAX_KEYS: usize = 300;

impl SessionHistory {
    pub(crate) fn new(report: &SessionReport, trace: &SessionTrace) -> Self {
        Self {
            cookie: report.cookie.clone(),
            kind: report.kind,
            settings: settings(trace),
            user: None,
            last: None,
            last_seen: 0,
            set_by: BTreeMap::new(),
            entries: VecDeque::new(),
            durations: BTreeMap::new(),
            merges: 0,
            conflicts: 0,
            overwritten: 0,
            consecutive_writes: 0,
        }
    }

    /// Returns whether a report is about this session: whether it has the same cookie name and kind.
    pub(crate) fn is_of(&self, report: &SessionReport) -> bool {
        self.cookie == report.cookie && self.kind == report.kind
    }

    /// Records what an exchange did to the session at the given time. Also adds to the report which exchange set each
    /// key.
    pub(crate) fn record(&mut self, report: &mut SessionReport, exchange: &ExchangeRef, at: SystemTime) {
        self.last_seen = millis(at);
        self.record_keys(report, exchange);
        self.record_store_calls(report);
        self.consecutive_writes =
            if report.was_written { self.consecutive_writes.saturating_add(1) } else { 0 };
        if report.is_absent {
            self.last = None;
            self.set_by.clear();
        } else if report.was_opened {
            self.last = Some(report.clone());
        }
        if !report.changes.is_empty() || report.was_written {
            self.entries.push_front(HistoryEntry {
                exchange: exchange.clone(),
                time: clock_time(at),
                summary: report.summary.clone(),
                level: report.level,
                changes: report.changes.clone(),
            });
            self.entries.truncate(MAX_ENTRIES);
        }
        self.merges += u64::from(report.merges);
        self.conflicts += u64::from(report.conflicts);
        self.overwritten += report.overwritten as u64;
    }

    fn record_keys(&mut self, report: &mut SessionReport, exchange: &ExchangeRef) {
        for change in &report.changes {
            if change.after.is_none() {
                self.set_by.remove(&change.key);
            } else if self.set_by.len() < MAX_KEYS || self.set_by.contains_key(&change.key) {
                self.set_by.insert(change.key.clone(), exchange.clone());
            }
        }
        for node in &mut report.tree {
            node.set_by = self.set_by.get(&node.key).cloned();
        }
    }

    fn record_store_calls(&mut self, report: &SessionReport) {
        for call in &report.store_calls {
            if self.durations.len() >= MAX_CALL_NAMES && !self.durations.contains_key(&call.name) {
                continue;
            }
            let durations = self.durations.entry(call.name.clone()).or_default();
            durations.push_back(call.micros);
            if durations.len() > MAX_DURATIONS {
                durations.pop_front();
            }
        }
    }
}

/// Describes the settings of a session's layer.
fn settings(trace: &SessionTrace) -> Vec<String> {
    let Some(layer) = &trace.layer else { return Vec::new() };
    let attributes = layer.attributes.split(';').map(str::trim).filter(|attribute| !attribute.is_empty());
    let mut settings: Vec<_> = attributes.map(str::to_owned).collect();
    if layer.is_like_flask {
        settings.push("like Flask".to_owned());
    }
    if layer.key_lengths.len() > 1 {
        settings.push(count(layer.key_lengths.len(), "key"));
    }
    settings
}
