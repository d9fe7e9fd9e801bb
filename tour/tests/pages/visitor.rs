use axum::Router;
use hardtack::{Key, KeyRing, MemoryStore, SessionLayer};
use hardtack_jar::{Browser, Error, Page};
use tour::{Kind, Kinds};

/// What a test of the tour ends with.
pub(crate) type Outcome = Result<(), Error>;

/// The tour, with sessions of a kind.
pub(crate) fn tour(kind: Kind) -> Router {
    let keys = KeyRing::new(Key::new("a secret of more than sixteen bytes").unwrap());
    tour::app(Kinds::new(kind, keys, SessionLayer::stored(MemoryStore::new())))
}

/// A browser at the tour, which shows a redirect instead of following it.
pub(crate) fn visitor(kind: Kind) -> Browser {
    Browser::new(tour(kind)).stop_at_redirects()
}

pub(crate) async fn log_in(
    browser: &Browser,
    name: &str,
    password: &str,
) -> Result<Page, Error> {
    browser.post("/login", &[("username", name), ("password", password)]).await
}

/// The session's cookie, as the browser holds it.
pub(crate) fn session_cookie(browser: &Browser) -> String {
    browser.cookie("__Host-session").expect("a session")
}

/// What there is on the pages of the tour.
pub(crate) trait TourPage {
    /// What the page says has happened.
    fn happened(&self) -> String;

    /// The same as a reader sees it.
    fn text_of_happened(&self) -> String;

    /// The headers that it shows, as a reader sees them.
    fn wire(&self) -> String;
}

impl TourPage for Page {
    fn happened(&self) -> String {
        between(&self.text(), "happened", "wire").trim().to_owned()
    }

    fn text_of_happened(&self) -> String {
        text(&self.happened())
    }

    fn wire(&self) -> String {
        text(between(&self.text(), "wire", "lines"))
    }
}

/// From the heading with an id to another.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let heading = |id: &str| {
        page.find(&format!("<h2 id=\"{id}\">")).expect("a page about something")
    };
    &page[heading(from)..heading(to)]
}

/// A page's text without its marks: those of words stand for nothing, all others for a space.
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
