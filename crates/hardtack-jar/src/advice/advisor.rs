use std::cmp::Reverse;
use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use hardtack_core::cookie::{Prefix, SameSite};

use super::{Advice, Flaw, Role, attributes, value};
use crate::jar::Jar;
use crate::profile::Profile;
use crate::record::CookieRecord;
use crate::request_context::RequestContext;
use crate::set_cookie_line::SetCookieLine;
use crate::stored_cookie::StoredCookie;

/// A checker of the cookies that a server sets: whether browsers accept them, and what would be safer.
///
/// ```
/// use hardtack_jar::{RequestContext, Advisor, Flaw, Jar, Severity};
///
/// # fn main() -> Result<(), hardtack_jar::Error> {
/// let (jar, now) = (Jar::new(), std::time::SystemTime::now());
/// let shop = RequestContext::http("https://shop.example/")?;
/// let advisor = Advisor::new(&jar, &shop, now);
///
/// let advice = advisor.line("session=Zm9vYmFyYmF6cXV4Zm9vYg; Path=/; Secure; SameSite=Lax");
/// let flaws: Vec<_> = advice.iter().map(|advice| advice.flaw()).collect();
/// assert_eq!(flaws, [Flaw::NoHttpOnly, Flaw::NoPrefix]);
/// assert_eq!(advice[0].severity(), Severity::Error);
/// assert_eq!(
///     advice[0].to_string(),
///     "error: a script in the page can read it, and take it elsewhere: say `HttpOnly`",
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
/// A line does not show what a cookie is for, so its role is [guessed](Role::guess) unless [`session`](Self::session)
/// sets it. A line also does not show whether an id that is long enough is random.
#[derive(Debug, Clone)]
pub struct Advisor<'a> {
    jar: &'a Jar,
    access: &'a RequestContext,
    now: SystemTime,
    sessions: Vec<&'a [u8]>,
}

/// The advice on one `Set-Cookie` field of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseAdvice {
    line: usize,
    advice: Vec<Advice>,
}

/// The size in bytes from which a cookie counts as large.
const LARGE: usize = 3 * 1024;

/// The total size in bytes of a request's cookies that servers can be expected to accept.
const HEAVY: usize = 8 * 1024;

/// The maximum time for which a login may persist on a visitor's disk.
const LONG: Duration = Duration::from_secs(30 * 86_400);

/// Parts of the default names of session cookies in common products.
const TELLING_NAMES: [&str; 8] =
    ["phpsessid", "jsessionid", "asp.net", "aspsessionid", "connect.sid", "laravel", "cfid", "cftoken"];

impl<'a> Advisor<'a> {
    /// Creates an advisor for cookies that are set with this access. `jar` is the jar before it stores them.
    pub fn new(jar: &'a Jar, access: &'a RequestContext, now: SystemTime) -> Self {
        Self { jar, access, now, sessions: Vec::new() }
    }

    /// Treats the cookie with this name as a session.
    #[must_use]
    pub fn session(mut self, name: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.sessions.push(name.as_ref());
        self
    }

    /// Returns the advice on one `Set-Cookie` field: each flaw once, the most severe first. The list is empty if
    /// nothing is wrong.
    pub fn line(&self, line: impl AsRef<[u8]>) -> Vec<Advice> {
        self.judge(line.as_ref()).into_advice()
    }

    /// Returns the advice on the `Set-Cookie` fields of one response: on each field, on fields that conflict, and on
    /// `Cache-Control`, if present.
    pub fn response<L: AsRef<[u8]>>(&self, lines: &[L], cache_control: Option<&str>) -> Vec<ResponseAdvice> {
        let uncached = cache_control.is_some_and(|field| {
            field.split(',').any(|directive| directive.trim().eq_ignore_ascii_case("no-store"))
        });
        let mut seen = HashSet::new();
        let judged = lines.iter().enumerate().map(|(line, text)| {
            let mut findings = self.judge(text.as_ref());
            if let Some(taken) = &findings.taken {
                if !seen.insert(taken.name.to_vec()) {
                    findings.add(Flaw::SetAgain);
                }
                if !uncached && !findings.removes {
                    findings.add(Flaw::Cacheable);
                }
            }
            ResponseAdvice { line, advice: findings.into_advice() }
        });
        judged.collect()
    }

    fn judge<'l>(&'l self, text: &'l [u8]) -> Findings<'l> {
        let mut findings = Findings::new(self.access.loopback);
        let line = match SetCookieLine::parse(text) {
            Ok(line) => line,
            Err(refusal) => {
                findings.add(Flaw::Refused(refusal));
                return findings;
            }
        };
        findings.role = self.role(&line);
        match self.jar.decide(self.jar.followed(), self.access, &line, self.now) {
            Err(refusal) => findings.add(Flaw::Refused(refusal)),
            Ok(record) => {
                findings.removes = record.expires.is_some_and(|expires| expires <= self.now);
                self.check_other_browsers(&line, &mut findings);
                self.check_neighbours(&record, &mut findings);
                findings.taken = Some(record);
            }
        }
        attributes::check(text, self.now, &mut |flaw| findings.add(flaw));
        if !findings.removes {
            self.check_protection(&line, &mut findings);
            self.check_life(&line, &mut findings);
            check_value(&line, &mut findings);
        }
        findings
    }

