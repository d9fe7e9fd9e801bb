use std::error::Error;

use hardtack_core::protocol::{LogId, StoreKey};
use tracing::field::{DisplayValue, display};
use tracing::{debug, error, info, warn};

use crate::observe::{EventKind, Subject};

/// Writes an event to the log. `previous` is the value of the event's counter before this event.
///
/// Events that any visitor can cause are logged at the level `debug`. Events that an operator must investigate are
/// logged as errors.
#[inline(always)]
pub(super) fn log(kind: &EventKind<'_>, subject: Subject<'_>, salt: &[u8; 32], previous: u64) {
    let session = || identify(subject.key(), salt);
    match *kind {
        EventKind::Loaded { .. } => debug!(session = session(), "session loaded"),
        EventKind::Missed { .. } => debug!(session = session(), "session missed"),
        EventKind::Unreadable { error, .. } => {
            let source = error.source().map(display);
            error!(
                session = session(),
                source, "{error}: it is treated as unknown, and its record remains in the store"
            );
        }
        EventKind::Rejected { reason } => debug!(reason = reason.reason(), "session cookie rejected"),
        EventKind::Expired => debug!(session = session(), "session expired"),
        EventKind::Created => debug!(session = session(), "session created"),
        EventKind::Written => debug!(session = session(), "session written"),
        EventKind::Merged { overwritten } => {
            debug!(overwritten, "session merged with what other requests wrote");
        }
        EventKind::Conflict { retries } => debug!(retries, "session conflict"),
        EventKind::Dropped => info!("late write dropped: the session had been ended in the meantime"),
        EventKind::Late { what } => {
            error!(what, "session written after the response head had been sent: nothing was changed");
        }
        EventKind::FlashesDropped { number } => {
            debug!(number, "flash messages dropped: too many were waiting to be shown");
        }
        EventKind::Crowded { bytes } => log_crowded(bytes, previous),
        EventKind::Abandoned { what } => info!(what, "request canceled before its response"),
        EventKind::LogoutLost { why } => {
            error!(why, "a logout failed: the session is still live");
        }
        EventKind::Touched => debug!("session touched"),
        EventKind::Renewed => debug!(session = session(), before = before(subject, salt), "session renewed"),
        EventKind::LoggedIn { .. } => {
            debug!(session = session(), before = before(subject, salt), "session logged in");
        }
        EventKind::LoggedOut { .. } => {
            debug!(session = session(), before = before(subject, salt), "session logged out");
        }
        EventKind::Ended => debug!(session = session(), "session ended"),
        EventKind::Listed { number, .. } => debug!(number, "devices listed"),
        EventKind::Revoked { number, .. } => info!(number, "sessions revoked"),
        EventKind::StoreFailed { operation, error } => {
            let source = error.source().map(display);
            error!(operation = operation.name(), %error, source, "the session store failed");
        }
        EventKind::UpdateFailed { error } => {
            error!(
                "{error}: none of its request's changes are saved. The function must accept any value that \
                 another request may write, must not panic, and must not use its own session"
            );
        }
    }
}

fn identify(key: Option<&StoreKey>, salt: &[u8; 32]) -> Option<DisplayValue<LogId>> {
    key.map(|key| display(key.log_id(salt)))
}

fn before(subject: Subject<'_>, salt: &[u8; 32]) -> Option<DisplayValue<LogId>> {
    identify(subject.key_before(), salt)
}

/// Logs that a browser's cookies are too large in total. Only the first such event is logged as a warning, because any
/// visitor can send too many cookies.
#[cold]
fn log_crowded(bytes: usize, previous: u64) {
    const SENTENCE: &str = "a browser's cookies exceed 8192 bytes in total, which many servers reject: set fewer \
                            or smaller cookies";
    if previous == 0 {
        warn!(bytes, "{SENTENCE}");
    } else {
        debug!(bytes, "{SENTENCE}");
    }
}
