//! Runs the corpus against this workspace: the jar for the client side, and the core's cookies for the server side.

use std::time::{Duration, SystemTime};

use hardtack_core::cookie::{Cookies, SetCookie};
use hardtack_jar::{
    BuiltInSuffixes, CookieRecord, Jar, Limits, RequestContext, SameSite, SiteContext, canonical_host,
    cookie_date, default_path, domain_match, path_match, registrable_domain,
};
use serde_json::Value as Json;

use crate::run::moment;
use crate::subject::{Exchange, Parsed, Reading, Subject};

pub(crate) struct Ours(Jar);

impl Subject for Ours {
    fn new(most_per_host: Option<usize>) -> Option<Self> {
        let limits = Limits::default();
        let limits = most_per_host.map_or(limits, |most| limits.per_domain(most));
        Some(Self(Jar::new().limits(limits)))
    }

    fn has(requirement: &str) -> bool {
        matches!(requirement, "clock" | "non_http" | "same_site" | "psl" | "limit50" | "localhost_secure")
    }

    /// Sets a cookie. Refuses a line from a URL that cannot have cookies.
    fn set(&mut self, exchange: &Exchange<'_>, line: &[u8]) -> Option<bool> {
        let Some(request) = request(exchange) else { return Some(false) };
        Some(self.0.set(&request, line, exchange.now).is_ok())
    }

    fn header(&mut self, exchange: &Exchange<'_>) -> Option<Vec<u8>> {
        let Some(request) = request(exchange) else { return Some(Vec::new()) };
        Some(self.0.header(&request, exchange.now).unwrap_or_default())
    }

    fn parse(url: &str, line: &[u8], _now: SystemTime) -> Option<Parsed> {
        let request = RequestContext::http(url).ok()?;
        let Ok(parsed) = hardtack_jar::SetCookieLine::parse(line) else { return Some(Parsed::Refused) };
        let path = match parsed.path() {
            Some(path) => String::from_utf8_lossy(path).into_owned(),
            None => default_path(request.path()).to_owned(),
        };
        Some(Parsed::Cookie {
            name: parsed.name().to_vec(),
            value: parsed.value().to_vec(),
            secure: parsed.is_secure(),
            http_only: parsed.is_http_only(),
            same_site: parsed.same_site().map(|same_site| match same_site {
                SameSite::Strict => "strict",
                SameSite::Lax => "lax",
                _ => "none",
            }),
            path: Some(path),
            partitioned: parsed.is_partitioned(),
            persistent: parsed.is_persistent(),
        })
    }

    fn date(text: &str) -> Option<Option<SystemTime>> {
        Some(cookie_date(text))
    }

    fn path_match(request_path: &str, cookie_path: &str) -> Option<bool> {
        Some(path_match(request_path, cookie_path))
    }

    fn default_path(path: &str) -> Option<String> {
        Some(default_path(path).to_owned())
    }

    /// Matches a host against a domain. The host is written as by users, and the domain as in a `Set-Cookie` line.
    fn domain_match(host: &str, domain: &str) -> Option<bool> {
        let host = canonical_host(host).unwrap_or_else(|| host.to_ascii_lowercase());
        let domain = domain.strip_prefix('.').filter(|domain| !domain.is_empty()).unwrap_or(domain);
        Some(domain_match(&host, &domain.to_ascii_lowercase()))
    }

    /// Returns whether a jar that contains such a cookie sends it to the host.
    fn cookie_domain_match(host: &str, domain: &str, host_only: bool) -> Option<bool> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000);
        let mut cookie = CookieRecord::new("a", "b", domain, now);
        cookie.host_only = host_only;
        let mut jar = Jar::new();
        jar.restore(&cookie, now).ok()?;
        let request = RequestContext::parts(hardtack_jar::Transport::Encrypted, host, "/").ok()?;
        Some(!jar.cookies(&request, now).is_empty())
    }

    fn canonical_host(host: &str) -> Option<String> {
        canonical_host(host)
    }

    fn registrable_domain(host: &str) -> Option<Option<String>> {
        let canonical = canonical_host(host)?;
        Some(registrable_domain(&BuiltInSuffixes, &canonical).map(str::to_owned))
    }

    fn read_cookies(headers: &[&str], reading: &Reading<'_>) -> Option<Vec<(String, String)>> {
        let cookies = Cookies::parse(headers);
        let mut found: Vec<(String, String)> = Vec::new();
        for ((name, value), (_, raw)) in cookies.iter().zip(cookies.iter_raw()) {
            let value = match (reading.decode, reading.quotes) {
                ("percent", _) => value.to_owned(),
                (_, "strip") => cookies.get_unquoted(name)?.to_owned(),
                _ => String::from_utf8(raw.to_vec()).ok()?,
            };
            if reading.duplicates != "first-wins" || found.iter().all(|(other, _)| other != name) {
                found.push((name.to_owned(), value));
            }
        }
        Some(found)
    }

    fn write_cookie(cookie: &Json) -> Option<Option<String>> {
        let text = |key: &str| cookie[key].as_str();
        let mut set = SetCookie::raw(text("name")?.to_owned(), text("value")?).no_path().no_same_site();
        for (key, value) in cookie.as_object()? {
            set = match key.as_str() {
                "name" | "value" => set,
                "max_age" => set.max_age(Duration::from_secs(value.as_u64()?)),
                "domain" => set.domain(value.as_str()?),
                "path" => set.path(value.as_str()?),
                "expires" => set.expires(moment(value.as_str()?)),
                "same_site" => set.same_site(value.as_str()?.parse().ok()?),
                "secure" if *value == true => set.secure(),
                "http_only" if *value == true => set.http_only(),
                "partitioned" if *value == true => set.partitioned(),
                _ => return None,
            };
        }
        Some(set.to_header().ok())
    }
}

fn request(exchange: &Exchange<'_>) -> Option<RequestContext> {
    let request = if exchange.is_http {
        RequestContext::http(exchange.url)
    } else {
        RequestContext::script(exchange.url)
    }
    .ok()?;
    Some(request.context(match exchange.same_site {
        "lax" => SiteContext::Navigation,
        "lax-unsafe" => SiteContext::UnsafeNavigation,
        "cross" => SiteContext::CrossSite,
        _ => SiteContext::SameSite,
    }))
}
