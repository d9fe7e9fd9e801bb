//! How a session of a store is shown.

use std::time::SystemTime;

use hardtack::protocol::ContentKind;
use hardtack::store::Listed;
use serde_json::{Value as Json, json};

use crate::handle::Handle;
use crate::moment::Moment;
use crate::output::plain;

/// The words over [`line`].
pub(super) const HEAD: &str = "session       begun                last used            ends                   size  state    user  label";

/// What has no fixed width stands at the end.
pub(super) fn line(listed: &Listed, now: SystemTime) -> String {
    let summary = &listed.summary;
    let date = |time| Moment(time).date();
    let optional = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), plain);
    format!(
        "{}  {:19}  {:19}  {:19}  {:>6}  {:7}  {}  {}",
        Handle::of(&summary.key),
        date(summary.created_at),
        date(summary.last_seen),
        date(ends(listed)),
        listed.size,
        state(listed, now),
        optional(listed.owner.as_ref().map(|owner| owner.as_str())),
        optional(summary.label.as_deref()),
    )
}

pub(super) fn json(listed: &Listed, now: SystemTime) -> Json {
    let summary = &listed.summary;
    json!({
        "session": Handle::of(&summary.key).to_string(),
        "user": listed.owner.as_ref().map(|owner| owner.as_str()),
        "label": summary.label.as_deref(),
        "state": state(listed, now),
        "created_at": Moment(summary.created_at).seconds(),
        "last_seen": Moment(summary.last_seen).seconds(),
        "expires_at": Moment(summary.expires_at).seconds(),
        "deadline": Moment(listed.deadline).seconds(),
        "bytes": listed.size,
    })
}

/// What it is, in a word.
pub(super) fn state(listed: &Listed, now: SystemTime) -> &'static str {
    match listed.content {
        ContentKind::Moved => "renewed",
        ContentKind::Ended => "ended",
        _ if ends(listed) <= now => "expired",
        _ => "live",
    }
}

/// When it ends unless it is used.
fn ends(listed: &Listed) -> SystemTime {
    listed.summary.expires_at.min(listed.deadline)
}
