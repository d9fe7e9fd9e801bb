use hardtack::inspect::{Answer, BackendKind, Candidate, SessionTrace, Verdict, Write};
use hardtack_core::session::{IdChange, StoreAction};
use hardtack_core::store::Outcome;

use crate::format::count;
use crate::level::Level;

/// Describes what a request did to a session, or returns `None` if it did nothing. `status` is the status code of the
/// response.
pub(super) fn summarize(trace: &SessionTrace, status: u16) -> (Level, Option<String>) {
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
    if trace.candidates.iter().any(is_accepted) {
        return (Level::Neutral, Some("Read, and not written.".to_owned()));
    }
    match trace.candidates.first() {
        Some(_) => (Level::Bad, Some("Its cookie is not believed: the session begins empty.".to_owned())),
        None => (Level::Neutral, Some("Asked for; there is none yet.".to_owned())),
    }
}

/// Returns whether a cookie names the session that the request used.
pub(super) fn is_accepted(candidate: &Candidate) -> bool {
    matches!(candidate.verdict, Verdict::Genuine(_) | Verdict::Found(_))
}
