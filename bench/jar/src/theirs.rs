//! Runs the corpus through `cookie_store`, with the public suffix list of the system.

use std::sync::LazyLock;
use std::time::SystemTime;

use cookie_store::{Cookie, CookieDomain, CookieExpiration, CookiePath, CookieStore};
use publicsuffix::List;
use url::Url;

use crate::subject::{Exchange, Parsed, Subject};

static SUFFIXES: LazyLock<Option<List>> = LazyLock::new(|| {
    std::fs::read_to_string("/usr/share/publicsuffix/public_suffix_list.dat").ok()?.parse().ok()
});

pub(crate) struct Theirs(CookieStore);

impl Subject for Theirs {
    fn new(most_per_host: Option<usize>) -> Option<Self> {
        most_per_host.is_none().then(|| Self(CookieStore::new_with_public_suffix(SUFFIXES.clone())))
    }

    /// Returns whether `cookie_store` supports a requirement of a case. `cookie_store` uses the system's clock,
    /// distinguishes requests only by the URL's scheme, and receives no information about sites.
    fn has(requirement: &str) -> bool {
        requirement == "localhost_secure" || (requirement == "psl" && SUFFIXES.is_some())
    }

    fn set(&mut self, exchange: &Exchange<'_>, line: &[u8]) -> Option<bool> {
        let Ok(url) = Url::parse(exchange.url) else { return Some(false) };
        let Ok(line) = str::from_utf8(line) else { return Some(false) };
        Some(self.0.parse(line, &url).is_ok())
    }

    fn header(&mut self, exchange: &Exchange<'_>) -> Option<Vec<u8>> {
        let Ok(url) = Url::parse(exchange.url) else { return Some(Vec::new()) };
        Some(header(&self.0, &url).into_bytes())
    }

    fn parse(url: &str, line: &[u8], _now: SystemTime) -> Option<Parsed> {
        let url = Url::parse(url).ok()?;
        let parsed = str::from_utf8(line).ok().and_then(|line| Cookie::parse(line.to_owned(), &url).ok());
        let Some(cookie) = parsed else { return Some(Parsed::Refused) };
        Some(Parsed::Cookie {
            name: cookie.name().into(),
            value: cookie.value().into(),
            secure: cookie.secure() == Some(true),
            http_only: cookie.http_only() == Some(true),
            same_site: cookie.same_site().map(|same_site| match same_site.to_string().as_str() {
                "Strict" => "strict",
                "Lax" => "lax",
                _ => "none",
            }),
            path: Some(String::from(&cookie.path)),
            partitioned: cookie.partitioned() == Some(true),
            persistent: cookie.is_persistent(),
        })
    }

    fn date(text: &str) -> Option<Option<SystemTime>> {
        let url = Url::parse("https://example.com/").ok()?;
        let cookie = Cookie::parse(format!("a=b; Expires={text}"), &url).ok()?;
        Some(match cookie.expires {
            CookieExpiration::AtUtc(time) => Some(time.into()),
            CookieExpiration::SessionEnd => None,
        })
    }

    fn path_match(request_path: &str, cookie_path: &str) -> Option<bool> {
        let url = Url::parse(&format!("https://example.com{request_path}")).ok()?;
        Some(CookiePath::parse(cookie_path)?.matches(&url))
    }

    fn default_path(path: &str) -> Option<String> {
        let url = Url::parse(&format!("https://example.com{path}")).ok()?;
        Some(String::from(&CookiePath::default_path(&url)))
    }

    fn domain_match(host: &str, domain: &str) -> Option<bool> {
        Self::cookie_domain_match(host, domain, false)
    }

    fn cookie_domain_match(host: &str, domain: &str, host_only: bool) -> Option<bool> {
        let url = Url::parse(&format!("https://{host}/")).ok()?;
        let domain = domain.strip_prefix('.').unwrap_or(domain).to_owned();
        Some(
            if host_only { CookieDomain::HostOnly(domain) } else { CookieDomain::Suffix(domain) }
                .matches(&url),
        )
    }

    fn canonical_host(host: &str) -> Option<String> {
        let url = Url::parse(&format!("https://{host}/")).ok()?;
        Some(CookieDomain::host_only(&url).ok()?.as_cow()?.into_owned())
    }
}

/// Returns the value of the `Cookie` field.
pub(crate) fn header(store: &CookieStore, url: &Url) -> String {
    let mut header = String::new();
    for (name, value) in store.get_request_values(url) {
        if !header.is_empty() {
            header.push_str("; ");
        }
        header.push_str(name);
        header.push('=');
        header.push_str(value);
    }
    header
}
