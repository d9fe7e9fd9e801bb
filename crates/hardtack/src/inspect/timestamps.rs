use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_core::crypto::Times;
use hardtack_core::protocol::Record;

use crate::inspect::{BackendKind, LayerInfo};

/// The times at which a session began, was last used, and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timestamps {
    /// When the session began or, if it is kept in its cookie, when the cookie was written.
    pub began: SystemTime,
    /// When the session was last used, as recorded in the store; `None` for a session kept in its cookie.
    pub last_seen: Option<SystemTime>,
    /// When the session ends, unless it is used or written again; `None` if the time cannot be represented.
    pub expires_at: Option<SystemTime>,
    /// When the session ends, even if it is used or written again; `None` for a signed session.
    pub deadline: Option<SystemTime>,
}

impl Timestamps {
    pub(super) fn signed(signed_at: u64, max_age: Duration) -> Self {
        let began = seconds(signed_at);
        let expires_at = after(began, Some(max_age));
        Self { began, last_seen: None, expires_at, deadline: None }
    }

    pub(super) fn sealed(times: &Times) -> Self {
        Self {
            began: seconds(times.issued_at),
            last_seen: None,
            expires_at: Some(seconds(times.expires_at)),
            deadline: Some(seconds(times.deadline)),
        }
    }

    pub(crate) fn stored(record: &Record) -> Self {
        Self {
            began: record.created_at,
            last_seen: Some(record.last_seen),
            expires_at: Some(record.expires_at),
            deadline: Some(record.deadline),
        }
    }

    /// Returns the times of a session that is written to its cookie now. A session that existed before keeps its
    /// deadline.
    pub(super) fn written(now: SystemTime, layer: &LayerInfo, before: Option<Self>) -> Self {
        let deadline = match layer.kind {
            BackendKind::Encrypted => {
                before.and_then(|before| before.deadline).or_else(|| after(now, layer.absolute))
            }
            BackendKind::Signed | BackendKind::Stored => None,
        };
        let expires_at = after(now, layer.max_age);
        let expires_at = expires_at.map(|expires| deadline.map_or(expires, |deadline| expires.min(deadline)));
        Self { began: now, last_seen: None, expires_at, deadline }
    }
}

fn after(now: SystemTime, by: Option<Duration>) -> Option<SystemTime> {
    now.checked_add(by?)
}

fn seconds(since_1970: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(since_1970)).unwrap_or(UNIX_EPOCH)
}
