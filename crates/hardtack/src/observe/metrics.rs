use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};

use hardtack_core::session::{IdChange, LogId, ReplayError, StoreKey};
use hardtack_core::store::StoreError;
use tracing::field::{DisplayValue, display};
use tracing::{debug, error, info, warn};

/// Metrics of what has happened to the sessions of one layer since it was created.
///
/// Each is also reported as a `tracing` event, except `verified`. Neither the counts nor the events ever contain an id,
/// a secret, or a value.
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
    /// Signed or encrypted cookies that were checked.
    pub verified: u64,
    /// Sessions that were found.
    pub loaded: u64,
    /// Cookies whose session is unknown or was revoked.
    pub missed: u64,
    /// Records in the store that could not be read, because they are damaged or were written by another program. Their
    /// sessions count as unknown, and the records are kept.
    pub unreadable: u64,
    /// Cookies that were forged, damaged, or signed with a key that is no longer known.
    pub rejected: u64,
    /// Sessions that had expired.
    pub expired: u64,
    /// Sessions that began.
    pub created: u64,
    /// Sessions that were written, whether merged or not.
    pub written: u64,
    /// Commits that found a newer version by another request, and were merged with it.
    pub merged: u64,
    /// Times that a commit had to be retried.
    pub conflicts: u64,
    /// Keys that were overwritten although another request had changed them in the meantime: the last writer wins.
    pub overwritten: u64,
    /// Changes that were dropped because the session had been ended in the meantime.
    pub dropped: u64,
    /// Writes that were attempted after the response head had been sent. They have no effect.
    pub late: u64,
    /// Flash messages that were dropped because too many were waiting.
    pub flashes_dropped: u64,
    /// Responses that set the session's cookie in a browser whose cookies for this site exceed 8,192 bytes in total.
    pub crowded: u64,
    /// Changes that were not saved because their request was canceled or its handler panicked.
    pub abandoned: u64,
    /// Logouts that could not be carried out after their request was canceled or its handler panicked, because no
    /// response could remove the session's cookie, there was no tokio runtime to end the stored session in, or the
    /// store failed.
    pub lost_logouts: u64,
    /// Sessions whose time of last use was recorded.
    pub touched: u64,
    /// Sessions that were ended by a logout.
    pub ended: u64,
    /// Sessions that were ended from another device.
    pub revoked: u64,
    /// Store operations that failed.
    pub failed: u64,
}

/// The counters behind [`Metrics`], with the events that accompany them.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// The salt of the digests that name sessions in events.
    salt: [u8; 32],
    verified: Counter,
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
    ended: Counter,
    revoked: Counter,
    failed: Counter,
}

impl Tally {
    pub(crate) fn new(salt: [u8; 32]) -> Self {
        Self { salt, ..Self::default() }
    }

    /// Returns the name of a stored session in events. A session kept in its cookie does not have an id to derive a
    /// name from.
    fn name(&self, key: Option<&StoreKey>) -> Option<DisplayValue<LogId>> {
        key.map(|key| display(key.log_id(&self.salt)))
    }

    pub(crate) fn verified(&self) {
        self.verified.add(1);
    }

    pub(crate) fn loaded(&self, key: Option<&StoreKey>) {
        self.loaded.add(1);
        debug!(session = self.name(key), "session loaded");
    }

    pub(crate) fn missed(&self, key: &StoreKey) {
        self.missed.add(1);
        debug!(session = self.name(Some(key)), "session missed");
    }

    /// Metrics an unreadable record. It is logged as an error, although the visitor is served, because the operator must
    /// look into it.
    #[cold]
    pub(crate) fn unreadable(&self, key: Option<&StoreKey>, error: &StoreError) {
        self.unreadable.add(1);
        let source = error.source().map(tracing::field::display);
        error!(
            session = self.name(key),
            source, "{error}: it counts as unknown, and its record is left in the store"
        );
    }

    pub(crate) fn rejected(&self, why: &'static str) {
        self.rejected.add(1);
        debug!(why, "session cookie rejected");
    }

