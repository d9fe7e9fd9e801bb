use hardtack::inspect::{
    Answer, BackendKind, Call, Candidate, KeyChange, LayerInfo, SessionTrace, Verdict as Thought, Write,
};
use hardtack_core::crypto::Rejection;
use hardtack_core::session::{CookieAction, IdChange, StoreAction};
use hardtack_core::store::{Forwarded, Outcome};

use crate::anatomy::Anatomy;
use crate::change::Change;
use crate::lifetimes::lives;
use crate::node::Node;
use crate::received::Verdict;
use crate::session_seen::{Operation, SessionSeen};
use crate::tone::Tone;
use crate::veil::Veil;

/// The maximum number of changes listed for one session in one exchange.
const MAX_CHANGES: usize = 50;

/// Summarizes a layer's trace, redacted by `veil`. `sent` is the session cookie's value as the response sets it.
pub(crate) fn read(trace: &SessionTrace, veil: Veil, status: u16, sent: Option<&str>) -> SessionSeen {
    let layer = trace.layer.as_deref();
    let text = trace.after.as_deref();
    let (tree, left_out) = text.map(|text| Node::of_session(veil, text)).unwrap_or_default();
    let (tone, says) = say(trace, status);
    let last = trace.writes.last();
    let acts = trace.writes.iter().filter(|write| writes(write));
    let is_over = trace.after.is_none() && trace.opened_at.is_some();
    let (cookie, kind) = layer.map_or(("", BackendKind::Stored), |layer| (&layer.cookie_name, layer.kind));
    SessionSeen {
        cookie: cookie.to_owned(),
        kind: kind_of(kind),
        was_opened: trace.opened_at.is_some(),
        is_over,
        says,
        tone,
        was_written: acts.clone().count() > 0,
        changes: trace.changes.iter().take(MAX_CHANGES).map(|change| change_of(change, veil)).collect(),
        changes_left_out: trace.changes.len().saturating_sub(MAX_CHANGES),
        tree,
        left_out,
        size: text.map_or(0, str::len),
        user: trace.user.as_ref().map(|user| veil.value("user", user)),
        operations: operations(&trace.calls),
        lifetimes: lifetimes(trace),
        anatomy: layer.and_then(|layer| anatomy(trace, layer, veil, sent)),
        conflicts: trace.writes.iter().map(|write| write.conflicts).sum(),
        overwritten: last.map_or(0, |write| write.overwritten),
        merges: acts.filter(|write| write.outcome == Some(Outcome::Merged)).count() as u32,
    }
}

/// Returns the name of a session kind.
pub(crate) fn kind_of(kind: BackendKind) -> &'static str {
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
pub(crate) fn verdict(thought: Thought) -> Verdict {
    use Tone::{Bad, Good, Warn};
    let (tone, short, sentence) = match thought {
        Thought::Genuine(0) => (Good, "verified", "The session’s; verified with the current key."),
        Thought::Genuine(place) => return of_previous_key(place),
        Thought::Outdated => (
            Warn,
            "outdated",
            "Genuine, but a newer one came with it: the cookie once had another domain or path, which `formerly` can remove.",
        ),
        Thought::Found(Forwarded::No) => (Good, "known", "The session’s; the store has it."),
        Thought::Found(Forwarded::Yes) => {
            (Good, "forwarded", "An id from before a renewal; the store has led on to the session.")
        }
        Thought::Ended => {
            (Bad, "ended", "A session that a login or a logout has ended; nothing is written to it.")
        }
        Thought::Expired | Thought::Rejected(Rejection::Expired) => {
            (Bad, "expired", "A session that has expired; a new one begins empty.")
        }
        Thought::Unknown => {
            (Bad, "unknown id", "An id that the store does not know; a new session begins empty.")
        }
        Thought::Unreadable => {
            (Bad, "unreadable", "The store has a record that cannot be read; a new session begins empty.")
        }
        Thought::NoId => (Bad, "no id", "Not a session’s id at all; a new session begins empty."),
        Thought::Rejected(Rejection::Malformed) => {
            (Bad, "malformed", "It does not have the form of a session; a new one begins empty.")
        }
        Thought::Rejected(Rejection::Signature) => (
            Bad,
            "not genuine",
            "None of the keys has made it for this cookie’s name and purpose, or it was changed; a new session begins empty.",
        ),
        Thought::Rejected(Rejection::Future) => {
            (Bad, "from the future", "It says that it was made later than now: two servers’ clocks disagree.")
        }
        Thought::Rejected(Rejection::Payload) => {
            (Bad, "broken inside", "A key has made it, but what is inside cannot be read.")
        }
        Thought::Rejected(Rejection::TooLarge) => {
            (Bad, "too large inside", "A key has made it, but it inflates beyond the limit.")
        }
        Thought::Unanswered => (Bad, "not answered", "The store has failed; the response is a 503."),
        _ => (Warn, "seen", "The session’s layer has looked at it."),
    };
    Verdict::new(tone, short, sentence)
}

