use std::cmp::Reverse;
use std::collections::VecDeque;
use std::time::SystemTime;

use serde::Serialize;

use crate::exchanges::VisitorLabel;
use crate::format::{count, millis};
use crate::pages::visitor_selection::VisitorSelection;
use crate::redact::RedactedValue;
use crate::sessions::{
    CookieLayer, CookiePart, HistoryEntry, Node, RemainingLifetime, SessionHistory, SessionReport,
};
use crate::state::{Visitor, Visitors};

/// A session in one browser, summarized across all exchanges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct SessionView {
    visitor: VisitorLabel,
    cookie: String,
    kind: &'static str,
    storage: &'static str,
    settings: Vec<String>,
    user: Option<RedactedValue>,
    lifetimes: Vec<RemainingLifetime>,
    size: usize,
    tree: Vec<Node>,
    left_out: usize,
    history: Vec<HistoryEntry>,
    token: Vec<CookiePart>,
    layers: Vec<CookieLayer>,
    store_timings: Vec<StoreTiming>,
    merges: u64,
    conflicts: u64,
    overwritten: u64,
    related: Vec<RelatedSession>,
}

/// The durations of the calls to one method of the store, in microseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct StoreTiming {
    name: String,
    calls: usize,
    median: u64,
    longest: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct RelatedSession {
    cookie: String,
    kind: &'static str,
    relation: String,
}

/// The maximum number of sessions on a page, and the maximum number of related sessions for each session.
const MAX_ROWS: usize = 20;

impl SessionView {
    /// Returns the sessions of the selected browsers, most recently used first.
    pub(super) fn all(visitors: &Visitors, selection: VisitorSelection) -> Vec<Self> {
        let now = millis(SystemTime::now());
        let selected = visitors.iter().filter(|visitor| selection.includes(visitor.label.number));
        let mut sessions: Vec<_> = selected
            .flat_map(|visitor| visitor.sessions.iter().map(move |history| (visitor, history)))
            .collect();
        sessions.sort_by_key(|(_, history)| Reverse(history.last_seen));
        sessions
            .into_iter()
            .take(MAX_ROWS)
            .map(|(visitor, history)| Self::new(visitors, visitor, history, now))
            .collect()
    }

    fn new(visitors: &Visitors, visitor: &Visitor, history: &SessionHistory, now: u64) -> Self {
        let report = history.last.as_ref();
        let anatomy = report.and_then(|report| report.anatomy.clone());
        let (token, layers) = anatomy.map(|anatomy| (anatomy.token, anatomy.layers)).unwrap_or_default();
        let lifetimes = report.into_iter().flat_map(|report| &report.lifetimes);
        let durations = history.durations.iter();
        Self {
            visitor: visitor.label.clone(),
            cookie: history.cookie.clone(),
            kind: history.kind,
            storage: storage(history.kind),
            settings: history.settings.clone(),
            user: report.and_then(|report| report.user.clone()),
            lifetimes: lifetimes.map(|lifetime| lifetime.at(now)).collect(),
            size: report.map_or(0, |report| report.size),
            tree: report.map(|report| tree(report, history)).unwrap_or_default(),
            left_out: report.map_or(0, |report| report.left_out),
            history: history.entries.iter().cloned().collect(),
            token,
            layers,
            store_timings: durations.map(|(name, micros)| StoreTiming::new(name, micros)).collect(),
            merges: history.merges,
            conflicts: history.conflicts,
            overwritten: history.overwritten,
            related: RelatedSession::all(visitors, visitor, history),
        }
    }
}

impl StoreTiming {
    fn new(name: &str, micros: &VecDeque<u64>) -> Self {
        let mut sorted: Vec<_> = micros.iter().copied().collect();
        sorted.sort_unstable();
        Self {
            name: name.to_owned(),
            calls: sorted.len(),
            median: sorted.get(sorted.len() / 2).copied().unwrap_or(0),
            longest: sorted.last().copied().unwrap_or(0),
        }
    }
}

impl RelatedSession {
    /// Returns the other sessions of the same browser, and those of the same user in other browsers.
    fn all(visitors: &Visitors, visitor: &Visitor, history: &SessionHistory) -> Vec<Self> {
        let all = visitors.iter().flat_map(|owner| owner.sessions.iter().map(move |other| (owner, other)));
        let related = all.filter_map(|(owner, other)| {
            let is_users = history.user.is_some() && history.user == other.user;
            let relation = if owner.label.number != visitor.label.number {
                is_users.then(|| format!("the same user, in browser {}", owner.label.name))?
            } else if std::ptr::eq(other, history) {
                return None;
            } else {
                match &other.last {
                    Some(report) => format!("{} of JSON", count(report.size, "byte")),
                    None => "ended".to_owned(),
                }
            };
            Some(Self { cookie: other.cookie.clone(), kind: other.kind, relation })
        });
        related.take(MAX_ROWS).collect()
    }
}

fn tree(report: &SessionReport, history: &SessionHistory) -> Vec<Node> {
    let mut tree = report.tree.clone();
    for node in &mut tree {
        node.set_by = history.set_by.get(&node.key).cloned();
    }
    tree
}

/// Describes where sessions of the given kind store their data.
fn storage(kind: &str) -> &'static str {
    match kind {
        "signed" => "The data is in the cookie. The visitor can read it, but cannot change it.",
        "encrypted" => "The data is in the cookie. The visitor can neither read nor change it.",
        _ => "The data is on the server. The cookie contains a random id.",
    }
}
