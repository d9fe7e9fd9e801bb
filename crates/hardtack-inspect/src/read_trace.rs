use hardtack::inspect::{
    Answer, BackendKind, Call, Candidate, KeyChange, LayerInfo, SessionTrace, Verdict, Write,
};
use hardtack_core::crypto::Rejection;
use hardtack_core::session::{CookieAction, IdChange, StoreAction};
use hardtack_core::store::{Forwarded, Outcome};

use crate::anatomy::Anatomy;
use crate::level::Level;
use crate::node::Node;
use crate::redacted_change::RedactedChange;
use crate::redaction::Redaction;
use crate::remaining_lifetime::{RemainingLifetime, remaining_lifetimes};
use crate::request_cookie::CookieVerdict;
use crate::session_report::{SessionReport, StoreCall};

/// The maximum number of changes listed for one session in one exchange.
const MAX_CHANGES: usize = 50;

/// Summarizes a layer's trace, redacted by `redaction`. `sent` is the session cookie's value as the response sets it.
pub(crate) fn read_trace(
    trace: &SessionTrace,
    redaction: Redaction,
    status: u16,
    sent: Option<&str>,
) -> SessionReport {
    let layer = trace.layer.as_deref();
    let text = trace.after.as_deref();
    let (tree, left_out) = text.map(|text| Node::of_session(redaction, text)).unwrap_or_default();
    let (level, summary) = summarize(trace, status);
    let last = trace.writes.last();
    let writes = trace.writes.iter().filter(|write| changed_session(write));
    let is_absent = trace.after.is_none() && trace.opened_at.is_some();
    let (cookie, kind) = layer.map_or(("", BackendKind::Stored), |layer| (&layer.cookie_name, layer.kind));
    SessionReport {
        cookie: cookie.to_owned(),
        kind: kind_name(kind),
        was_opened: trace.opened_at.is_some(),
        is_absent,
        summary,
        level,
        was_written: writes.clone().count() > 0,
        changes: trace
            .changes
            .iter()
            .take(MAX_CHANGES)
            .map(|change| redacted_change(change, redaction))
            .collect(),
        changes_left_out: trace.changes.len().saturating_sub(MAX_CHANGES),
        tree,
        left_out,
        size: text.map_or(0, str::len),
        user: trace.user.as_ref().map(|user| redaction.text("user", user)),
        store_calls: store_calls(&trace.calls),
        lifetimes: lifetimes(trace),
        anatomy: layer.and_then(|layer| anatomy(trace, layer, redaction, sent)),
        conflicts: trace.writes.iter().map(|write| write.conflicts).sum(),
        overwritten: last.map_or(0, |write| write.overwritten),
        merges: writes.filter(|write| write.outcome == Some(Outcome::Merged)).count() as u32,
    }
}

/// Returns the name of a session kind.
pub(crate) fn kind_name(kind: BackendKind) -> &'static str {
    match kind {
        BackendKind::Signed => "signed",
        BackendKind::Encrypted => "encrypted",
        _ => "stored",
    }
}

