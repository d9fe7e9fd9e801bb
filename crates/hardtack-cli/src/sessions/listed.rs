//! Formats the sessions that a store lists.

use std::time::SystemTime;

use hardtack::protocol::ContentKind;
use hardtack::store::Listed;
use serde_json::{Value as Json, json};

use crate::arguments::{Handle, Timestamp};
use crate::output::plain;

/// The column headings for [`line`].
pub(super) const HEAD: &str = "session       created              last used            expires                size  state    purpose  login     user  label";

/// Formats a session as a line. Columns of variable width are at the end.
pub(super) fn line(listed: &Listed, now: SystemTime) -> String {
    let summary = &listed.summary;
    let date = |time| Timestamp(time).date();
    let optional = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), plain);
    format!(
        "{}  {:19}  {:19}  {:19}  {:>6}  {:7}  {:7}  {:8}  {}  {}",
        Handle::of(&summary.key),
        date(summary.created_at),
        date(summary.last_seen),
        date(ends(listed)),
        listed.size,
        state(listed, now),
        listed.purpose,
        lineage(listed).map_or_else(|| "-".to_owned(), |lineage| lineage[..8].to_owned()),
        optional(user(listed)),
        optional(summary.label.as_deref()),
    )
}

pub(super) fn json(listed: &Listed, now: SystemTime) -> Json {
    let summary = &listed.summary;
    json!({
        "session": Handle::of(&summary.key).to_string(),
        "purpose": listed.purpose.as_str(),
        "login": lineage(listed),
        "user": user(listed),
        "label": summary.label.as_deref(),
        "state": state(listed, now),
        "created_at": Timestamp(summary.created_at).seconds(),
        "last_seen": Timestamp(summary.last_seen).seconds(),
        "expires_at": Timestamp(summary.expires_at).seconds(),
        "deadline": Timestamp(listed.deadline).seconds(),
        "bytes": listed.size,
    })
}

fn user(listed: &Listed) -> Option<&str> {
    listed.summary.login.as_ref().map(|login| login.owner.as_str())
}

/// Returns the lineage of the session's login in hexadecimal digits, or `None` without a login. A renewal keeps the
/// lineage, but changes the session's key.
fn lineage(listed: &Listed) -> Option<String> {
    let login = listed.summary.login.as_ref()?;
    Some(login.lineage.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Returns the state of a session in one word.
pub(super) fn state(listed: &Listed, now: SystemTime) -> &'static str {
    match listed.content {
        ContentKind::Moved => "renewed",
        ContentKind::Ended => "ended",
        _ if ends(listed) <= now => "expired",
        _ => "live",
    }
}

/// Returns the time at which the session expires if it is not used again.
fn ends(listed: &Listed) -> SystemTime {
    listed.summary.expires_at.min(listed.deadline)
}
