use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http::{Response, header};
use url::Url;

use super::browser_page::{BrowserPage, ReceivedCookie};
use super::http_client::HttpClient;
use crate::jar::Jar;
use crate::request::RequestContext;

/// The state that all tabs of one person share.
pub(super) struct BrowserContext {
    pub(super) client: Arc<dyn HttpClient>,
    pub(super) origin: Url,
    pub(super) clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    pub(super) redirects: Redirects,
    /// The lock is never held across an `await`, so that requests from two tabs can overlap, as in a real browser.
    jar: Mutex<Jar>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Redirects {
    Follow,
    Stop,
}

impl BrowserContext {
    pub(super) fn new(client: Arc<dyn HttpClient>, origin: Url) -> Self {
        Self {
            client,
            origin,
            clock: Arc::new(SystemTime::now),
            redirects: Redirects::Follow,
            jar: Mutex::default(),
        }
    }

    /// Returns the state of another person who uses the same application, with an empty jar.
    pub(super) fn stranger(&self) -> Self {
        self.with(self.jar().clone_empty())
    }

    /// Returns the state of another person who uses the same application, with a copy of all cookies.
    pub(super) fn thief(&self) -> Self {
        self.with(self.jar().clone())
    }

    fn with(&self, jar: Jar) -> Self {
        Self {
            client: Arc::clone(&self.client),
            origin: self.origin.clone(),
            clock: Arc::clone(&self.clock),
            redirects: self.redirects,
            jar: Mutex::new(jar),
        }
    }

    /// Stores the cookies of a response, and returns the response as a page.
    pub(super) fn receive(
        &self,
        context: &RequestContext,
        url: &Url,
        response: Response<Bytes>,
    ) -> BrowserPage {
        let (parts, body) = response.into_parts();
        let outcomes = self.jar().take_headers(context, &parts.headers, self.now());
        let lines = parts.headers.get_all(header::SET_COOKIE).iter();
        let lines = lines.map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
        BrowserPage {
            url: url.clone(),
            status: parts.status,
            received: lines.zip(outcomes).map(|(line, outcome)| ReceivedCookie { line, outcome }).collect(),
            headers: parts.headers,
            body,
            redirects: Vec::new(),
        }
    }

    pub(super) fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> SystemTime {
        (self.clock)()
    }
}
