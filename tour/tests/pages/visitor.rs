use axum::Router;
use hardtack::{Key, KeyRing, MemoryStore, SessionLayer};
use hardtack_jar::{Browser, BrowserPage, Error};
use tour::{Backend, SessionLayers};

/// The result of a test of the tour.
pub(crate) type Outcome = Result<(), Error>;

/// Returns the tour with sessions of the given backend.
pub(crate) fn tour(backend: Backend) -> Router {
    let keys = KeyRing::new(Key::new("a secret of more than sixteen bytes").unwrap());
    tour::app(SessionLayers::new(
        backend,
        keys,
        SessionLayer::stored(MemoryStore::new()),
    ))
}

/// Returns a browser for the tour that shows redirects instead of following them.
pub(crate) fn visitor(backend: Backend) -> Browser {
    Browser::new(tour(backend)).stop_at_redirects()
}

pub(crate) async fn log_in(
    browser: &Browser,
    name: &str,
    password: &str,
) -> Result<BrowserPage, Error> {
    browser.post("/login", &[("username", name), ("password", password)]).await
}

/// Returns the session cookie as the browser stores it.
pub(crate) fn session_cookie(browser: &Browser) -> String {
    browser.cookie("__Host-session").expect("a session")
}

/// The parts of a page of the tour.
pub(crate) trait TourPage {
    /// Returns the part about what happened.
    fn result(&self) -> String;

    /// Returns the text of that part as a reader sees it.
    fn result_text(&self) -> String;

    /// Returns the headers on the page as a reader sees them.
    fn shown_headers(&self) -> String;
}

impl TourPage for BrowserPage {
    fn result(&self) -> String {
        between(&self.text(), "result", "headers").trim().to_owned()
    }

    fn result_text(&self) -> String {
        text(&self.result())
    }

    fn shown_headers(&self) -> String {
        text(between(&self.text(), "headers", "code"))
    }
}

/// Returns the part of a page between two headings, given by their ids.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let heading = |id: &str| {
        page.find(&format!("<h2 id=\"{id}\">")).expect("a page about something")
    };
    &page[heading(from)..heading(to)]
}

/// Returns the text of a page without tags. Tags inside words are removed, and all others become spaces.
fn text(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        let (mark, words) = piece.split_once('>').unwrap_or(("", piece));
        let name = mark.trim_start_matches('/').split(' ').next().unwrap_or_default();
        if !["b", "i", "span", "code", "output"].contains(&name) {
            text.push(' ');
        }
        text.push_str(words);
    }
    for (escaped, letter) in [
        ("&#x2f;", "/"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        text = text.replace(escaped, letter);
    }
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}