    pub(crate) fn expired(&self, key: Option<&StoreKey>) {
        self.expired.add(1);
        debug!(session = self.name(key), "session expired");
    }

    pub(crate) fn created(&self, key: Option<&StoreKey>) {
        self.created.add(1);
        debug!(session = self.name(key), "session created");
    }

    pub(crate) fn written(&self, key: Option<&StoreKey>) {
        self.written.add(1);
        debug!(session = self.name(key), "session written");
    }

    pub(crate) fn merged(&self, conflicts: u32, overwritten: usize) {
        self.merged.add(1);
        self.overwritten.add(overwritten as u64);
        debug!(conflicts, overwritten, "session merged with what other requests wrote");
    }

    pub(crate) fn conflicts(&self, conflicts: u32) {
        if conflicts > 0 {
            self.conflicts.add(conflicts.into());
            debug!(conflicts, "session conflict");
        }
    }

    pub(crate) fn dropped(&self) {
        self.dropped.add(1);
        info!("late write dropped: the session had been ended meanwhile");
    }

    pub(crate) fn late(&self, what: &str) {
        self.late.add(1);
        error!(what, "session written after the response head had left: nothing was changed");
    }

    pub(crate) fn flashes_dropped(&self, number: usize) {
        if number > 0 {
            self.flashes_dropped.add(number as u64);
            debug!(number, "flash messages dropped: no page has shown them");
        }
    }

    /// Metrics a response to a browser with too many bytes of cookies. Only the first is logged as a warning, because a
    /// visitor can send any number of cookies.
    pub(crate) fn crowded(&self, bytes: usize) {
        const SENTENCE: &str = "the cookies of a browser are over 8192 bytes in all, which many servers refuse: set fewer, or \
                                smaller ones";
        if self.crowded.add(1) == 0 {
            warn!(bytes, "{SENTENCE}");
        } else {
            debug!(bytes, "{SENTENCE}");
        }
    }

    pub(crate) fn abandoned(&self, what: &str) {
        self.abandoned.add(1);
        info!(what, "request canceled before its response");
    }

    pub(crate) fn lost_logout(&self, why: &str) {
        self.lost_logouts.add(1);
        error!(why, "a logout could not be carried out: the session lives on");
    }

    /// Logs that a session continues under a new id. The write has been counted already.
    pub(crate) fn id_changed(&self, id_change: IdChange, old: Option<&StoreKey>, new: Option<&StoreKey>) {
        let what = match id_change {
            IdChange::LogIn => "session logged in",
            IdChange::LogOut => "session logged out",
            IdChange::Renew | IdChange::Stay => "session renewed",
        };
        debug!(session = self.name(new), before = self.name(old), "{what}");
    }

    pub(crate) fn touched(&self) {
        self.touched.add(1);
        debug!("session touched");
    }

    pub(crate) fn ended(&self, key: Option<&StoreKey>) {
        self.ended.add(1);
        debug!(session = self.name(key), "session ended");
    }

    pub(crate) fn revoked(&self, number: u64) {
        self.revoked.add(number);
        info!(number, "sessions revoked");
    }

    pub(crate) fn failed(&self, error: &StoreError) {
        self.failed.add(1);
        let source = error.source().map(tracing::field::display);
        error!(%error, source, "the session store failed");
    }

    /// Logs a developer's mistake, which is not a failure of the store.
    #[cold]
    pub(crate) fn unmerged(&self, why: &ReplayError) {
        error!(
            "{why}: nothing of its request is saved; let the function take any value that another request may write, not \
             panic, and not use its own session"
        );
    }

    pub(crate) fn metrics(&self) -> Metrics {
        Metrics {
            verified: self.verified.get(),
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
            ended: self.ended.get(),
            revoked: self.revoked.get(),
            failed: self.failed.get(),
        }
    }
}

#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Counter {
    // Relaxed ordering: the counters are independent, and no decision depends on them.
    /// Adds to the counter, and returns its previous value.
    fn add(&self, number: u64) -> u64 {
        self.0.fetch_add(number, Ordering::Relaxed)
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
