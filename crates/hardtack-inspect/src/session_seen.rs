use serde::Serialize;

use crate::anatomy::Anatomy;
use crate::change::Change;
use crate::lifetimes::Life;
use crate::node::Node;
use crate::tone::Tone;
use crate::veil::Shown;

/// A trace of one layer's session in one exchange.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SessionSeen {
    /// The name of the session cookie.
    pub cookie: String,
    /// One of `signed`, `encrypted`, or `stored`.
    pub kind: &'static str,
    /// Whether a handler opened the session.
    pub was_opened: bool,
    /// Whether the session has ended or never existed.
    pub is_over: bool,
    /// What happened, in a sentence, or `None` if nothing did.
    pub says: Option<String>,
    /// The severity.
    pub tone: Tone,
    /// Whether the session was written.
    pub was_written: bool,
    /// The changes, by key.
    pub changes: Vec<Change>,
    /// The number of further changes that are not listed.
    pub changes_left_out: usize,
    /// The content of the session after the request.
    pub tree: Vec<Node>,
    /// The number of keys that are left out of the tree.
    pub left_out: usize,
    /// The size as JSON, in bytes.
    pub size: usize,
    /// The user who is logged in.
    pub user: Option<Shown>,
    /// The store operations.
    pub operations: Vec<Operation>,
    /// The lifetimes of the session.
    pub lifetimes: Vec<Life>,
    /// The structure of the session cookie.
    pub anatomy: Option<Anatomy>,
    /// The number of times that another request wrote the session first.
    pub conflicts: u32,
    /// The number of keys that were overwritten although another request had changed them.
    pub overwritten: usize,
    /// The number of times that the changes of another request were merged.
    pub merges: u32,
}

/// One store operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Operation {
    /// The method, and the result if it was not the expected one: `load` or `replace, refused`.
    pub name: String,
    /// The duration in microseconds.
    pub micros: u64,
    /// The start within the total time of all operations, as a percentage.
    pub from: f64,
    /// The share of that total time, as a percentage.
    pub width: f64,
}

impl SessionSeen {
    pub(crate) fn weight(&self) -> usize {
        let tree = self.tree.iter().map(Node::weight).sum::<usize>();
        let changes = self.changes.iter().map(Change::weight).sum::<usize>();
        let anatomy = self.anatomy.as_ref().map_or(0, Anatomy::weight);
        size_of::<Self>() + tree + changes + anatomy + 80 * self.operations.len()
    }
}
