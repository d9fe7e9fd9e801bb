use std::sync::atomic::{AtomicU64, Ordering};

use crate::observe::EventKind;

/// The counters of one layer's events since the layer was created.
///
/// Each event is also reported to [`on_event`](crate::SessionLayer::on_event) and to `tracing`. With the feature
/// `metrics`, the counters are also reported to the `metrics` facade, under the names in the guide's page on
/// [monitoring].
///
/// [monitoring]: crate::guide::monitoring
///
/// ```
/// # use hardtack_jar::Browser;
/// # use axum::{Router, routing::get};
/// use hardtack::{MemoryStore, Session, SessionLayer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sessions = SessionLayer::stored(MemoryStore::new());
/// # let app: Router = Router::new().route("/", get(|session: Session| async move {
/// #     session.update("n", |n: &mut u64| *n += 1);
/// # })).layer(sessions.clone());
/// # let browser = Browser::new(app);
/// browser.get("/").await?; // a page that counts visits
/// browser.get("/").await?;
/// let counts = sessions.metrics();
/// assert_eq!((counts.created, counts.loaded, counts.written, counts.rejected), (1, 1, 1, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Metrics {
    /// Signed or encrypted cookies that were checked, whatever the result: the sum of `loaded`, `rejected`, and
    /// `expired`. Always 0 for stored sessions.
    pub verified: u64,
    /// Sessions that were found, in their cookie or in the store.
    pub loaded: u64,
    /// Cookies whose session is unknown or has been ended.
    pub missed: u64,
    /// Records in the store that could not be read, because they are damaged or were written by another program. Their
    /// sessions are treated as unknown, and the records are kept.
    pub unreadable: u64,
    /// Cookies that were rejected: forged, damaged, or signed or encrypted with a key that is no longer in the key
    /// ring. For stored sessions, cookies that are not in the format of a session id.
    pub rejected: u64,
    /// Sessions that had expired.
    pub expired: u64,
    /// Sessions that were created.
    pub created: u64,
    /// Existing sessions that were written, with or without a merge.
    pub written: u64,
    /// Commits that found a newer version, which another request had written, and were merged with it.
    pub merged: u64,
    /// Retries of commits after conflicts.
    pub conflicts: u64,
    /// Keys that were overwritten although another request had changed them in the meantime: the last writer wins.
    pub overwritten: u64,
    /// Writes that were dropped because the session had been ended in the meantime.
    pub dropped: u64,
    /// Writes that were attempted after the response head had been sent, and had no effect.
    pub late: u64,
    /// Flash messages that were dropped because too many were waiting.
    pub flashes_dropped: u64,
    /// Responses that set the session's cookie in a browser whose cookies for this site exceed 8,192 bytes in total.
    pub crowded: u64,
    /// Requests whose changes were not saved, or possibly not saved, because the request was canceled or its handler
    /// panicked.
    pub abandoned: u64,
    /// Logouts that could not be carried out after the request was canceled or its handler panicked: there was no
    /// response to remove the session's cookie, there was no tokio runtime in which to end the stored session, an early
    /// save had been dropped, or the store failed.
    pub lost_logouts: u64,
    /// Sessions whose time of last use was recorded.
    pub touched: u64,
    /// Sessions that continued under a new id, after a renewal or the logout of a guest.
    pub renewed: u64,
    /// Users who logged in.
    pub logged_in: u64,
    /// Users who logged out.
    pub logged_out: u64,
    /// Sessions that ended: by a logout, because the last key of a session kept in its cookie was removed, or because
    /// the request of a stored session was canceled.
    pub ended: u64,
    /// Pages of users' devices that were listed.
    pub listed: u64,
    /// Sessions that were ended from another device.
    pub revoked: u64,
    /// Store operations that failed.
    pub failed: u64,
    /// Functions of an [`update`](crate::Session::update) that could not run again on a value that another request had
    /// written.
    pub failed_updates: u64,
}