fn of_previous_key(place: usize) -> Verdict {
    let sentence =
        format!("The session’s; verified with previous key {place}. The next write makes it anew.");
    Verdict::new(Tone::Warn, "previous key", sentence)
}

fn say(trace: &SessionTrace, status: u16) -> (Tone, Option<String>) {
    if let Some(mistake) = &trace.mistake {
        return (Tone::Bad, Some(format!("A mistake: {mistake}.")));
    }
    if trace.opened_at.is_none() && trace.writes.is_empty() {
        return (Tone::Plain, None);
    }
    if trace.calls.iter().any(|call| call.answer == Answer::Failed) {
        return (Tone::Bad, Some("The store has failed: the response cannot be a success.".to_owned()));
    }
    let (tone, sentence) = match trace.writes.iter().rfind(|write| write.action != StoreAction::Nothing) {
        Some(write) => said_of(trace, write),
        None if !trace.changes.is_empty() && status >= 500 => {
            (Tone::Bad, "Not saved: the response is a server error.".to_owned())
        }
        None => return unwritten(trace),
    };
    (tone, Some(sentence))
}

fn said_of(trace: &SessionTrace, write: &Write) -> (Tone, String) {
    let kept = trace.layer.as_ref().is_some_and(|layer| layer.kind == BackendKind::Stored);
    let (tone, sentence) = match (write.outcome, write.action, trace.id_change) {
        (Some(Outcome::Dropped), ..) | (_, StoreAction::Drop, _) => {
            (Tone::Bad, "Its changes are dropped: the session has been ended meanwhile.".to_owned())
        }
        (_, StoreAction::Touch, _) => (Tone::Plain, "Its use is noted; nothing else has changed.".to_owned()),
        (_, StoreAction::End, IdChange::LogOut) => {
            (Tone::Gone, "Logged out: the session has ended.".to_owned())
        }
        (_, StoreAction::End, _) => (Tone::Gone, "Emptied: its cookie is removed.".to_owned()),
        (_, _, IdChange::LogIn) if kept => (Tone::Good, "Logged in: the session has a new id.".to_owned()),
        (_, _, IdChange::LogIn) => (Tone::Good, "Logged in.".to_owned()),
        (_, _, IdChange::LogOut) => {
            (Tone::Good, "Logged out; what was left goes on under a new id.".to_owned())
        }
        (_, _, IdChange::Renew) if kept => {
            (Tone::Good, "Renewed: a new id, to which late requests with the old one are led on.".to_owned())
        }
        (_, StoreAction::Create, _) => (Tone::Good, "A session begins.".to_owned()),
        _ if trace.changes.is_empty() => (Tone::Plain, "Written again, unchanged.".to_owned()),
        _ => (Tone::Good, format!("{} changed.", count(trace.changes.len(), "key"))),
    };
    if write.outcome != Some(Outcome::Merged) {
        return (tone, sentence);
    }
    let met = format!(
        "{sentence} Merged with what another request wrote ({}).",
        count(write.conflicts as usize, "conflict")
    );
    match write.overwritten {
        0 => (tone, met),
        keys => (
            Tone::Warn,
            format!("{met} {} of theirs overwritten: `update` would have kept both.", count(keys, "value")),
        ),
    }
}

