use serde::Serialize;

use crate::anatomy::Anatomy;
use crate::change::Change;
use crate::lifetimes::Life;
use crate::node::Node;
use crate::tone::Tone;
use crate::veil::Shown;

/// What happened to the session of one layer in one exchange.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SessionSeen {
    /// The name of its cookie.
    pub cookie: String,
    /// `signed`, `encrypted` or `stored`.
    pub kind: &'static str,
    /// Whether a handler asked for it.
    pub was_opened: bool,
    /// Whether it is no more, or never was.
    pub is_over: bool,
    /// What happened, in a sentence; none if nothing did.
    pub says: Option<String>,
    /// How that is to be taken.
    pub tone: Tone,
    /// Whether anything was written.
    pub was_written: bool,
    /// What was done to it, by key.
    pub changes: Vec<Change>,
    /// How many more changes there were.
    pub changes_left_out: usize,
    /// What is in it now.
    pub tree: Vec<Node>,
    /// How many keys are left out of that.
    pub left_out: usize,
    /// How many bytes of JSON it is.
    pub size: usize,
    /// Who is logged in.
    pub user: Option<Shown>,
    /// What the store was asked.
    pub operations: Vec<Operation>,
    /// How long it lives.
    pub lifetimes: Vec<Life>,
    /// How its cookie is made up.
    pub anatomy: Option<Anatomy>,
    /// How often another request came first.
    pub conflicts: u32,
    /// How many keys were written over although another request had changed them.
    pub overwritten: usize,
    /// How often another request's changes were merged.
    pub merges: u32,
}

/// One question to the store.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Operation {
    /// What was asked, and what it said if that was not as hoped: `load`, `replace, refused`.
    pub name: String,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// Where it begins in the time that all of them took, in per cent.
    pub from: f64,
    /// How much of that time it took, in per cent.
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
