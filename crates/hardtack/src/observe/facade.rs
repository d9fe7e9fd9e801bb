//! Reports events to the `metrics` facade. The names follow Prometheus' conventions: base units, and `_total` for
//! counters.

use metrics::{SharedString, Unit, counter, describe_counter, describe_histogram, histogram};

use crate::observe::{EventKind, StoreOperation, Subject};

/// The name and description of a counter.
struct Name(&'static str, &'static str);

const LOADED: Name = Name("hardtack_sessions_loaded_total", "Sessions that were found");
const MISSED: Name = Name("hardtack_sessions_missed_total", "Cookies whose session is unknown or was ended");
const UNREADABLE: Name =
    Name("hardtack_sessions_unreadable_total", "Records in the store that could not be read");
const REJECTED: Name =
    Name("hardtack_cookies_rejected_total", "Session cookies that were rejected, by reason");
const EXPIRED: Name = Name("hardtack_sessions_expired_total", "Sessions that had expired");
const CREATED: Name = Name("hardtack_sessions_created_total", "Sessions that began");
const WRITTEN: Name = Name("hardtack_sessions_written_total", "Sessions that were written, except new ones");
const MERGED: Name =
    Name("hardtack_sessions_merged_total", "Commits that were merged with another request's");
const OVERWRITTEN: Name = Name(
    "hardtack_keys_overwritten_total",
    "Keys that were overwritten although another request had changed them",
);
const CONFLICTS: Name = Name("hardtack_commit_retries_total", "Times that a commit had to be retried");
const DROPPED: Name = Name(
    "hardtack_writes_dropped_total",
    "Writes dropped because the session had been ended in the meantime",
);
const LATE: Name =
    Name("hardtack_writes_late_total", "Writes attempted after the response head had been sent");
const FLASHES: Name =
    Name("hardtack_flashes_dropped_total", "Flash messages dropped because too many were waiting");
const CROWDED: Name =
    Name("hardtack_responses_crowded_total", "Responses to browsers with more than 8192 bytes of cookies");
const ABANDONED: Name =
    Name("hardtack_changes_abandoned_total", "Changes that were lost because their request was canceled");
const LOGOUTS_LOST: Name = Name("hardtack_logouts_lost_total", "Logouts that could not be carried out");
const TOUCHED: Name = Name("hardtack_sessions_touched_total", "Sessions whose time of last use was recorded");
const RENEWED: Name = Name("hardtack_sessions_renewed_total", "Sessions that continued under a new id");
const LOGINS: Name = Name("hardtack_logins_total", "Users who logged in");
const LOGOUTS: Name = Name("hardtack_logouts_total", "Users who logged out");
const ENDED: Name = Name("hardtack_sessions_ended_total", "Sessions that were ended by a logout");
const LISTED: Name = Name("hardtack_devices_listed_total", "Lists of a user's devices");
const REVOKED: Name = Name("hardtack_sessions_revoked_total", "Sessions that were ended from another device");
const FAILURES: Name = Name("hardtack_store_failures_total", "Store operations that failed, by operation");
const UPDATES: Name =
    Name("hardtack_updates_failed_total", "Updates that could not run again on another request's data");

const COUNTERS: [&Name; 25] = [
    &LOADED,
    &MISSED,
    &UNREADABLE,
    &REJECTED,
    &EXPIRED,
    &CREATED,
    &WRITTEN,
    &MERGED,
    &OVERWRITTEN,
    &CONFLICTS,
    &DROPPED,
    &LATE,
    &FLASHES,
    &CROWDED,
    &ABANDONED,
    &LOGOUTS_LOST,
    &TOUCHED,
    &RENEWED,
    &LOGINS,
    &LOGOUTS,
    &ENDED,
    &LISTED,
    &REVOKED,
    &FAILURES,
    &UPDATES,
];

const STORE_DURATION: &str = "hardtack_store_duration_seconds";

/// Describes the crate's metrics to the installed recorder, for exporters that show descriptions.
///
/// Call this function once, after the recorder has been installed. The guide's page on
/// [monitoring](crate::guide::monitoring) lists the names.
///
/// ```
/// use metrics_exporter_prometheus::PrometheusBuilder;
///
/// let prometheus = PrometheusBuilder::new().install_recorder()?;
/// hardtack::describe_metrics();
/// let page = prometheus.render(); // for a route such as `/metrics`
/// # let _ = page;
/// # Ok::<(), metrics_exporter_prometheus::BuildError>(())
/// ```
pub fn describe_metrics() {
    for Name(name, description) in COUNTERS {
        describe_counter!(*name, Unit::Count, *description);
    }
    describe_histogram!(
        STORE_DURATION,
        Unit::Seconds,
        "How long the store took to answer, including retries, by operation"
    );
}

pub(super) fn record(session: &SharedString, subject: Subject<'_>, kind: &EventKind<'_>) {
    let count = |Name(name, _): Name, number: u64| {
        counter!(name, "session" => session.clone()).increment(number);
    };
    match *kind {
        EventKind::Loaded { .. } => count(LOADED, 1),
        EventKind::Missed { .. } => count(MISSED, 1),
        EventKind::Unreadable { .. } => count(UNREADABLE, 1),
        EventKind::Rejected { reason } => {
            counter!(REJECTED.0, "session" => session.clone(), "reason" => reason.reason()).increment(1);
        }
        EventKind::Expired => count(EXPIRED, 1),
        EventKind::Created => count(CREATED, 1),
        EventKind::Written => count(WRITTEN, 1),
        EventKind::Merged { overwritten } => {
            count(MERGED, 1);
            count(OVERWRITTEN, overwritten as u64);
        }
        EventKind::Conflict { retries } => count(CONFLICTS, retries.into()),
        EventKind::Dropped => count(DROPPED, 1),
        EventKind::Late { .. } => count(LATE, 1),
        EventKind::FlashesDropped { number } => count(FLASHES, number as u64),
        EventKind::Crowded { .. } => count(CROWDED, 1),
        EventKind::Abandoned { .. } => count(ABANDONED, 1),
        EventKind::LogoutLost { .. } => count(LOGOUTS_LOST, 1),
        EventKind::Touched => count(TOUCHED, 1),
        EventKind::Renewed => count(RENEWED, 1),
        EventKind::LoggedIn { .. } => count(LOGINS, 1),
        EventKind::LoggedOut { .. } => count(LOGOUTS, 1),
        EventKind::Ended => count(ENDED, 1),
        EventKind::Listed { .. } => count(LISTED, 1),
        EventKind::Revoked { number, .. } => count(REVOKED, number),
        EventKind::StoreFailed { operation, .. } => {
            counter!(FAILURES.0, "session" => session.clone(), "operation" => operation.name()).increment(1);
        }
        EventKind::UpdateFailed { .. } => count(UPDATES, 1),
    }
    if let Some(took) = subject.duration() {
        let operation = operation_of(kind).name();
        histogram!(STORE_DURATION, "session" => session.clone(), "operation" => operation)
            .record(took.as_secs_f64());
    }
}

/// Returns the store operation whose result an event reports.
fn operation_of(kind: &EventKind<'_>) -> StoreOperation {
    match *kind {
        EventKind::Loaded { .. } | EventKind::Missed { .. } | EventKind::Expired => StoreOperation::Load,
        EventKind::Unreadable { operation, .. } | EventKind::StoreFailed { operation, .. } => operation,
        EventKind::Listed { .. } => StoreOperation::List,
        EventKind::Revoked { .. } => StoreOperation::Revoke,
        _ => StoreOperation::Save,
    }
}
