use std::cmp::Reverse;
use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use hardtack_core::cookie::{Prefix, SameSite};

use super::{Finding, Role, Rule, syntax, value};
use crate::cookie::{CookieRecord, StoredCookie};
use crate::jar::Jar;
use crate::request::RequestContext;
use crate::set_cookie::{Profile, SetCookieLine};

/// A set of checks on the cookies that a server sets: whether browsers accept them, and what would be safer.
///
/// ```
/// use hardtack_jar::{Advisor, Jar, RequestContext, Rule, Severity};
///
/// # fn main() -> Result<(), hardtack_jar::Error> {
/// let (jar, now) = (Jar::new(), std::time::SystemTime::now());
/// let shop = RequestContext::http("https://shop.example/")?;
/// let advisor = Advisor::new(&jar, &shop, now);
///
/// let findings = advisor.line("session=Zm9vYmFyYmF6cXV4Zm9vYg; Path=/; Secure; SameSite=Lax");
/// let rules: Vec<_> = findings.iter().map(|finding| finding.rule()).collect();
/// assert_eq!(rules, [Rule::NoHttpOnly, Rule::NoPrefix]);
/// assert_eq!(findings[0].severity(), Severity::Error);
/// assert_eq!(
///     findings[0].to_string(),
///     "error: scripts in the page can read it and send it elsewhere: add `HttpOnly`",
/// );
///
/// let best = "__Host-session=Zm9vYmFyYmF6cXV4Zm9vYg; Path=/; Secure; HttpOnly; SameSite=Lax";
/// assert!(advisor.line(best).is_empty());
/// # Ok(())
/// # }
/// ```
///
/// # Limitations
///
/// A `Set-Cookie` line does not show what its cookie is for. The advisor therefore [guesses](Role::guess) the cookie's
/// role, unless [`session`](Self::session) names the cookie. A line also does not show whether an id is random, even if
/// the id is long enough.
#[derive(Debug, Clone)]
pub struct Advisor<'a> {
    jar: &'a Jar,
    request: &'a RequestContext,
    now: SystemTime,
    sessions: Vec<&'a [u8]>,
}

/// The maximum size of a name and value, in bytes, that leaves a margin below the browsers' limit.
const MAX_SAFE_SIZE: usize = 3 * 1024;

/// The maximum size of all cookies in a request, in bytes, that servers can be expected to accept.
const MAX_REQUEST_SIZE: usize = 8 * 1024;

/// The maximum time for which a session cookie should persist on a visitor's disk.
const MAX_SESSION_LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// Parts of the names that common products use for session cookies by default.
const TELLING_NAMES: [&str; 8] =
    ["phpsessid", "jsessionid", "asp.net", "aspsessionid", "connect.sid", "laravel", "cfid", "cftoken"];

impl<'a> Advisor<'a> {
    /// Creates an advisor for the cookies that the response to `request` sets. `jar` contains the cookies that the
    /// browser had before this response.
    pub fn new(jar: &'a Jar, request: &'a RequestContext, now: SystemTime) -> Self {
        Self { jar, request, now, sessions: Vec::new() }
    }

    /// Treats the cookie with this name as a session cookie, instead of guessing its role.
    #[must_use]
    pub fn session(mut self, name: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.sessions.push(name.as_ref());
        self
    }

    /// Returns the findings about one `Set-Cookie` field, at most one for each rule, with the most severe first. The
    /// list is empty if the cookie meets all rules.
    pub fn line(&self, line: impl AsRef<[u8]>) -> Vec<Finding> {
        self.check(line.as_ref()).into_findings()
    }

    /// Returns the findings about each `Set-Cookie` field of a response, in the order of the fields. The findings also
    /// cover several fields that set the same name, and a response that caches may store according to its
    /// `Cache-Control`.
    pub fn response<L: AsRef<[u8]>>(&self, lines: &[L], cache_control: Option<&str>) -> Vec<Vec<Finding>> {
        let uncached = cache_control.is_some_and(|field| {
            field.split(',').any(|directive| directive.trim().eq_ignore_ascii_case("no-store"))
        });
        let mut seen = HashSet::new();
        let findings = lines.iter().map(|line| {
            let mut check = self.check(line.as_ref());
            if let Some(accepted) = &check.accepted {
                if !seen.insert(accepted.name.to_vec()) {
                    check.add(Rule::SetAgain);
                }
                if !uncached && !check.removes {
                    check.add(Rule::Cacheable);
                }
            }
            check.into_findings()
        });
        findings.collect()
    }

    fn check<'l>(&'l self, text: &'l [u8]) -> Check<'l> {
        let mut check = Check::new(self.request.loopback);
        let line = match SetCookieLine::parse(text) {
            Ok(line) => line,
            Err(refusal) => {
                check.add(Rule::Refused(refusal));
                return check;
            }
        };
        check.role = self.role(&line);
        match self.jar.decide(self.jar.followed_profile(), self.request, &line, self.now) {
            Err(refusal) => check.add(Rule::Refused(refusal)),
            Ok(record) => {
                check.removes = record.expires.is_some_and(|expires| expires <= self.now);
                self.check_other_browsers(&line, &mut check);
                self.check_other_cookies(&record, &mut check);
                check.accepted = Some(record);
            }
        }
        syntax::check(text, self.now, &mut |rule| check.add(rule));
        if !check.removes {
            self.check_protection(&line, &mut check);
            self.check_lifetime(&line, &mut check);
            check_value(&line, &mut check);
        }
        check
    }

