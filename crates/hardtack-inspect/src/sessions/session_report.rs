use hardtack::inspect::{BackendKind, LayerInfo, SessionTrace, Write};
use hardtack_core::protocol::{CookieAction, StoreAction};
use hardtack_core::store::Outcome;
use serde::Serialize;

use crate::level::Level;
use crate::redact::{RedactedValue, Redaction};
use crate::sessions::summarize::{is_accepted, summarize};
use crate::sessions::{Anatomy, Node, RedactedChange, RemainingLifetime, StoreCall};

/// A report on what happened to the session of one layer in one exchange.
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
    /// A sentence that says what happened to the session, or `None` if nothing happened.
    pub summary: Option<String>,
    /// How good or bad the outcome is.
    pub level: Level,
    /// Whether the session was written.
    pub was_written: bool,
    /// The changes to the keys of the session.
    pub changes: Vec<RedactedChange>,
    /// The number of further changes that are not listed.
    pub changes_left_out: usize,
    /// The content of the session after the request.
    pub tree: Vec<Node>,
    /// The number of keys that are left out of the tree.
    pub left_out: usize,
    /// The size of the session as JSON, in bytes.
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

/// The maximum number of changes listed for one session in one exchange.
const MAX_CHANGES: usize = 50;

impl SessionReport {
    /// Summarizes a layer's trace. `status` is the status code of the response, and `sent` is the value of the session
    /// cookie that the response sets, if any.
    pub(crate) fn new(trace: &SessionTrace, redaction: Redaction, status: u16, sent: Option<&str>) -> Self {
        let layer = trace.layer.as_deref();
        let text = trace.after.as_deref();
        let (tree, left_out) = text.map(|text| Node::of_session(redaction, text)).unwrap_or_default();
        let (level, summary) = summarize(trace, status);
        let last = trace.writes.last();
        let writes = trace.writes.iter().filter(|write| changed_session(write));
        let changes = trace.changes.iter().take(MAX_CHANGES);
        let (cookie, kind) =
            layer.map_or(("", BackendKind::Stored), |layer| (&layer.cookie_name, layer.kind));
        Self {
            cookie: cookie.to_owned(),
            kind: kind_name(kind),
            was_opened: trace.opened_at.is_some(),
            is_absent: trace.after.is_none() && trace.opened_at.is_some(),
            summary,
            level,
            was_written: writes.clone().count() > 0,
            changes: changes.map(|change| RedactedChange::new(change, redaction)).collect(),
            changes_left_out: trace.changes.len().saturating_sub(MAX_CHANGES),
            tree,
            left_out,
            size: text.map_or(0, str::len),
            user: trace.user.as_ref().map(|user| redaction.text("user", user)),
            store_calls: StoreCall::all(&trace.calls),
            lifetimes: lifetimes(trace),
            anatomy: layer.and_then(|layer| anatomy(trace, layer, redaction, sent)),
            conflicts: trace.writes.iter().map(|write| write.conflicts).sum(),
            overwritten: last.map_or(0, |write| write.overwritten),
            merges: writes.filter(|write| write.outcome == Some(Outcome::Merged)).count() as u32,
        }
    }

    pub(crate) fn estimated_bytes(&self) -> usize {
        let tree = self.tree.iter().map(Node::estimated_bytes).sum::<usize>();
        let changes = self.changes.iter().map(RedactedChange::estimated_bytes).sum::<usize>();
        let anatomy = self.anatomy.as_ref().map_or(0, Anatomy::estimated_bytes);
        size_of::<Self>() + tree + changes + anatomy + 80 * self.store_calls.len()
    }
}

/// Returns the name of a kind of session.
fn kind_name(kind: BackendKind) -> &'static str {
    match kind {
        BackendKind::Signed => "signed",
        BackendKind::Encrypted => "encrypted",
        _ => "stored",
    }
}

/// Returns whether a write changed the session. A write that failed, was dropped, or only recorded that the session was
/// used did not change it.
fn changed_session(write: &Write) -> bool {
    let is_done = !matches!(write.action, StoreAction::Nothing | StoreAction::Touch | StoreAction::Drop);
    is_done && write.outcome != Some(Outcome::Dropped) && write.failure.is_none()
}

fn lifetimes(trace: &SessionTrace) -> Vec<RemainingLifetime> {
    match (&trace.layer, &trace.timestamps, trace.opened_at) {
        (Some(layer), Some(timestamps), Some(now)) => RemainingLifetime::all(layer, timestamps, now),
        _ => Vec::new(),
    }
}

/// Returns the anatomy of the session cookie that the response sets. If it sets none, uses the cookie that the layer
/// accepted, or the first candidate if the layer accepted none.
fn anatomy(
    trace: &SessionTrace,
    layer: &LayerInfo,
    redaction: Redaction,
    sent: Option<&str>,
) -> Option<Anatomy> {
    let sets = trace.writes.iter().any(|write| write.cookie == CookieAction::Set);
    if let Some(value) = sent.filter(|_| sets) {
        return Some(Anatomy::of(layer.kind, value, trace.after.as_deref(), redaction));
    }
    let candidate = trace.candidates.iter().find(|candidate| is_accepted(candidate));
    let (candidate, json) = match candidate {
        Some(candidate) => (candidate, trace.after.as_deref()),
        None => (trace.candidates.first()?, None),
    };
    let value = String::from_utf8_lossy(&candidate.value);
    Some(Anatomy::of(layer.kind, &value, json, redaction))
}
