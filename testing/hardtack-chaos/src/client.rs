use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::browser::{Response, ask};
use crate::journal::{EventKind, Journal, Outcome};
use crate::serve::SessionView;

/// A user with two browsers, who sends random requests until `stop` is set.
pub(crate) struct Client {
    pub(crate) user: String,
    pub(crate) port: u16,
    pub(crate) journal: Arc<Journal>,
    pub(crate) stop: Arc<AtomicBool>,
    /// The current session of each browser.
    pub(crate) browsers: [Option<BrowserSession>; 2],
    /// Earlier sessions, which are checked at the end of the run.
    pub(crate) former: Vec<BrowserSession>,
}

/// The number of a session, and its cookie.
#[derive(Debug, Clone)]
pub(crate) struct BrowserSession {
    id: u64,
    cookie: String,
}

/// The maximum number of former sessions per client that are checked at the end of the run.
const MAX_FORMER_COOKIES: usize = 100;

impl Client {
    pub(crate) async fn work(&mut self) {
        while !self.stop.load(Ordering::Relaxed) {
            let (browser, action) = (rand::random_range(0..2), rand::random_range(0..100));
            match self.browsers[browser].clone() {
                None => self.log_in(browser).await,
                Some(session) => match action {
                    0..50 => self.count(&session).await,
                    50..75 => self.push(&session).await,
                    75..84 => self.view(&session).await,
                    84..92 => self.renew(browser, session).await,
                    92..97 => self.log_out(browser, session).await,
                    _ => self.revoke(browser, session).await,
                },
            }
        }
    }

    /// Loads the latest former sessions and the current ones, and records them. Retries each request until it succeeds.
    pub(crate) async fn check_sessions(&self) {
        for session in self.former.iter().rev().take(MAX_FORMER_COOKIES).chain(self.browsers.iter().flatten())
        {
            loop {
                if let Response::Page(page, _) = ask(self.port, "GET", "/", Some(&session.cookie)).await {
                    self.journal.write(session.id, EventKind::SeenAtEnd(page));
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }

    async fn log_in(&mut self, browser: usize) {
        let path = format!("/login?user={}", self.user);
        match ask(self.port, "POST", &path, None).await {
            Response::Page(page, Some(cookie)) => {
                let id = self.journal.new_session();
                self.journal.write(id, EventKind::Began { user: self.user.clone() });
                self.journal.write(id, EventKind::Seen(page));
                self.browsers[browser] = Some(BrowserSession { id, cookie });
            }
            other => self.pause_after_refusal(u64::MAX, &other).await,
        }
    }

    /// Sends one to three requests at the same time, as from several tabs.
    async fn count(&self, session: &BrowserSession) {
        let mut asking = JoinSet::new();
        for _ in 0..rand::random_range(1..=3) {
            let (port, cookie) = (self.port, session.cookie.clone());
            asking.spawn(async move { ask(port, "POST", "/count", Some(&cookie)).await });
        }
        for answer in asking.join_all().await {
            self.note(session, &answer, EventKind::Counted).await;
        }
    }

    async fn push(&self, session: &BrowserSession) {
        let item = rand::random_range(0..1 << 50);
        let answer = ask(self.port, "POST", &format!("/push?item={item}"), Some(&session.cookie)).await;
        self.note(session, &answer, |outcome| EventKind::Pushed(item, outcome)).await;
    }

    async fn view(&self, session: &BrowserSession) {
        match ask(self.port, "GET", "/", Some(&session.cookie)).await {
            Response::Page(page, _) => self.journal.write(session.id, EventKind::Seen(page)),
            other => self.pause_after_refusal(session.id, &other).await,
        }
    }

    async fn renew(&mut self, browser: usize, session: BrowserSession) {
        match ask(self.port, "POST", "/renew", Some(&session.cookie)).await {
            Response::Page(page, cookie) => {
                let id = session.id;
                self.journal.write(id, EventKind::Seen(page));
                if let Some(cookie) = cookie {
                    self.browsers[browser] = Some(BrowserSession { id, cookie });
                }
            }
            other => {
                // If the session has a new id, no client has received it.
                self.journal.write(session.id, EventKind::IdLost);
                self.pause_after_refusal(session.id, &other).await;
                self.abandon(browser, session);
            }
        }
    }

    async fn log_out(&mut self, browser: usize, session: BrowserSession) {
        let answer = ask(self.port, "POST", "/logout", Some(&session.cookie)).await;
        self.journal.write(session.id, EventKind::Ended(outcome(&answer)));
        self.pause_after_refusal(session.id, &answer).await;
        self.abandon(browser, session);
    }

    /// Ends the sessions of both browsers.
    async fn revoke(&mut self, browser: usize, session: BrowserSession) {
        let answer = ask(self.port, "POST", "/revoke", Some(&session.cookie)).await;
        self.pause_after_refusal(session.id, &answer).await;
        self.journal.write(session.id, EventKind::Ended(outcome(&answer)));
        self.abandon(browser, session);
        if let Some(other) = self.browsers[1 - browser].take() {
            self.journal.write(other.id, EventKind::Ended(outcome(&answer)));
            self.abandon(1 - browser, other);
        }
    }

    fn abandon(&mut self, browser: usize, session: BrowserSession) {
        self.browsers[browser] = None;
        self.former.push(session);
    }

    /// Records the response to a write. The write is acknowledged if the page shows a user, because the application
    /// writes nothing without one.
    async fn note(&self, session: &BrowserSession, answer: &Response, kind: impl Fn(Outcome) -> EventKind) {
        if let Response::Page(page, _) = answer {
            self.journal.write(session.id, EventKind::Seen(page.clone()));
        }
        let is_acknowledged = matches!(answer, Response::Page(SessionView { user: Some(_), .. }, _));
        self.journal
            .write(session.id, kind(if is_acknowledged { Outcome::Acknowledged } else { Outcome::Unknown }));
        self.pause_after_refusal(session.id, answer).await;
    }

    /// Waits briefly if there is no page. Also records a refusal that does not state when to retry.
    async fn pause_after_refusal(&self, session: u64, answer: &Response) {
        match answer {
            Response::Page(..) => return,
            Response::Unavailable { has_retry_time: false } => {
                self.journal.write(session, EventKind::RefusedWithoutRetryTime)
            }
            Response::Unavailable { has_retry_time: true } | Response::None => {}
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn outcome(answer: &Response) -> Outcome {
    if let Response::Page(..) = answer { Outcome::Acknowledged } else { Outcome::Unknown }
}