/// Describes the settings of a session's layer.
pub(crate) fn settings(trace: &SessionTrace) -> Vec<String> {
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

/// Describes a layer's verdict on a cookie that has its session's name.
pub(crate) fn cookie_verdict(verdict: Verdict) -> CookieVerdict {
    use Level::{Bad, Good, Warning};
    let (level, short, sentence) = match verdict {
        Verdict::Genuine(0) => (Good, "verified", "The session’s; verified with the current key."),
        Verdict::Genuine(position) => return verified_with_previous_key(position),
        Verdict::Outdated => (
            Warning,
            "outdated",
            "Genuine, but a newer one came with it: the cookie once had another domain or path, which `formerly` can remove.",
        ),
        Verdict::Found(Forwarded::No) => (Good, "known", "The session’s; the store has it."),
        Verdict::Found(Forwarded::Yes) => {
            (Good, "forwarded", "An id from before a renewal; the store has led on to the session.")
        }
        Verdict::Ended => {
            (Bad, "ended", "A session that a login or a logout has ended; nothing is written to it.")
        }
        Verdict::Expired | Verdict::Rejected(Rejection::Expired) => {
            (Bad, "expired", "A session that has expired; a new one begins empty.")
        }
        Verdict::Unknown => {
            (Bad, "unknown id", "An id that the store does not know; a new session begins empty.")
        }
        Verdict::Unreadable => {
            (Bad, "unreadable", "The store has a record that cannot be read; a new session begins empty.")
        }
        Verdict::NoId => (Bad, "no id", "Not a session’s id at all; a new session begins empty."),
        Verdict::Rejected(Rejection::Malformed) => {
            (Bad, "malformed", "It does not have the form of a session; a new one begins empty.")
        }
        Verdict::Rejected(Rejection::Signature) => (
            Bad,
            "not genuine",
            "None of the keys has made it for this cookie’s name and purpose, or it was changed; a new session begins empty.",
        ),
        Verdict::Rejected(Rejection::Future) => {
            (Bad, "from the future", "It says that it was made later than now: two servers’ clocks disagree.")
        }
        Verdict::Rejected(Rejection::Payload) => {
            (Bad, "broken inside", "A key has made it, but what is inside cannot be read.")
        }
        Verdict::Rejected(Rejection::TooLarge) => {
            (Bad, "too large inside", "A key has made it, but it inflates beyond the limit.")
        }
        Verdict::Unanswered => (Bad, "not answered", "The store has failed; the response is a 503."),
        _ => (Warning, "seen", "The session’s layer has looked at it."),
    };
    CookieVerdict::new(level, short, sentence)
}

fn verified_with_previous_key(position: usize) -> CookieVerdict {
    let sentence =
        format!("The session’s; verified with previous key {position}. The next write makes it anew.");
    CookieVerdict::new(Level::Warning, "previous key", sentence)
}

fn summarize(trace: &SessionTrace, status: u16) -> (Level, Option<String>) {
    if let Some(mistake) = &trace.mistake {
        return (Level::Bad, Some(format!("A mistake: {mistake}.")));
    }
    if trace.opened_at.is_none() && trace.writes.is_empty() {
        return (Level::Neutral, None);
    }
    if trace.calls.iter().any(|call| call.answer == Answer::Failed) {
        return (Level::Bad, Some("The store has failed: the response cannot be a success.".to_owned()));
    }
    let (level, sentence) = match trace.writes.iter().rfind(|write| write.action != StoreAction::Nothing) {
        Some(write) => summarize_write(trace, write),
        None if !trace.changes.is_empty() && status >= 500 => {
            (Level::Bad, "Not saved: the response is a server error.".to_owned())
        }
        None => return summarize_unwritten(trace),
    };
    (level, Some(sentence))
}

fn summarize_write(trace: &SessionTrace, write: &Write) -> (Level, String) {
    let is_stored = trace.layer.as_ref().is_some_and(|layer| layer.kind == BackendKind::Stored);
    let (level, sentence) = match (write.outcome, write.action, trace.id_change) {
        (Some(Outcome::Dropped), ..) | (_, StoreAction::Drop, _) => {
            (Level::Bad, "Its changes are dropped: the session has been ended meanwhile.".to_owned())
        }
        (_, StoreAction::Touch, _) => {
            (Level::Neutral, "Its use is noted; nothing else has changed.".to_owned())
        }
        (_, StoreAction::End, IdChange::LogOut) => {
            (Level::Removed, "Logged out: the session has ended.".to_owned())
        }
        (_, StoreAction::End, _) => (Level::Removed, "Emptied: its cookie is removed.".to_owned()),
        (_, _, IdChange::LogIn) if is_stored => {
            (Level::Good, "Logged in: the session has a new id.".to_owned())
        }
        (_, _, IdChange::LogIn) => (Level::Good, "Logged in.".to_owned()),
        (_, _, IdChange::LogOut) => {
            (Level::Good, "Logged out; what was left goes on under a new id.".to_owned())
        }
        (_, _, IdChange::Renew) if is_stored => {
            (Level::Good, "Renewed: a new id, to which late requests with the old one are led on.".to_owned())
        }
        (_, StoreAction::Create, _) => (Level::Good, "A session begins.".to_owned()),
        _ if trace.changes.is_empty() => (Level::Neutral, "Written again, unchanged.".to_owned()),
        _ => (Level::Good, format!("{} changed.", count(trace.changes.len(), "key"))),
    };
    if write.outcome != Some(Outcome::Merged) {
        return (level, sentence);
    }
    let merged = format!(
        "{sentence} Merged with what another request wrote ({}).",
        count(write.conflicts as usize, "conflict")
    );
    match write.overwritten {
        0 => (level, merged),
        keys => (
            Level::Warning,
            format!(
                "{merged} {} of theirs overwritten: `update` would have kept both.",
                count(keys, "value")
            ),
        ),
    }
}

/// Describes a session that was opened but not written.
fn summarize_unwritten(trace: &SessionTrace) -> (Level, Option<String>) {
    let is_found =
        |candidate: &Candidate| matches!(candidate.verdict, Verdict::Genuine(_) | Verdict::Found(_));
    if trace.candidates.iter().any(is_found) {
        return (Level::Neutral, Some("Read, and not written.".to_owned()));
    }
    match trace.candidates.first() {
        Some(_) => (Level::Bad, Some("Its cookie is not believed: the session begins empty.".to_owned())),
        None => (Level::Neutral, Some("Asked for; there is none yet.".to_owned())),
    }
}

fn changed_session(write: &Write) -> bool {
    let is_done = !matches!(write.action, StoreAction::Nothing | StoreAction::Touch | StoreAction::Drop);
    is_done && write.outcome != Some(Outcome::Dropped) && write.failure.is_none()
}

fn redacted_change(change: &KeyChange, redaction: Redaction) -> RedactedChange {
    let kind = match (&change.before, &change.after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    let redacted = |text: &Option<Box<str>>| text.as_deref().map(|text| redaction.wire_text(text));
    RedactedChange {
        key: change.key.chars().take(80).collect(),
        kind,
        before: redacted(&change.before),
        after: redacted(&change.after),
    }
}

fn store_calls(calls: &[Call]) -> Vec<StoreCall> {
    const MAX_CALLS: usize = 40;
    let total: f64 = calls.iter().map(|call| call.took.as_secs_f64()).sum::<f64>().max(f64::MIN_POSITIVE);
    let mut start = 0.0;
    let store_calls = calls.iter().take(MAX_CALLS).map(|call| {
        let width = 100.0 * call.took.as_secs_f64() / total;
        let store_call = StoreCall {
            name: match call.answer {
                Answer::Nothing => format!("{}, nothing there", call.method),
                Answer::Refused => format!("{}, refused", call.method),
                Answer::Failed => format!("{}, failed", call.method),
                _ => call.method.to_owned(),
            },
            micros: u64::try_from(call.took.as_micros()).unwrap_or(u64::MAX),
            start,
            width,
        };
        start += width;
        store_call
    });
    store_calls.collect()
}

fn lifetimes(trace: &SessionTrace) -> Vec<RemainingLifetime> {
    match (&trace.layer, &trace.timestamps, trace.opened_at) {
        (Some(layer), Some(timestamps), Some(now)) => remaining_lifetimes(layer, timestamps, now),
        _ => Vec::new(),
    }
}

/// Returns the anatomy of the cookie that the response sets, or otherwise of the one that the layer accepted. If the
/// layer accepted none, uses the first candidate.
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
    let is_accepted =
        |candidate: &&Candidate| matches!(candidate.verdict, Verdict::Genuine(_) | Verdict::Found(_));
    let candidate = trace.candidates.iter().find(is_accepted);
    let (candidate, json) = match candidate {
        Some(candidate) => (candidate, trace.after.as_deref()),
        None => (trace.candidates.first()?, None),
    };
    let value = String::from_utf8_lossy(&candidate.value);
    Some(Anatomy::of(layer.kind, &value, json, redaction))
}

/// Formats a number with its noun, as in "2 bytes".
pub(crate) fn count(number: usize, word: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {word}{s}")
}
