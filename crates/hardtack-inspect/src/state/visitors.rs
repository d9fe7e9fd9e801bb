use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use axum::http::{HeaderValue, header};
use hardtack::inspect::SessionTrace;
use hardtack_core::cookie::Cookies;
use hardtack_jar::{Jar, Limits, Profile, StoredCookie};

use crate::exchange_ref::ExchangeRef;
use crate::exchanges::{RequestHead, VisitorLabel};
use crate::sessions::{SessionHistory, SessionReport};
use crate::warnings::WarningLog;

/// The browsers that the inspector has seen, each with its cookie jar.
///
/// A browser is recognized by a cookie with a long value that it received or sent earlier. If a request contains no
/// such cookie, the peer's address and the `User-Agent` are used instead.
pub(crate) struct Visitors {
    /// A keyed hash function, whose random key exists only in this process. With its digests, a browser can be
    /// recognized although no cookie value is stored.
    hasher: RandomState,
    next: u64,
    all: HashMap<u64, Visitor>,
    /// The numbers of the browsers, least recently seen first.
    order: VecDeque<u64>,
    /// For the digest of each cookie's name and value, the number of the browser that has the cookie, or `None` if
    /// several browsers have it.
    by_cookie: HashMap<u64, Option<u64>>,
    /// For the digest of each pair of address and `User-Agent`, the number of the browser that used the pair last.
    by_fingerprint: HashMap<u64, u64>,
}

/// One browser, with the data that the inspector has recorded about it.
pub(crate) struct Visitor {
    pub(crate) label: VisitorLabel,
    pub(crate) jar: Jar,
    /// The cookies that were received but never set while the inspector was running, with the lengths of their values.
    pub(crate) unknown_cookies: BTreeMap<String, usize>,
    /// The names of the cookies that are missing from the last request that should have contained them.
    pub(crate) missing_cookies: BTreeSet<Vec<u8>>,
    /// For each of the browser's cookies, the exchange that set it.
    pub(crate) set_by: BTreeMap<String, ExchangeRef>,
    /// The names of the cookies whose path is derived from the URL of the request that set them.
    pub(crate) default_path_cookies: BTreeSet<String>,
    pub(crate) warnings: WarningLog,
    /// The histories of the browser's sessions.
    pub(crate) sessions: Vec<SessionHistory>,
    /// The digests that identify the browser. They are needed to remove it from the indexes of `Visitors`.
    cookie_digests: VecDeque<u64>,
    fingerprints: VecDeque<u64>,
}

/// The maximum number of browsers that are stored.
const MAX_VISITORS: usize = 100;

/// The maximum numbers of cookies, of received cookies that were never set, and of sessions for one browser.
const MAX_COOKIES: usize = 100;
const MAX_UNKNOWN_COOKIES: usize = 50;
const MAX_SESSIONS: usize = 12;

/// The maximum numbers of cookies and of pairs of address and `User-Agent` that identify one browser.
const MAX_COOKIE_DIGESTS: usize = 200;
const MAX_FINGERPRINTS: usize = 8;

/// The minimum length of a cookie value that identifies a browser. Many browsers may have the same short value, such as
/// `dark`.
const MIN_IDENTIFYING_BYTES: usize = 16;

