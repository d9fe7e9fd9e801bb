use hardtack::inspect::{Answer, BackendKind, Candidate, SessionTrace, Verdict, Write};
use hardtack_core::protocol::{IdChange, StoreAction};
use hardtack_core::store::Outcome;

use crate::format::count;
use crate::level::Level;

/// Describes what a request did to a session, or returns `None` if it did nothing. `status` is the status code of the
/// response.
pub(super) fn summarize(trace: &SessionTrace, status: u16) -> (Level, Option<String>) {
    if let Some(mistake) = &trace.mistake {
        return (Level::Bad, Some(format!("Mistake: {mistake}.")));
    }
    if trace.opened_at.is_none() && trace.writes.is_empty() {
        return (Level::Neutral, None);
    }
    if trace.calls.iter().any(|call| call.answer == Answer::Failed) {
        return (Level::Bad, Some("The store failed, so the response cannot be a success.".to_owned()));
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
            (Level::Bad, "Changes dropped: the session was ended in the meantime.".to_owned())
        }
        (_, StoreAction::Touch, _) => (Level::Neutral, "Last use recorded; nothing else changed.".to_owned()),
        (_, StoreAction::End, IdChange::LogOut) => {
            (Level::Removed, "Logged out: the session has ended.".to_owned())
        }
        (_, StoreAction::End, _) => (Level::Removed, "Emptied: the cookie is removed.".to_owned()),
        (_, _, IdChange::LogIn) if is_stored => {
            (Level::Good, "Logged in: the session has a new id.".to_owned())
        }
        (_, _, IdChange::LogIn) => (Level::Good, "Logged in.".to_owned()),
        (_, _, IdChange::LogOut) => (Level::Good, "Logged out: the remaining data has a new id.".to_owned()),
        (_, _, IdChange::Renew) if is_stored => (
            Level::Good,
            "Renewed: the session has a new id, to which late requests with the old one are forwarded."
                .to_owned(),
        ),
        (_, StoreAction::Create, _) => (Level::Good, "Session created.".to_owned()),
        _ if trace.changes.is_empty() => (Level::Neutral, "Written again without changes.".to_owned()),
        _ => (Level::Good, format!("{} changed.", count(trace.changes.len(), "key"))),
    };
    if write.outcome != Some(Outcome::Merged) {
        return (level, sentence);
    }
    let merged = format!(
        "{sentence} Merged with the changes of another request ({}).",
        count(write.conflicts as usize, "conflict")
    );
    match write.overwritten {
        0 => (level, merged),
        keys => (
            Level::Warning,
            format!(
                "{merged} {} of that request overwritten: `update` would keep both.",
                count(keys, "value")
            ),
        ),
    }
}

/// Describes a session that was opened but not written.
fn summarize_unwritten(trace: &SessionTrace) -> (Level, Option<String>) {
    if trace.candidates.iter().any(is_accepted) {
        return (Level::Neutral, Some("Read, not written.".to_owned()));
    }
    match trace.candidates.first() {
        Some(_) => (Level::Bad, Some("Cookie rejected: the session starts empty.".to_owned())),
        None => (Level::Neutral, Some("Opened; there is no session yet.".to_owned())),
    }
}

/// Returns whether a cookie names the session that the request used.
pub(super) fn is_accepted(candidate: &Candidate) -> bool {
    matches!(candidate.verdict, Verdict::Genuine(_) | Verdict::Found(_))
}
