//! Sends a tab's request with the headers that a browser adds, and follows redirects.

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request};
use url::{Origin, Position, Url};

use super::browser_body::BrowserBody;
use super::browser_context::{BrowserContext, Redirects};
use super::browser_page::{BrowserPage, Redirect};
use crate::error::{Error, ErrorKind};
use crate::request::{RequestContext, RequestKind, Site, SiteContext, SuffixList};

/// A request from a tab.
pub(super) struct Visit {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The URL of the page that initiates the request, or `None` if the visitor does.
    pub(super) initiator: Option<Url>,
    pub(super) mode: Mode,
}

/// Whether the tab navigates to the response.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Navigate,
    Fetch,
}

/// The maximum number of redirects that browsers follow (Fetch, section 4.4).
const MAX_REDIRECTS: usize = 20;

/// How far a request's URLs are from the page that initiates the request. If there are redirects, the most distant URL
/// decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    Visitor,
    SameOrigin,
    SameSite,
    CrossSite,
}

impl Visit {
    /// Sends the request, and follows redirects.
    pub(super) async fn go(mut self, browser: &BrowserContext) -> Result<BrowserPage, Error> {
        let (mut redirects, mut received) = (Vec::new(), Vec::new());
        let mut distance = Distance::Visitor;
        loop {
            let context = RequestContext::url(&self.url)?;
            let suffixes = browser.jar().suffix_list();
            let site = context.site(&*suffixes);
            let initiator = self.initiator_site(&*suffixes)?;
            distance = distance.max(self.distance(initiator.as_ref(), &site));
            let context = context.context(SiteContext::of(initiator.as_ref(), &site, self.kind()));
            let mut page = self.send(browser, &context, distance).await?;
            received.append(&mut page.received);
            let next = if browser.redirects == Redirects::Follow { page.location() } else { None };
            let Some(next) = next else {
                (page.redirects, page.received) = (redirects, received);
                return Ok(page);
            };
            if redirects.len() == MAX_REDIRECTS {
                return Err(Error::new(
                    ErrorKind::Browser,
                    "there are more than 20 redirects: check for a redirect loop",
                ));
            }
            let changes_method = match page.status.as_u16() {
                303 => !matches!(self.method, Method::GET | Method::HEAD),
                301 | 302 => self.method == Method::POST,
                _ => false,
            };
            if changes_method {
                self.method = Method::GET;
                self.body = Bytes::new();
                for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING] {
                    self.headers.remove(name);
                }
            }
            redirects.push(Redirect { url: page.url, status: page.status });
            self.url = next;
        }
    }

    async fn send(
        &self,
        browser: &BrowserContext,
        context: &RequestContext,
        distance: Distance,
    ) -> Result<BrowserPage, Error> {
        let mut request = Request::new(BrowserBody::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.url[..Position::AfterQuery].parse().map_err(|error| {
            Error::new(ErrorKind::Browser, "the URL is not valid in a request").with_source(error)
        })?;
        *request.headers_mut() = self.headers_for(context, distance);
        if !self.headers.contains_key(header::COOKIE) {
            browser.jar().put_header(context, request.headers_mut(), browser.now());
        }
        let response = browser.client.send(request).await.map_err(|error| {
            Error::new(ErrorKind::Browser, format!("{} {} got no response", self.method, self.url.path()))
                .with_source(error)
        })?;
        Ok(browser.receive(context, &self.url, response))
    }

    /// Returns the request's headers, and adds the headers that browsers send (Fetch Metadata, and Fetch, section 3.2),
    /// except those that the test has set.
    fn headers_for(&self, context: &RequestContext, distance: Distance) -> HeaderMap {
        let mut headers = self.headers.clone();
        let mut say = |name: HeaderName, value: &str| {
            if let (Ok(value), false) = (HeaderValue::from_str(value), headers.contains_key(&name)) {
                headers.insert(name, value);
            }
        };
        say(header::HOST, &self.url[Position::BeforeHost..Position::AfterPort]);
        say(header::ACCEPT, "*/*");
        // Browsers send Fetch Metadata only to potentially trustworthy URLs.
        if context.encrypted || context.loopback {
            say(
                HeaderName::from_static("sec-fetch-site"),
                match distance {
                    Distance::Visitor => "none",
                    Distance::SameOrigin => "same-origin",
                    Distance::SameSite => "same-site",
                    Distance::CrossSite => "cross-site",
                },
            );
            let (mode, destination) = match self.mode {
                Mode::Navigate => ("navigate", "document"),
                Mode::Fetch => ("cors", "empty"),
            };
            say(HeaderName::from_static("sec-fetch-mode"), mode);
            say(HeaderName::from_static("sec-fetch-dest"), destination);
        }
        if let Some(initiator) = &self.initiator {
            let origin = initiator.origin().ascii_serialization();
            // Under the default policy, a page's own origin receives the page's whole URL, and other origins receive
            // only the page's origin.
            if distance == Distance::SameOrigin {
                say(header::REFERER, &initiator[..Position::AfterQuery]);
            } else {
                say(header::REFERER, &format!("{origin}/"));
            }
            if !matches!(self.method, Method::GET | Method::HEAD) {
                say(header::ORIGIN, &origin);
            }
        }
        headers
    }

    fn kind(&self) -> RequestKind {
        match self.mode {
            Mode::Fetch => RequestKind::Embedded,
            Mode::Navigate if self.method.is_safe() => RequestKind::Link,
            Mode::Navigate => RequestKind::Form,
        }
    }

    fn initiator_site(&self, suffixes: &dyn SuffixList) -> Result<Option<Site>, Error> {
        self.initiator
            .as_ref()
            .map(|initiator| Ok(RequestContext::url(initiator)?.site(suffixes)))
            .transpose()
    }

    fn distance(&self, initiator_site: Option<&Site>, site: &Site) -> Distance {
        let origin = self.initiator.as_ref().map(Url::origin);
        match (origin, initiator_site) {
            (Some(origin @ Origin::Tuple(..)), _) if origin == self.url.origin() => Distance::SameOrigin,
            (Some(_), Some(initiator_site)) if initiator_site == site => Distance::SameSite,
            (Some(_), _) => Distance::CrossSite,
            (None, _) => Distance::Visitor,
        }
    }
}