impl Visitors {
    pub(crate) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            next: 1,
            all: HashMap::new(),
            order: VecDeque::new(),
            by_cookie: HashMap::new(),
            by_fingerprint: HashMap::new(),
        }
    }

    /// Returns the number of the browser that sent a request, if that browser is known.
    pub(crate) fn find(&self, request: &RequestHead) -> Option<u64> {
        let cookies = Cookies::parse(request.headers.get_all(header::COOKIE));
        let identifying = cookies.iter_raw().filter(|(_, value)| value.len() >= MIN_IDENTIFYING_BYTES);
        let known = identifying
            .into_iter()
            .find_map(|(name, value)| *self.by_cookie.get(&self.hasher.hash_one((name, value)))?);
        known.or_else(|| {
            let last = *self.by_fingerprint.get(&self.fingerprint(request))?;
            let visitor = self.all.get(&last)?;
            // A request with different cookies is from a different browser, such as a private window, which has no
            // cookies.
            let mut received: Vec<_> = cookies.iter_raw().map(|(name, _)| name).collect();
            let mut expected: Vec<_> = match request.jar_context() {
                Some(context) => {
                    visitor.jar.cookies(&context, request.at).into_iter().map(StoredCookie::name).collect()
                }
                None => Vec::new(),
            };
            expected.extend(visitor.unknown_cookies.keys().map(String::as_bytes));
            for names in [&mut received, &mut expected] {
                names.sort_unstable();
                names.dedup();
            }
            (received == expected).then_some(last)
        })
    }

    /// Returns the browser that sent a request. If the browser is unknown, adds it. From now on, the request's
    /// cookies with long values also identify the browser.
    pub(crate) fn find_or_add(&mut self, request: &RequestHead) -> &mut Visitor {
        let number = self.find(request).unwrap_or_else(|| self.add(request));
        self.order.retain(|other| *other != number);
        self.order.push_back(number);
        self.record_fingerprint(number, self.fingerprint(request));
        let cookies = Cookies::parse(request.headers.get_all(header::COOKIE));
        for (name, value) in cookies.iter_raw().take(MAX_COOKIES) {
            self.record_cookie(number, name, value);
        }
        self.all.get_mut(&number).expect("the browser that was seen last is not forgotten")
    }

    /// Records the pair of address and `User-Agent` that a browser used.
    fn record_fingerprint(&mut self, number: u64, fingerprint: u64) {
        let Some(visitor) = self.all.get_mut(&number) else { return };
        self.by_fingerprint.insert(fingerprint, number);
        if visitor.fingerprints.contains(&fingerprint) {
            return;
        }
        visitor.fingerprints.push_back(fingerprint);
        if visitor.fingerprints.len() > MAX_FINGERPRINTS
            && let Some(oldest) = visitor.fingerprints.pop_front()
        {
            self.forget_fingerprint(oldest, number);
        }
    }

    fn forget_fingerprint(&mut self, fingerprint: u64, number: u64) {
        // The entry is kept if another browser has used the same address and `User-Agent` since.
        if self.by_fingerprint.get(&fingerprint) == Some(&number) {
            self.by_fingerprint.remove(&fingerprint);
        }
    }

    /// Records that a browser has a cookie with the given name and value.
    pub(crate) fn record_cookie(&mut self, number: u64, name: &[u8], value: &[u8]) {
        if value.len() < MIN_IDENTIFYING_BYTES {
            return;
        }
        let digest = self.hasher.hash_one((name, value));
        let Some(visitor) = self.all.get_mut(&number) else { return };
        match self.by_cookie.get_mut(&digest) {
            // A cookie that two browsers have identifies neither of them.
            Some(owner) if *owner != Some(number) => *owner = None,
            Some(_) => {}
            None => {
                self.by_cookie.insert(digest, Some(number));
                visitor.cookie_digests.push_back(digest);
                if visitor.cookie_digests.len() > MAX_COOKIE_DIGESTS
                    && let Some(oldest) = visitor.cookie_digests.pop_front()
                {
                    self.by_cookie.remove(&oldest);
                }
            }
        }
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Visitor> {
        self.all.get(&number)
    }

    /// Iterates over all browsers, most recently seen first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Visitor> {
        self.order.iter().rev().filter_map(|number| self.all.get(number))
    }

    fn add(&mut self, request: &RequestHead) -> u64 {
        let number = self.next;
        self.next += 1;
        self.all.insert(number, Visitor::new(self.label(number), request));
        if self.all.len() > MAX_VISITORS {
            self.forget_oldest();
        }
        number
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.order.pop_front() else { return };
        let Some(visitor) = self.all.remove(&oldest) else { return };
        for digest in visitor.cookie_digests {
            self.by_cookie.remove(&digest);
        }
        for fingerprint in visitor.fingerprints {
            self.forget_fingerprint(fingerprint, oldest);
        }
    }

    fn label(&self, number: u64) -> VisitorLabel {
        const LETTERS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
        let digest = self.hasher.hash_one(number);
        let letter = |at: u32| char::from(LETTERS[(digest >> (8 * at) & 0xff) as usize % LETTERS.len()]);
        VisitorLabel { name: (0..4).map(letter).collect(), hue: ((number - 1) % 8) as u8, number }
    }

    fn fingerprint(&self, request: &RequestHead) -> u64 {
        let address: Option<IpAddr> = request.peer.map(|peer| peer.ip());
        self.hasher.hash_one((address, request.headers.get(header::USER_AGENT).map(HeaderValue::as_bytes)))
    }
}

