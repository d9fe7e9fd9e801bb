use serde::Serialize;

use crate::anatomy::Anatomy;
use crate::level::Level;
use crate::node::Node;
use crate::redacted_change::RedactedChange;
use crate::redaction::RedactedValue;
use crate::remaining_lifetime::RemainingLifetime;

/// What happened to the session of one layer in one exchange.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SessionReport {
    /// The name of the session cookie.
    pub cookie: String,
    /// One of `signed`, `encrypted`, or `stored`.
    pub kind: &'static str,
    /// Whether a handler opened the session.
    pub was_opened: bool,
    /// Whether the session has ended or never existed.
    pub is_absent: bool,
    /// What happened, in a sentence, or `None` if nothing did.
    pub summary: Option<String>,
    /// How good or bad it is.
    pub level: Level,
    /// Whether the session was written.
    pub was_written: bool,
    /// The changes, by key.
    pub changes: Vec<RedactedChange>,
    /// The number of further changes that are not listed.
    pub changes_left_out: usize,
    /// The content of the session after the request.
    pub tree: Vec<Node>,
    /// The number of keys that are left out of the tree.
    pub left_out: usize,
    /// The size as JSON, in bytes.
    pub size: usize,
    /// The user who is logged in.
    pub user: Option<RedactedValue>,
    /// The calls to the store.
    pub store_calls: Vec<StoreCall>,
    /// The lifetimes of the session.
    pub lifetimes: Vec<RemainingLifetime>,
    /// The structure of the session cookie.
    pub anatomy: Option<Anatomy>,
    /// The number of times that another request wrote the session first.
    pub conflicts: u32,
    /// The number of keys that were overwritten although another request had changed them.
    pub overwritten: usize,
    /// The number of times that the changes of another request were merged.
    pub merges: u32,
}

/// A call to the store, and how long it took.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StoreCall {
    /// The method, and the result if it was not the expected one: `load` or `replace, refused`.
    pub name: String,
    /// The duration in microseconds.
    pub micros: u64,
    /// The start within the total time of all calls, as a percentage.
    pub start: f64,
    /// The share of that total time, as a percentage.
    pub width: f64,
}

impl SessionReport {
    pub(crate) fn estimated_bytes(&self) -> usize {
        let tree = self.tree.iter().map(Node::estimated_bytes).sum::<usize>();
        let changes = self.changes.iter().map(RedactedChange::estimated_bytes).sum::<usize>();
        let anatomy = self.anatomy.as_ref().map_or(0, Anatomy::estimated_bytes);
        size_of::<Self>() + tree + changes + anatomy + 80 * self.store_calls.len()
    }
}
