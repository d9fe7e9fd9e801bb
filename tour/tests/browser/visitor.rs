use std::time::SystemTime;

use hardtack_chromium::{BrowserCookie, Chromium, Context, Page, Response, Scripts};
use tokio::sync::OnceCell;
use tour::Kind;

use crate::expected::Expected;
use crate::tour::Tour;

/// One browser for all tests, which stops when they end.
static CHROMIUM: OnceCell<Chromium> = OnceCell::const_new();

/// A visitor who opens the tour for the first time, with a separate browser profile.
pub(crate) struct Visitor {
    pub(crate) kind: Kind,
    scripts: Scripts,
    pub(crate) page: Page,
    pub(crate) context: Context,
    url: String,
    since: SystemTime,
}

impl Visitor {
    pub(crate) async fn new(tour: &Tour, scripts: Scripts) -> Self {
        let chromium =
            CHROMIUM.get_or_init(async || Chromium::start().await.unwrap()).await;
        Self::come(chromium, tour.kind, scripts, tour.url.clone()).await
    }

    /// Creates another visitor, or the same person with another browser.
    pub(crate) async fn another(&self) -> Self {
        let chromium = CHROMIUM.get().expect("this visitor has come with it");
        Self::come(chromium, self.kind, self.scripts, self.url.clone()).await
    }

    async fn come(
        chromium: &Chromium,
        kind: Kind,
        scripts: Scripts,
        url: String,
    ) -> Self {
        let context = chromium.context().await.unwrap();
        let page = context.page().await.unwrap();
        page.set_scripts(scripts).await.unwrap();
        Self { kind, scripts, page, context, url, since: SystemTime::now() }
    }

    /// Opens a page, and checks that the status is 200.
    pub(crate) async fn open(&self, path: &str) -> Response {
        self.open_for(path, 200).await
    }

    /// Opens a page, and checks the status.
    pub(crate) async fn open_for(&self, path: &str, status: u16) -> Response {
        let answer = self.page.open(&format!("{}{path}", self.url)).await.unwrap();
        assert_eq!(answer.status, status, "{path}");
        answer
    }

    /// Clicks a link to another page, and checks that its path is `path`.
    pub(crate) async fn follow(&self, selector: &str, path: &str) {
        let answer = self.page.follow(selector).await.unwrap();
        assert_eq!(
            (answer.status, self.path().await.as_str()),
            (200, path),
            "after {selector}"
        );
    }

    /// Clicks a link to another page, and checks the status.
    pub(crate) async fn follow_for(&self, selector: &str, status: u16) {
        let answer = self.page.follow(selector).await.unwrap();
        assert_eq!(answer.status, status, "after {selector}");
    }

    /// Returns the path in the address bar, with its query.
    pub(crate) async fn path(&self) -> String {
        self.page.evaluate("location.pathname + location.search").await.unwrap()
    }

    pub(crate) async fn text(&self, selector: &str) -> String {
        self.page.text(selector).await.unwrap()
    }

    /// Returns the text about what happened on the page.
    pub(crate) async fn happened(&self) -> String {
        self.text(".happened").await
    }

    /// Returns the headers that the page shows.
    pub(crate) async fn wire(&self) -> String {
        self.text(".wire").await
    }

    pub(crate) async fn cookies(&self) -> Vec<BrowserCookie> {
        self.context.cookies().await.unwrap()
    }

    /// Checks that the browser's list of cookies is exactly this, in every attribute.
    pub(crate) async fn keeps(&self, expected: &[Expected]) {
        let kept = self.cookies().await;
        let mut names: Vec<_> =
            kept.iter().map(|cookie| cookie.name.as_str()).collect();
        let mut expected_names: Vec<_> =
            expected.iter().map(|cookie| cookie.name).collect();
        names.sort_unstable();
        expected_names.sort_unstable();
        assert_eq!(names, expected_names, "at {}", self.path().await);
        for cookie in &kept {
            let expected =
                expected.iter().find(|expected| expected.name == cookie.name).unwrap();
            expected.check(cookie, self.since, SystemTime::now());
        }
    }

    /// Returns the expected session cookie.
    pub(crate) fn session(&self) -> Expected {
        Expected::session(self.kind)
    }

    /// Returns the expected cookies after the session was emptied: a session on the server still exists, but is empty.
    pub(crate) fn with_emptied_session(&self, others: &[Expected]) -> Vec<Expected> {
        let session = (self.kind == Kind::Stored).then(|| self.session());
        others.iter().cloned().chain(session).collect()
    }

    /// Returns the session cookie, which must exist.
    pub(crate) async fn session_cookie(&self) -> BrowserCookie {
        let name = self.session().name;
        self.cookies().await.into_iter().find(|cookie| cookie.name == name).unwrap()
    }

    /// Returns the beginning of the session cookie's value.
    pub(crate) async fn begins(&self) -> String {
        self.session_cookie().await.value[..6].to_owned()
    }

    /// Checks that the browser stores a session cookie.
    pub(crate) async fn keeps_session(&self) {
        let session = self.session_cookie().await;
        self.session().check(&session, self.since, SystemTime::now());
    }

    pub(crate) async fn log_in(&self, name: &str, password: &str) {
        self.page.fill("#username", name).await.unwrap();
        self.page.fill("#password", password).await.unwrap();
        let answer = self.page.follow(".action button").await.unwrap();
        assert_eq!(answer.status, 200);
    }

    /// Returns whether scripts run. Parts of some pages need them.
    pub(crate) fn runs_scripts(&self) -> bool {
        self.scripts == Scripts::On
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}
