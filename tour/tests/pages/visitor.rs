use axum::Router;
use hardtack::{Key, KeyRing, MemoryStore, SessionLayer};
use hardtack_jar::{Browser, BrowserPage, Error};
use tour::{Backend, SessionLayers};

/// The result of a test of the tour.
pub(crate) type Outcome = Result<(), Error>;

/// Returns the tour, with the given backend as the default.
pub(crate) fn tour(backend: Backend) -> Router {
    let keys = KeyRing::new(Key::new("a secret of more than sixteen bytes").unwrap());
    tour::app(SessionLayers::new(
        backend,
        keys,
        SessionLayer::stored(MemoryStore::new()),
    ))
}

/// Returns a browser that visits the tour, and does not follow redirects.
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

/// Returns the value of the session cookie in the browser.
pub(crate) fn session_cookie(browser: &Browser) -> String {
    browser.cookie("__Host-session").expect("a session")
}

/// Methods that return the parts of a page of the tour.
pub(crate) trait TourPage {
    /// Returns the HTML of the part that shows a result.
    fn result(&self) -> String;

    /// Returns the text of the part that shows a result, as a reader sees it.
    fn result_text(&self) -> String;

    /// Returns the text of the part that shows the headers, as a reader sees it.
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

/// Returns the text of a page without tags. Inline tags are removed, and all other tags are replaced by spaces.
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