impl Visitor {
    fn new(label: VisitorLabel, request: &RequestHead) -> Self {
        let agent = request.headers.get(header::USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
        let limits = Limits::default().per_domain(MAX_COOKIES).total(MAX_COOKIES);
        Self {
            label,
            jar: Jar::new().profile(profile(agent)).limits(limits),
            unknown_cookies: BTreeMap::new(),
            missing_cookies: BTreeSet::new(),
            set_by: BTreeMap::new(),
            default_path_cookies: BTreeSet::new(),
            warnings: WarningLog::default(),
            sessions: Vec::new(),
            cookie_digests: VecDeque::new(),
            fingerprints: VecDeque::new(),
        }
    }

    /// Records a cookie that was received but never set while the inspector was running.
    pub(crate) fn add_unknown_cookie(&mut self, name: &str, value: &[u8]) {
        if self.unknown_cookies.len() < MAX_UNKNOWN_COOKIES {
            self.unknown_cookies.insert(name.to_owned(), value.len());
        }
    }

    /// Records which exchange set a cookie, and whether the cookie's path is derived from the URL of the request.
    pub(crate) fn record_setter(&mut self, name: &str, exchange: &ExchangeRef, has_default_path: bool) {
        self.unknown_cookies.remove(name);
        if self.set_by.len() >= MAX_COOKIES && !self.set_by.contains_key(name) {
            return;
        }
        self.set_by.insert(name.to_owned(), exchange.clone());
        if has_default_path {
            self.default_path_cookies.insert(name.to_owned());
        } else {
            self.default_path_cookies.remove(name);
        }
    }

    /// Returns the history of a session. If there is none, adds a new one.
    pub(crate) fn history(&mut self, report: &SessionReport, trace: &SessionTrace) -> &mut SessionHistory {
        let at = match self.sessions.iter().position(|history| history.is_of(report)) {
            Some(at) => at,
            None => {
                if self.sessions.len() >= MAX_SESSIONS {
                    self.sessions.remove(0);
                }
                self.sessions.push(SessionHistory::new(report, trace));
                self.sessions.len() - 1
            }
        };
        &mut self.sessions[at]
    }
}

/// Returns the jar profile that matches a `User-Agent`.
fn profile(agent: &[u8]) -> Profile {
    let contains = |name: &[u8]| agent.windows(name.len()).any(|part| part == name);
    if contains(b"Chrome/") || contains(b"Chromium/") {
        Profile::Chromium
    } else if contains(b"Safari/") {
        Profile::Safari
    } else {
        Profile::Standard
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;

    use super::*;

    fn request(cookie: Option<&str>) -> RequestHead {
        let mut request = Request::builder().uri("/").header("host", "localhost");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        RequestHead::new(&request.body(Body::empty()).unwrap())
    }

    const JANES: &str = "id=janes-session-id-that-is-long";
    const JOHNS: &str = "id=johns-session-id-that-is-long";

    #[test]
    fn browser_is_recognized_by_its_cookies() {
        let mut visitors = Visitors::new();
        let jane = visitors.find_or_add(&request(Some(JANES))).label.number;
        visitors.record_cookie(jane, b"id", b"janes-next-session-id");
        let john = visitors.find_or_add(&request(Some(JOHNS))).label.number;
        assert_ne!(jane, john);
        assert_eq!(visitors.find(&request(Some("other=1; id=janes-next-session-id"))), Some(jane));
        assert_eq!(visitors.find_or_add(&request(Some(JOHNS))).label.number, john);
    }

    #[test]
    fn value_that_two_browsers_have_identifies_neither() {
        let mut visitors = Visitors::new();
        let with_theme =
            |id: &str| request(Some(&format!("theme=dark; {id}; long=the-same-long-value-for-all")));
        let jane = visitors.find_or_add(&with_theme(JANES)).label.number;
        visitors.record_cookie(jane, b"long", b"the-same-long-value-for-all");
        let john = visitors.find_or_add(&request(Some(JOHNS))).label.number;
        visitors.record_cookie(john, b"long", b"the-same-long-value-for-all");
        assert_ne!(jane, john);
        assert_eq!(visitors.find_or_add(&with_theme(JANES)).label.number, jane);
        assert_eq!(visitors.find_or_add(&with_theme(JOHNS)).label.number, john);
    }

    #[test]
    fn request_without_the_browsers_cookies_is_from_another_browser() {
        let mut visitors = Visitors::new();
        let jane = visitors.find_or_add(&request(None)).label.number;
        assert_eq!(
            visitors.find_or_add(&request(None)).label.number,
            jane,
            "the browser requests the stylesheet too"
        );
        let visitor = visitors.find_or_add(&request(None));
        let context = request(None).jar_context().unwrap();
        visitor.jar.set(&context, "theme=dark", std::time::SystemTime::now()).unwrap();
        assert_eq!(visitors.find_or_add(&request(Some("theme=light"))).label.number, jane);
        assert_ne!(visitors.find_or_add(&request(None)).label.number, jane);
    }

    #[test]
    fn browser_that_changes_its_user_agent_keeps_a_few_fingerprints() {
        let mut visitors = Visitors::new();
        for number in 0..1000 {
            let mut request = request(Some(JANES));
            let agent = HeaderValue::try_from(format!("a browser of number {number}")).unwrap();
            request.headers.insert(header::USER_AGENT, agent);
            visitors.find_or_add(&request);
        }
        assert_eq!((visitors.all.len(), visitors.by_fingerprint.len()), (1, MAX_FINGERPRINTS));
    }

    #[test]
    fn number_of_browsers_is_limited() {
        let mut visitors = Visitors::new();
        for number in 0..1000 {
            visitors.find_or_add(&request(Some(&format!("id=a-long-value-of-number-{number}"))));
        }
        assert_eq!((visitors.all.len(), visitors.order.len()), (MAX_VISITORS, MAX_VISITORS));
        assert!(visitors.by_cookie.len() <= MAX_VISITORS && visitors.by_fingerprint.len() <= MAX_VISITORS);
    }
}
