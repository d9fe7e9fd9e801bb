use std::time::{Duration, SystemTime};

use hardtack_jar::{Advisor, Finding, Jar, RequestContext, Role, Rule, SetCookieLine, StoredCookie};
use reqwest::header::{CACHE_CONTROL, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, redirect};
use url::Url;

use super::audited_page::{AuditedCookie, AuditedPage, PageFinding};
use super::unreached::Unreached;
use crate::exit::Exit;
use crate::failure::Failure;

/// An HTTP client that acts like a browser, without rendering pages: it follows redirects, checks each cookie, and
/// stores the cookie in its jar.
pub(super) struct Visitor {
    client: Client,
    timeout: Duration,
    jar: Jar,
    sessions: Vec<String>,
}

/// The pages of a visit, in the order of the redirects.
pub(super) struct Visit {
    pub(super) pages: Vec<AuditedPage>,
    /// The page at which the visit failed, if it did.
    pub(super) unreached: Option<Unreached>,
}

/// The maximum number of pages in a visit, including those that redirect. Browsers follow at most 20 redirects.
const MAX_REDIRECTS: usize = 20;

/// The TLS certificates that a visitor accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certificates {
    /// Certificates that the system trusts.
    Checked,
    /// Every certificate.
    Unchecked,
}

impl Visitor {
    pub(super) fn new(
        jar: Jar,
        sessions: Vec<String>,
        certificates: Certificates,
        timeout: Duration,
    ) -> Result<Self, Failure> {
        // An error means that a provider is already installed, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(timeout)
            .user_agent(concat!("hardtack/", env!("CARGO_PKG_VERSION"), " (audit of cookies)"))
            .tls_danger_accept_invalid_certs(certificates == Certificates::Unchecked)
            .build()
            .map_err(|error| Failure::caused(Exit::Unreachable, &error))?;
        Ok(Self { client, timeout, jar, sessions })
    }

    /// Creates a visitor with the same settings and the given jar.
    pub(super) fn with_jar(&self, jar: Jar) -> Self {
        Self { client: self.client.clone(), timeout: self.timeout, jar, sessions: self.sessions.clone() }
    }

    pub(super) fn jar(&self) -> &Jar {
        &self.jar
    }

    /// Returns the role of a cookie: a session if the user listed its name with `--session`, and otherwise a guess.
    pub(super) fn role(&self, cookie: &StoredCookie) -> Role {
        let is_given = self.sessions.iter().any(|session| session.as_bytes() == cookie.name());
        if is_given { Role::Session } else { Role::guess(cookie.name(), cookie.value()) }
    }

    /// Visits a page and follows its redirects. If a page cannot be reached, the result contains the pages before it.
    pub(super) async fn visit(&mut self, target: &Url) -> Visit {
        let mut pages = Vec::new();
        let mut next = Some(target.clone());
        while let Some(url) = next {
            if pages.len() == MAX_REDIRECTS {
                let reason = format!("redirected more than {MAX_REDIRECTS} times: check for a redirect loop");
                let unreached = Unreached { url, from: None, reason }.from(target);
                return Visit { pages, unreached: Some(unreached) };
            }
            match self.fetch(url).await {
                Ok((page, redirect_target)) => {
                    pages.push(page);
                    next = redirect_target;
                }
                Err(unreached) => return Visit { pages, unreached: Some(unreached.from(target)) },
            }
        }
        Visit { pages, unreached: None }
    }

    /// Fetches one page. Also returns the target of its redirect, if it has one.
    async fn fetch(&mut self, url: Url) -> Result<(AuditedPage, Option<Url>), Unreached> {
        let request = match RequestContext::url(&url) {
            Ok(request) => request,
            Err(error) => return Err(Unreached { url, from: None, reason: error.to_string() }),
        };
        let mut headers = HeaderMap::new();
        self.jar.put_header(&request, &mut headers, SystemTime::now());
        let response = match self.client.get(url.clone()).headers(headers).send().await {
            Ok(response) => response,
            Err(error) => return Err(Unreached::unanswered(url, &error.without_url(), self.timeout)),
        };
        let cookies = self.check(&request, response.headers());
        let next =
            response.status().is_redirection().then(|| redirect_target(&url, response.headers())).flatten();
        let downgrade = url.scheme() == "https" && next.as_ref().is_some_and(|next| next.scheme() == "http");
        let downgrade =
            downgrade.then(|| PageFinding { cookie: None, finding: Finding::new(Rule::Downgrade) });
        let findings = downgrade.into_iter().collect();
        Ok((AuditedPage { url, status: response.status().as_u16(), cookies, findings }, next))
    }

    /// Checks the cookies in a response, and then stores them in the jar.
    fn check(&mut self, request: &RequestContext, headers: &HeaderMap) -> Vec<AuditedCookie> {
        let now = SystemTime::now();
        let lines: Vec<_> = headers.get_all(SET_COOKIE).iter().collect();
        let cache_control = headers.get_all(CACHE_CONTROL).iter().filter_map(|field| field.to_str().ok());
        let cache_control = cache_control.collect::<Vec<_>>().join(",");
        let mut advisor = Advisor::new(&self.jar, request, now);
        for session in &self.sessions {
            advisor = advisor.session(session);
        }
        let findings = advisor.response(&lines, Some(&cache_control));
        let taken = self.jar.take_headers(request, headers, now);
        let cookies = lines.iter().zip(findings).zip(taken);
        cookies
            .map(|((line, findings), taken)| AuditedCookie {
                name: name(line.as_bytes()),
                kept: taken.is_ok(),
                findings,
            })
            .collect()
    }
}

/// Returns the target of a response's redirect, or `None` if the response states no valid target, or if the target is
/// not a web page.
fn redirect_target(url: &Url, headers: &HeaderMap) -> Option<Url> {
    let location = str::from_utf8(headers.get(LOCATION)?.as_bytes()).ok()?;
    let next = url.join(location).ok()?;
    matches!(next.scheme(), "http" | "https").then_some(next)
}

/// Returns the name of the cookie in a `Set-Cookie` line, even if every browser refuses that line.
fn name(line: &[u8]) -> String {
    let name = match SetCookieLine::parse(line) {
        Ok(line) => line.name(),
        Err(_) => line.split(|&byte| byte == b'=').next().unwrap_or_default(),
    };
    String::from_utf8_lossy(name).into_owned()
}
