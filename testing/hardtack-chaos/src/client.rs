use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::browser::{Answer, ask};
use crate::journal::{Journal, Known, What};
use crate::serve::Page;

/// One user with two browsers, who acts at random until it is time to stop.
pub(crate) struct Client {
    pub(crate) user: String,
    pub(crate) port: u16,
    pub(crate) journal: Arc<Journal>,
    pub(crate) stop: Arc<AtomicBool>,
    /// The current session of each browser.
    pub(crate) browsers: [Option<Tab>; 2],
    /// Earlier sessions, to check at the end.
    pub(crate) former: Vec<Tab>,
}

/// A session and its cookie.
#[derive(Debug, Clone)]
pub(crate) struct Tab {
    session: u64,
    cookie: String,
}

/// The number of ended sessions of each client that are checked at the end.
const MAX_FORMER_COOKIES: usize = 100;

impl Client {
    pub(crate) async fn work(&mut self) {
        while !self.stop.load(Ordering::Relaxed) {
            let (browser, deed) = (rand::random_range(0..2), rand::random_range(0..100));
            match self.browsers[browser].clone() {
                None => self.log_in(browser).await,
                Some(tab) => match deed {
                    0..50 => self.count(&tab).await,
                    50..75 => self.push(&tab).await,
                    75..84 => self.look(&tab).await,
                    84..92 => self.renew(browser, tab).await,
                    92..97 => self.log_out(browser, tab).await,
                    _ => self.revoke(browser, tab).await,
                },
            }
        }
    }

    /// Loads all former and current sessions, retrying as long as necessary.
    pub(crate) async fn look_back(&self) {
        for tab in self.former.iter().rev().take(MAX_FORMER_COOKIES).chain(self.browsers.iter().flatten()) {
            loop {
                if let Answer::Page(page, _) = ask(self.port, "GET", "/", Some(&tab.cookie)).await {
                    self.journal.write(tab.session, What::Left(page));
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }

    async fn log_in(&mut self, browser: usize) {
        let path = format!("/login?user={}", self.user);
        match ask(self.port, "POST", &path, None).await {
            Answer::Page(page, Some(cookie)) => {
                let session = self.journal.new_session();
                self.journal.write(session, What::Began { user: self.user.clone() });
                self.journal.write(session, What::Saw(page));
                self.browsers[browser] = Some(Tab { session, cookie });
            }
            other => self.rest(u64::MAX, &other).await,
        }
    }

    /// Sends a few requests at once, as from several tabs.
    async fn count(&self, tab: &Tab) {
        let mut asking = JoinSet::new();
        for _ in 0..rand::random_range(1..=3) {
            let (port, cookie) = (self.port, tab.cookie.clone());
            asking.spawn(async move { ask(port, "POST", "/count", Some(&cookie)).await });
        }
        for answer in asking.join_all().await {
            self.note(tab, &answer, What::Counted).await;
        }
    }

    async fn push(&self, tab: &Tab) {
        let item = rand::random_range(0..1 << 50);
        let answer = ask(self.port, "POST", &format!("/push?item={item}"), Some(&tab.cookie)).await;
        self.note(tab, &answer, |known| What::Pushed(item, known)).await;
    }

    async fn look(&self, tab: &Tab) {
        match ask(self.port, "GET", "/", Some(&tab.cookie)).await {
            Answer::Page(page, _) => self.journal.write(tab.session, What::Saw(page)),
            other => self.rest(tab.session, &other).await,
        }
    }

    async fn renew(&mut self, browser: usize, tab: Tab) {
        match ask(self.port, "POST", "/renew", Some(&tab.cookie)).await {
            Answer::Page(page, cookie) => {
                let session = tab.session;
                self.journal.write(session, What::Saw(page));
                if let Some(cookie) = cookie {
                    self.browsers[browser] = Some(Tab { session, cookie });
                }
            }
            other => {
                // The new id, if there is one, is unknown to everyone.
                self.journal.write(tab.session, What::Lost);
                self.rest(tab.session, &other).await;
                self.leave(browser, tab);
            }
        }
    }

    async fn log_out(&mut self, browser: usize, tab: Tab) {
        let answer = ask(self.port, "POST", "/logout", Some(&tab.cookie)).await;
        self.journal.write(tab.session, What::Ended(known(&answer)));
        self.rest(tab.session, &answer).await;
        self.leave(browser, tab);
    }

    /// Ends the sessions of both browsers.
    async fn revoke(&mut self, browser: usize, tab: Tab) {
        let answer = ask(self.port, "POST", "/revoke", Some(&tab.cookie)).await;
        self.rest(tab.session, &answer).await;
        self.journal.write(tab.session, What::Ended(known(&answer)));
        self.leave(browser, tab);
        if let Some(other) = self.browsers[1 - browser].take() {
            self.journal.write(other.session, What::Ended(known(&answer)));
            self.leave(1 - browser, other);
        }
    }

    fn leave(&mut self, browser: usize, tab: Tab) {
        self.browsers[browser] = None;
        self.former.push(tab);
    }

    /// Records an answer. A write counts as acknowledged if the page shows that it found its user.
    async fn note(&self, tab: &Tab, answer: &Answer, what: impl Fn(Known) -> What) {
        if let Answer::Page(page, _) = answer {
            self.journal.write(tab.session, What::Saw(page.clone()));
        }
        let is_acknowledged = matches!(answer, Answer::Page(Page { user: Some(_), .. }, _));
        self.journal.write(tab.session, what(if is_acknowledged { Known::Surely } else { Known::Maybe }));
        self.rest(tab.session, answer).await;
    }

    /// Waits a little after a refusal, as its answer requests.
    async fn rest(&self, session: u64, answer: &Answer) {
        match answer {
            Answer::Page(..) => return,
            Answer::Unavailable { says_when: false } => self.journal.write(session, What::Rude),
            Answer::Unavailable { says_when: true } | Answer::None => {}
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn known(answer: &Answer) -> Known {
    if let Answer::Page(..) = answer { Known::Surely } else { Known::Maybe }
}
