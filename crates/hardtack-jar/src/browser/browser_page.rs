use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use url::Url;

use super::browser_form::BrowserForm;
use super::outline::Outline;
use crate::error::{Error, ErrorKind};
use crate::jar::JarChange;
use crate::set_cookie::Refusal;

/// A page that the browser received, after following any redirects.
#[derive(Debug)]
pub struct BrowserPage {
    pub(super) url: Url,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) redirects: Vec<Redirect>,
    pub(super) received: Vec<ReceivedCookie>,
}

/// A redirect that led to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    pub(super) url: Url,
    pub(super) status: StatusCode,
}

/// A `Set-Cookie` field in the response of a page or of a redirect, and its effect on the jar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedCookie {
    pub(super) line: String,
    pub(super) outcome: Result<JarChange, Refusal>,
}

/// A link on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserLink {
    text: String,
    url: Url,
}

impl BrowserPage {
    /// Returns the URL of the page, after redirects.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the path and query of the URL: `/profile?tab=2`.
    pub fn path(&self) -> &str {
        &self.url[url::Position::BeforePath..url::Position::AfterQuery]
    }

    /// Returns the status code, such as `200 OK`.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns all header fields.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the value of the first header field with this name, or `None` if there is none or it is not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the body as text; invalid UTF-8 becomes `U+FFFD`.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns whether the body, including its tags, contains this text.
    pub fn shows(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// Deserializes the body from JSON.
    ///
    /// # Errors
    ///
    /// Fails if the body is not JSON that deserializes into this type.
    #[cfg(feature = "json")]
    pub fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Error::new(ErrorKind::Browser, "the page is not JSON of the requested type").with_source(error)
        })
    }

    /// Returns the redirects that led to the page, in order.
    pub fn redirects(&self) -> &[Redirect] {
        &self.redirects
    }

    /// Returns the values of all `Set-Cookie` fields in the responses of the redirects and of the page.
    pub fn set_cookies(&self) -> Vec<&str> {
        self.received.iter().map(ReceivedCookie::line).collect()
    }

    /// Returns all `Set-Cookie` fields in the responses of the redirects and of the page, each with its effect on the
    /// jar.
    pub fn received(&self) -> &[ReceivedCookie] {
        &self.received
    }

    /// Returns the page's title.
    pub fn title(&self) -> Option<String> {
        self.outline().title
    }

    /// Returns the page's forms, in order.
    pub fn forms(&self) -> Vec<BrowserForm> {
        self.outline().forms.iter().map(|form| BrowserForm::new(&self.url, form)).collect()
    }

    /// Returns the page's first form with this `id`, `name`, or `action`. If the page has only one form, `""` selects
    /// it.
    ///
    /// # Errors
    ///
    /// Fails if the page has no such form.
    pub fn form(&self, name: &str) -> Result<BrowserForm, Error> {
        let mut forms = self.forms();
        if name.is_empty() && forms.len() == 1 {
            return Ok(forms.remove(0));
        }
        let count = forms.len();
        let found = forms.into_iter().find(|form| !name.is_empty() && form.is_called(name));
        found.ok_or_else(|| {
            let path = self.path();
            Error::new(
                ErrorKind::Browser,
                format!("the page {path} ({}) has no form `{name}`; it has {count}", self.status),
            )
        })
    }

    /// Returns the page's links with valid URLs, in order.
    pub fn links(&self) -> Vec<BrowserLink> {
        let links = self.outline().links;
        links
            .into_iter()
            .filter_map(|(text, href)| Some(BrowserLink { text, url: self.url.join(&href).ok()? }))
            .collect()
    }

    /// Returns the first link whose text is `text`, or whose target is the path or URL `text`.
    ///
    /// # Errors
    ///
    /// Fails if the page has no such link.
    pub fn link(&self, text: &str) -> Result<BrowserLink, Error> {
        let leads =
            |link: &BrowserLink| link.text == text || self.url.join(text).is_ok_and(|url| url == link.url);
        let found = self.links().into_iter().find(leads);
        found.ok_or_else(|| {
            Error::new(ErrorKind::Browser, format!("the page {} has no link `{text}`", self.path()))
        })
    }

    fn outline(&self) -> Outline {
        Outline::read(&self.text())
    }

    /// Returns the URL to which the response redirects, or `None` if it is not a redirect to a valid URL.
    pub(super) fn location(&self) -> Option<Url> {
        if !matches!(self.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = self.headers.get(header::LOCATION)?;
        let mut url = self.url.join(str::from_utf8(location.as_bytes()).ok()?).ok()?;
        if url.fragment().is_none() {
            url.set_fragment(self.url.fragment());
        }
        Some(url)
    }
}

impl Redirect {
    /// Returns the URL that redirected.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the status code of the redirect.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl ReceivedCookie {
    /// Returns the field's value.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Returns the change that the cookie made to the jar, or the reason why it was refused.
    pub fn outcome(&self) -> Result<JarChange, Refusal> {
        self.outcome
    }
}

impl BrowserLink {
    /// Returns the text of the link.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the URL of the link.
    pub fn url(&self) -> &Url {
        &self.url
    }
}