/// The counters behind [`Metrics`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    loaded: Counter,
    missed: Counter,
    unreadable: Counter,
    rejected: Counter,
    expired: Counter,
    created: Counter,
    written: Counter,
    merged: Counter,
    conflicts: Counter,
    overwritten: Counter,
    dropped: Counter,
    late: Counter,
    flashes_dropped: Counter,
    crowded: Counter,
    abandoned: Counter,
    lost_logouts: Counter,
    touched: Counter,
    renewed: Counter,
    logged_in: Counter,
    logged_out: Counter,
    ended: Counter,
    listed: Counter,
    revoked: Counter,
    failed: Counter,
    failed_updates: Counter,
}

impl Counters {
    /// Counts an event, and returns the previous value of its counter.
    #[inline(always)]
    pub(super) fn count(&self, kind: &EventKind<'_>) -> u64 {
        match *kind {
            EventKind::Loaded { .. } => self.loaded.add(1),
            EventKind::Missed { .. } => self.missed.add(1),
            EventKind::Unreadable { .. } => self.unreadable.add(1),
            EventKind::Rejected { .. } => self.rejected.add(1),
            EventKind::Expired => self.expired.add(1),
            EventKind::Created => self.created.add(1),
            EventKind::Written => self.written.add(1),
            EventKind::Merged { overwritten } => {
                self.overwritten.add(overwritten as u64);
                self.merged.add(1)
            }
            EventKind::Conflict { retries } => self.conflicts.add(retries.into()),
            EventKind::Dropped => self.dropped.add(1),
            EventKind::Late { .. } => self.late.add(1),
            EventKind::FlashesDropped { number } => self.flashes_dropped.add(number as u64),
            EventKind::Crowded { .. } => self.crowded.add(1),
            EventKind::Abandoned { .. } => self.abandoned.add(1),
            EventKind::LogoutLost { .. } => self.lost_logouts.add(1),
            EventKind::Touched => self.touched.add(1),
            EventKind::Renewed => self.renewed.add(1),
            EventKind::LoggedIn { .. } => self.logged_in.add(1),
            EventKind::LoggedOut { .. } => self.logged_out.add(1),
            EventKind::Ended => self.ended.add(1),
            EventKind::Listed { .. } => self.listed.add(1),
            EventKind::Revoked { number, .. } => self.revoked.add(number),
            EventKind::StoreFailed { .. } => self.failed.add(1),
            EventKind::UpdateFailed { .. } => self.failed_updates.add(1),
        }
    }

    pub(super) fn metrics(&self) -> Metrics {
        Metrics {
            // Set by `Config::metrics`, if the layer keeps sessions in cookies.
            verified: 0,
            loaded: self.loaded.get(),
            missed: self.missed.get(),
            unreadable: self.unreadable.get(),
            rejected: self.rejected.get(),
            expired: self.expired.get(),
            created: self.created.get(),
            written: self.written.get(),
            merged: self.merged.get(),
            conflicts: self.conflicts.get(),
            overwritten: self.overwritten.get(),
            dropped: self.dropped.get(),
            late: self.late.get(),
            flashes_dropped: self.flashes_dropped.get(),
            crowded: self.crowded.get(),
            abandoned: self.abandoned.get(),
            lost_logouts: self.lost_logouts.get(),
            touched: self.touched.get(),
            renewed: self.renewed.get(),
            logged_in: self.logged_in.get(),
            logged_out: self.logged_out.get(),
            ended: self.ended.get(),
            listed: self.listed.get(),
            revoked: self.revoked.get(),
            failed: self.failed.get(),
            failed_updates: self.failed_updates.get(),
        }
    }
}

#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Counter {
    // Relaxed ordering is sufficient: the counters are independent, and no decision depends on them.
    /// Adds to the counter, and returns its previous value.
    fn add(&self, number: u64) -> u64 {
        self.0.fetch_add(number, Ordering::Relaxed)
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
