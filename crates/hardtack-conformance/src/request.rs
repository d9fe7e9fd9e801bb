use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use hardtack_core::protocol::{
    Changes, CookieAction, Dictionary, Facts, IdChange, Lifetime, Lineage, Login, Origin, Owner, Purpose,
    Replay, SessionId, Settled, StoreAction, Updated, settle,
};
use hardtack_core::store::{
    Commit, Committed, GroupCommit, Located, Opened, Outcome, SessionStore, StoreError, commit, open,
};

/// A request as a server processes it: opened with a cookie, read and written in memory, settled, and committed.
///
/// The headers, the lock, and the clock, which the session layer adds, are omitted, so that a request needs only a
/// store.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) origin: Origin,
    pub(crate) located: Option<Located>,
    base: Dictionary,
    changes: Changes,
    id_change: IdChange,
    login: Option<Login>,
    /// The id that the browser sent, if the session is stored under it.
    id: Option<SessionId>,
    used: bool,
    now: SystemTime,
    lifetime: Lifetime,
}

/// The response to the browser.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) cookie: Cookie,
    /// `None` if nothing had to be committed.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) overwritten: usize,
}

/// The effect of a response on the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    Nothing,
    Set(SessionId),
    Remove,
}

/// The key whose value is the user.
pub(crate) const USER_KEY: &str = "_user_id";

/// A key that every login clears.
pub(crate) const CSRF_KEY: &str = "csrf_token";

impl Request {
    pub(crate) async fn open<S: SessionStore>(
        store: &S,
        cookie: Option<SessionId>,
        now: SystemTime,
        lifetime: Lifetime,
    ) -> Result<Self, StoreError> {
        let mut request = Self {
            origin: Origin::New,
            located: None,
            base: Dictionary::new(),
            changes: Changes::new(),
            id_change: IdChange::Stay,
            login: None,
            id: None,
            used: false,
            now,
            lifetime,
        };
        let Some(id) = cookie else { return Ok(request) };
        match open(store, &Purpose::default(), id.store_key(&Purpose::default()), now).await? {
            Opened::Live(located, base, followed) => {
                request.origin = followed.origin();
                request.base = base;
                request.id = (request.origin == Origin::Live).then_some(id);
                request.located = Some(located);
            }
            Opened::Ended => request.origin = Origin::Ended,
            // These requests never write a record that cannot be decoded.
            Opened::Unreadable(error) => return Err(error),
            _ => {}
        }
        Ok(request)
    }

