use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header, request};
use hardtack::{Key, KeyRing, MemoryStore, SessionLayer};
use tour::{Kind, Kinds};
use tower::ServiceExt;

/// The tour, with sessions of a kind.
pub(crate) fn tour(kind: Kind) -> Router {
    let keys = KeyRing::new(Key::new("a secret of more than sixteen bytes").unwrap());
    tour::app(Kinds::new(kind, keys, SessionLayer::stored(MemoryStore::new())))
}

/// A browser that keeps cookies, and follows no redirect by itself.
#[derive(Clone)]
pub(crate) struct Browser {
    app: Router,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// A page as it came.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(app: &Router) -> Self {
        Self { app: app.clone(), cookies: BTreeMap::new() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path), "").await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Page {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.header("sec-fetch-site", "same-origin"), form).await
    }

    pub(crate) async fn log_in(&mut self, name: &str, password: &str) -> Page {
        self.post("/login", &format!("username={name}&password={password}")).await
    }

    pub(crate) async fn send(
        &mut self,
        mut request: request::Builder,
        body: &str,
    ) -> Page {
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        let response = self
            .app
            .clone()
            .oneshot(request.body(Body::from(body.to_owned())).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let body =
            String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        let page = Page { status: parts.status, headers: parts.headers, body };
        for cookie in page.set_cookies() {
            self.keep(cookie);
        }
        page
    }

    fn keep(&mut self, cookie: &str) {
        let (name, rest) = cookie.split_once('=').unwrap();
        let (value, attributes) = rest.split_once(';').unwrap_or((rest, ""));
        if attributes.split("; ").any(|attribute| attribute.trim() == "Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Page {
    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect()
    }

    /// A header's value, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn shows(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    /// What the page says has happened.
    pub(crate) fn happened(&self) -> &str {
        let from =
            self.body.find("<h2 id=\"happened\">").expect("a page about something");
        let to = self.body.find("<h2 id=\"wire\">").expect("a page about something");
        self.body[from..to].trim()
    }

    /// The same as a reader sees it.
    pub(crate) fn text_of_happened(&self) -> String {
        text(self.happened())
    }

    /// The headers that it shows, as a reader sees them.
    pub(crate) fn wire(&self) -> String {
        let from =
            self.body.find("<h2 id=\"wire\">").expect("a page that shows its headers");
        let to =
            self.body.find("<h2 id=\"lines\">").expect("a page that shows its headers");
        text(&self.body[from..to])
    }
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