    fn role(&self, line: &SetCookieLine<'_>) -> Role {
        if self.sessions.contains(&line.name()) {
            Role::Session
        } else {
            Role::guess(line.name(), line.value())
        }
    }

    fn check_other_browsers(&self, line: &SetCookieLine<'_>, check: &mut Check<'_>) {
        for profile in [Profile::Chromium, Profile::Safari] {
            if let Err(refusal) = self.jar.decide(profile, self.request, line, self.now) {
                check.add(Rule::RefusedBy(profile, refusal));
            }
        }
    }

    /// Checks whether the jar has other cookies with the same name, and whether a request would have too many bytes of
    /// cookies.
    fn check_other_cookies(&self, record: &CookieRecord<'_>, check: &mut Check<'_>) {
        let same_place = |old: &StoredCookie| old.domain() == &*record.domain && old.is_replaced_by(record);
        let (mut replaced, mut beside) = (false, false);
        for old in self.jar.named(&self.request.host, &record.name, self.now) {
            if same_place(old) { replaced = true } else { beside = true }
        }
        if check.removes {
            if beside && !replaced {
                check.add(Rule::RemovesNothing);
            }
            return;
        }
        if beside {
            check.add(Rule::Double);
        }
        let with_it = record.name.len() + 1 + record.value.len();
        if self.jar.header_size(self.request, self.now) + with_it > MAX_REQUEST_SIZE {
            check.add(Rule::HeavyRequest);
        }
    }

    fn check_protection(&self, line: &SetCookieLine<'_>, check: &mut Check<'_>) {
        let prefix = Prefix::of(line.name());
        if !self.request.encrypted && !self.request.loopback {
            check.add(Rule::PlainConnection);
        } else if !line.is_secure() {
            check.add(Rule::NoSecure);
        } else if prefix.is_none() {
            check.add(Rule::NoPrefix);
        } else if prefix == Some(Prefix::Secure) && line.domain().is_none() && line.path() == Some(b"/") {
            check.add(Rule::WeakPrefix);
        }
        if !line.is_http_only() && check.role != Role::Csrf {
            check.add(Rule::NoHttpOnly);
        }
        match line.same_site() {
            None if !check.has(Rule::UnknownSameSite) => check.add(Rule::NoSameSite),
            Some(SameSite::None) if !line.is_partitioned() => check.add(Rule::SameSiteNone),
            _ => {}
        }
        if line.domain().is_some() {
            check.add(Rule::WideDomain);
        }
    }

    fn check_lifetime(&self, line: &SetCookieLine<'_>, check: &mut Check<'_>) {
        let life = line.expires(self.now).and_then(|expires| expires.duration_since(self.now).ok());
        if check.role == Role::Session && life > Some(MAX_SESSION_LIFETIME) {
            check.add(Rule::LongSession);
        }
    }
}

fn check_value(line: &SetCookieLine<'_>, check: &mut Check<'_>) {
    let (name, text) = (line.name(), line.value());
    if name.len() + text.len() > MAX_SAFE_SIZE {
        check.add(Rule::NearLimit);
    }
    if value::has_address(text) {
        check.add(Rule::PersonalData);
    }
    if check.role != Role::Session {
        return;
    }
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    if TELLING_NAMES.iter().any(|telling| name.contains(telling)) {
        check.add(Rule::TellingName);
    }
    if let Some(token) = value::token(text) {
        if token.unsigned {
            check.add(Rule::UnsignedToken);
        }
        if token.endless {
            check.add(Rule::EndlessToken);
        }
    }
    match value::most_bits(text) {
        Some(bits) if bits < 64.0 => check.add(Rule::GuessableId),
        Some(bits) if bits < 128.0 => check.add(Rule::ShortId),
        _ => {}
    }
}

/// The findings about one line so far, and facts about the line that later checks need.
struct Check<'l> {
    findings: Vec<Finding>,
    role: Role,
    loopback: bool,
    /// The cookie as the jar would store it, or `None` if the jar would refuse the cookie.
    accepted: Option<CookieRecord<'l>>,
    /// Whether the line is meant to remove a cookie, because its expiration is not in the future.
    removes: bool,
}

impl Check<'_> {
    fn new(loopback: bool) -> Self {
        Self { findings: Vec::new(), role: Role::Other, loopback, accepted: None, removes: false }
    }

    fn into_findings(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|finding| Reverse(finding.severity()));
        self.findings
    }

    fn has(&self, rule: Rule) -> bool {
        self.findings.iter().any(|finding| finding.rule() == rule)
    }

    fn add(&mut self, rule: Rule) {
        if !self.has(rule) {
            self.findings.push(Finding::of_cookie(rule, self.role, self.loopback));
        }
    }
}