    /// Returns the wire text of a key's value.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.changes.get(&self.base, key)
    }

    pub(crate) fn number(&self, key: &str) -> u64 {
        number(self.get(key))
    }

    pub(crate) fn user(&self) -> Option<&str> {
        self.get(USER_KEY).map(|text| text.trim_matches('"'))
    }

    /// Returns the data as it was when the request opened the session.
    pub(crate) fn base(&self) -> &Dictionary {
        &self.base
    }

    pub(crate) fn set(&mut self, key: &str, text: &str) {
        self.used = true;
        self.changes.set(&self.base, key, text.into());
    }

    pub(crate) fn increment(&mut self, key: &str) {
        self.update(key, |text| Updated::Set((number(text) + 1).to_string()));
    }

    /// Appends a number to the list under a key.
    pub(crate) fn push(&mut self, key: &str, item: u64) {
        self.update(key, move |text| {
            let items = text.unwrap_or("[]").trim_matches(['[', ']']);
            let comma = if items.is_empty() { "" } else { "," };
            Updated::Set(format!("[{items}{comma}{item}]"))
        });
    }

    pub(crate) fn update(&mut self, key: &str, run: impl Fn(Option<&str>) -> Updated + Send + 'static) {
        self.used = true;
        let outcome = run(self.changes.get(&self.base, key));
        self.changes.update(&self.base, key, outcome, Replay::new(run));
    }

    pub(crate) fn clear(&mut self) {
        self.used = true;
        self.changes.clear(&self.base);
    }

    pub(crate) fn renew(&mut self) {
        self.used = true;
        self.id_change = IdChange::Renew;
    }

    pub(crate) fn log_in(&mut self, user: &str) {
        self.used = true;
        if self.user().is_some_and(|before| before != user) {
            self.changes.forget();
        }
        self.changes.force_remove(CSRF_KEY);
        self.changes.force_set(USER_KEY, format!("\"{user}\""));
        self.login = Some(Login::new(Owner::new(user), fresh_lineage()));
        self.id_change = IdChange::LogIn;
    }

    pub(crate) fn log_out(&mut self) {
        self.used = true;
        if self.user().is_some() {
            self.changes.forget();
        }
        self.login = None;
        self.id_change = IdChange::LogOut;
    }

    pub(crate) fn destroy(&mut self) {
        self.changes.forget();
        self.log_out();
    }

    /// Decides what to write and which cookie to send at the end of the request.
    pub(crate) fn settled(&self, failed: bool) -> Settled {
        let touch_due =
            self.located.as_ref().is_some_and(|located| located.is_touch_due(&self.lifetime, self.now));
        let mut facts = Facts::new(self.origin);
        facts.id_change = self.id_change;
        facts.used = self.used;
        facts.dirty = self.changes.is_dirty(&self.base);
        facts.empty = self.changes.leaves_empty(&self.base);
        facts.touch_due = touch_due;
        facts.failed = failed;
        settle(facts)
    }

    /// Finishes a successful request.
    pub(crate) async fn finish<S: SessionStore>(self, store: &S) -> Result<Response, StoreError> {
        self.finish_as(store, fresh_id(), false).await
    }

    /// Finishes the request, with the id to use if the session needs a new one. `failed` means that the response is a
    /// server error.
    pub(crate) async fn finish_as<S: SessionStore>(
        self,
        store: &S,
        fresh: SessionId,
        failed: bool,
    ) -> Result<Response, StoreError> {
        self.finish_by(fresh, failed, async |work| commit(store, &work).await).await
    }

    /// Finishes the request in a server process, which may combine its write with the writes of other requests.
    pub(crate) async fn finish_in<S: SessionStore>(
        self,
        process: &GroupCommit<S>,
        fresh: SessionId,
        failed: bool,
    ) -> Result<Response, StoreError> {
        self.finish_by(fresh, failed, async |work| process.commit(work).await).await
    }

    async fn finish_by(
        self,
        fresh: SessionId,
        failed: bool,
        commit: impl AsyncFnOnce(Commit) -> Result<Committed, StoreError>,
    ) -> Result<Response, StoreError> {
        let settled = self.settled(failed);
        let id = self.id;
        if matches!(settled.action, StoreAction::Nothing | StoreAction::Drop) {
            let outcome = (settled.action == StoreAction::Drop).then_some(Outcome::Dropped);
            return Ok(Response { cookie: Cookie::Nothing, outcome, overwritten: 0 });
        }
        let committed = commit(self.into_commit(settled.action, fresh)).await?;
        Ok(Response::new(settled.cookie, &committed, id))
    }

    fn into_commit(self, action: StoreAction, fresh: SessionId) -> Commit {
        let noise = fresh.store_key(&Purpose::default());
        let (jitter, _) = noise.as_bytes().split_at(8);
        let mut commit = Commit::new(action, Purpose::default(), self.changes, fresh, self.now);
        commit.id_change = self.id_change;
        (commit.located, commit.base) = (self.located, self.base);
        commit.jitter = jitter.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        commit.login = self.login;
        commit.lifetime = self.lifetime;
        commit
    }
}

impl Response {
    fn new(planned: CookieAction, committed: &Committed, id: Option<SessionId>) -> Self {
        let cookie = match (committed.outcome, planned) {
            // A late response must not log anyone in or out.
            (Outcome::Dropped, _) | (_, CookieAction::Nothing) => Cookie::Nothing,
            (_, CookieAction::Remove) => Cookie::Remove,
            (_, CookieAction::Set) => committed.id_to_send(id).map_or(Cookie::Nothing, Cookie::Set),
        };
        Self { cookie, outcome: Some(committed.outcome), overwritten: committed.overwritten }
    }

    /// Returns the id that was issued to the browser.
    pub(crate) fn sent_id(&self) -> Option<SessionId> {
        match self.cookie {
            Cookie::Set(id) => Some(id),
            Cookie::Nothing | Cookie::Remove => None,
        }
    }
}

/// Parses the wire text of a number. Returns zero for anything else.
pub(crate) fn number(text: Option<&str>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Returns an id that is unique in this process. No secrets are stored here, so ids need not be random.
pub(crate) fn fresh_id() -> SessionId {
    let mut bytes = [0x5e; 32];
    bytes[..8].copy_from_slice(&next().to_be_bytes());
    SessionId::from_random(bytes)
}

/// Returns a lineage that is unique in this process. Lineages need not be random either.
fn fresh_lineage() -> Lineage {
    let mut bytes = [0x11; Lineage::LEN];
    bytes[..8].copy_from_slice(&next().to_be_bytes());
    Lineage::from_random(bytes)
}

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