/// Describes a session that was opened but not written.
fn unwritten(trace: &SessionTrace) -> (Tone, Option<String>) {
    let is_found =
        |candidate: &Candidate| matches!(candidate.verdict, Thought::Genuine(_) | Thought::Found(_));
    if trace.candidates.iter().any(is_found) {
        return (Tone::Plain, Some("Read, and not written.".to_owned()));
    }
    match trace.candidates.first() {
        Some(_) => (Tone::Bad, Some("Its cookie is not believed: the session begins empty.".to_owned())),
        None => (Tone::Plain, Some("Asked for; there is none yet.".to_owned())),
    }
}

fn writes(write: &Write) -> bool {
    let is_done = !matches!(write.action, StoreAction::Nothing | StoreAction::Touch | StoreAction::Drop);
    is_done && write.outcome != Some(Outcome::Dropped) && write.failure.is_none()
}

fn change_of(change: &KeyChange, veil: Veil) -> Change {
    let sign = match (&change.before, &change.after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    let shown = |text: &Option<Box<str>>| text.as_deref().map(|text| veil.wire(text));
    Change {
        key: change.key.chars().take(80).collect(),
        sign,
        before: shown(&change.before),
        after: shown(&change.after),
    }
}

fn operations(calls: &[Call]) -> Vec<Operation> {
    const MAX_CALLS: usize = 40;
    let whole: f64 = calls.iter().map(|call| call.took.as_secs_f64()).sum::<f64>().max(f64::MIN_POSITIVE);
    let mut from = 0.0;
    let operations = calls.iter().take(MAX_CALLS).map(|call| {
        let width = 100.0 * call.took.as_secs_f64() / whole;
        let operation = Operation {
            name: match call.answer {
                Answer::Nothing => format!("{}, nothing there", call.method),
                Answer::Refused => format!("{}, refused", call.method),
                Answer::Failed => format!("{}, failed", call.method),
                _ => call.method.to_owned(),
            },
            micros: u64::try_from(call.took.as_micros()).unwrap_or(u64::MAX),
            from,
            width,
        };
        from += width;
        operation
    });
    operations.collect()
}

fn lifetimes(trace: &SessionTrace) -> Vec<crate::lifetimes::Life> {
    match (&trace.layer, &trace.timestamps, trace.opened_at) {
        (Some(layer), Some(timestamps), Some(now)) => lives(layer, timestamps, now),
        _ => Vec::new(),
    }
}

/// Returns the anatomy of the cookie that the response sets, or otherwise of the one that the layer accepted. If the
/// layer accepted none, uses the first candidate.
fn anatomy(trace: &SessionTrace, layer: &LayerInfo, veil: Veil, sent: Option<&str>) -> Option<Anatomy> {
    let sets = trace.writes.iter().any(|write| write.cookie == CookieAction::Set);
    if let Some(value) = sent.filter(|_| sets) {
        return Some(Anatomy::of(layer.kind, value, trace.after.as_deref(), veil));
    }
    let believed =
        |candidate: &&Candidate| matches!(candidate.verdict, Thought::Genuine(_) | Thought::Found(_));
    let candidate = trace.candidates.iter().find(believed);
    let (candidate, json) = match candidate {
        Some(candidate) => (candidate, trace.after.as_deref()),
        None => (trace.candidates.first()?, None),
    };
    let value = String::from_utf8_lossy(&candidate.value);
    Some(Anatomy::of(layer.kind, &value, json, veil))
}

pub(crate) fn count(number: usize, word: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {word}{s}")
}