    fn role(&self, line: &SetCookieLine<'_>) -> Role {
        if self.sessions.contains(&line.name()) {
            Role::Session
        } else {
            Role::guess(line.name(), line.value())
        }
    }

    fn check_other_browsers(&self, line: &SetCookieLine<'_>, findings: &mut Findings<'_>) {
        for profile in [Profile::Chromium, Profile::Safari] {
            if let Err(refusal) = self.jar.decide(profile, self.access, line, self.now) {
                findings.add(Flaw::RefusedBy(profile, refusal));
            }
        }
    }

    /// Checks the jar for other cookies with the same name, and checks the total size.
    fn check_neighbours(&self, record: &CookieRecord<'_>, findings: &mut Findings<'_>) {
        let same_place = |old: &StoredCookie| old.domain() == &*record.domain && old.is_replaced_by(record);
        let (mut replaced, mut beside) = (false, false);
        for old in self.jar.named(&self.access.host, &record.name, self.now) {
            if same_place(old) { replaced = true } else { beside = true }
        }
        if findings.removes {
            if beside && !replaced {
                findings.add(Flaw::RemovesNothing);
            }
            return;
        }
        if beside {
            findings.add(Flaw::Double);
        }
        let with_it = record.name.len() + 1 + record.value.len();
        if self.jar.weight(self.access, self.now) + with_it > HEAVY {
            findings.add(Flaw::HeavyRequest);
        }
    }

    fn check_protection(&self, line: &SetCookieLine<'_>, findings: &mut Findings<'_>) {
        let prefix = Prefix::of(line.name());
        if !self.access.encrypted && !self.access.loopback {
            findings.add(Flaw::PlainConnection);
        } else if !line.is_secure() {
            findings.add(Flaw::NoSecure);
        } else if prefix.is_none() {
            findings.add(Flaw::NoPrefix);
        } else if prefix == Some(Prefix::Secure) && line.domain().is_none() && line.path() == Some(b"/") {
            findings.add(Flaw::WeakPrefix);
        }
        if !line.is_http_only() && findings.role != Role::Csrf {
            findings.add(Flaw::NoHttpOnly);
        }
        match line.same_site() {
            None if !findings.has(Flaw::UnknownSameSite) => findings.add(Flaw::NoSameSite),
            Some(SameSite::None) if !line.is_partitioned() => findings.add(Flaw::SameSiteNone),
            _ => {}
        }
        if line.domain().is_some() {
            findings.add(Flaw::WideDomain);
        }
    }

    fn check_life(&self, line: &SetCookieLine<'_>, findings: &mut Findings<'_>) {
        let life = line.expires(self.now).and_then(|expires| expires.duration_since(self.now).ok());
        if findings.role == Role::Session && life > Some(LONG) {
            findings.add(Flaw::LongSession);
        }
    }
}

fn check_value(line: &SetCookieLine<'_>, findings: &mut Findings<'_>) {
    let (name, text) = (line.name(), line.value());
    if name.len() + text.len() > LARGE {
        findings.add(Flaw::NearLimit);
    }
    if value::has_address(text) {
        findings.add(Flaw::PersonalData);
    }
    if findings.role != Role::Session {
        return;
    }
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    if TELLING_NAMES.iter().any(|telling| name.contains(telling)) {
        findings.add(Flaw::TellingName);
    }
    if let Some(token) = value::token(text) {
        if token.unsigned {
            findings.add(Flaw::UnsignedToken);
        }
        if token.endless {
            findings.add(Flaw::EndlessToken);
        }
    }
    match value::most_bits(text) {
        Some(bits) if bits < 64.0 => findings.add(Flaw::GuessableId),
        Some(bits) if bits < 128.0 => findings.add(Flaw::ShortId),
        _ => {}
    }
}

impl ResponseAdvice {
    /// Returns the index of the field, counted from 0.
    pub const fn line(&self) -> usize {
        self.line
    }

    /// Returns the advice; empty if there are no flaws.
    pub fn advice(&self) -> &[Advice] {
        &self.advice
    }
}

/// The flaws found, each once.
struct Findings<'l> {
    advice: Vec<Advice>,
    role: Role,
    loopback: bool,
    /// The cookie that the jar would accept.
    taken: Option<CookieRecord<'l>>,
    /// Whether the cookie is meant to remove another one.
    removes: bool,
}

impl Findings<'_> {
    fn new(loopback: bool) -> Self {
        Self { advice: Vec::new(), role: Role::Other, loopback, taken: None, removes: false }
    }

    fn into_advice(mut self) -> Vec<Advice> {
        self.advice.sort_by_key(|advice| Reverse(advice.severity()));
        self.advice
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.advice.iter().any(|advice| advice.flaw() == flaw)
    }

    fn add(&mut self, flaw: Flaw) {
        if !self.has(flaw) {
            self.advice.push(Advice::new(flaw, flaw.severity(self.role, self.loopback)));
        }
    }
}
