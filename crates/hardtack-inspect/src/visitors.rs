use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use axum::http::{HeaderValue, header};
use hardtack_core::cookie::Cookies;
use hardtack_jar::{Jar, Limits, Profile, StoredCookie};

use crate::asked::Asked;
use crate::ledger::Ledger;
use crate::node::SetBy;
use crate::tag::Tag;
use crate::warning::Warnings;

/// The browsers that have been seen, each with its cookie jar.
///
/// A browser is recognized by a cookie that one response set and a later request sends. If a request sends no such
/// cookie, its address and `User-Agent` are used instead.
pub(crate) struct Visitors {
    /// A keyed hash that no other process can compute, so that no value has to be stored for comparison.
    hasher: RandomState,
    next: u64,
    all: HashMap<u64, Visitor>,
    /// Least recently seen first.
    order: VecDeque<u64>,
    /// The browser that received each pair of cookie name and value, or `None` if more than one did.
    given: HashMap<u64, Option<u64>>,
    /// The browser last seen for each pair of address and `User-Agent`.
    from: HashMap<u64, u64>,
}

/// One browser.
pub(crate) struct Visitor {
    pub(crate) tag: Tag,
    pub(crate) jar: Jar,
    /// Cookies that were received but never set while the inspector was running: their names and the lengths of their
    /// values.
    pub(crate) strays: BTreeMap<String, usize>,
    /// The names of cookies that the last request should have sent but did not.
    pub(crate) missing: BTreeSet<Vec<u8>>,
    /// The route that set each of its cookies.
    pub(crate) set_by: BTreeMap<String, SetBy>,
    /// The cookies among them whose path comes from the address that set them.
    pub(crate) unpathed: BTreeSet<String>,
    pub(crate) warnings: Warnings,
    /// What is known about its sessions.
    pub(crate) ledgers: Vec<Ledger>,
    /// The digests that identify it, needed to remove them when it is forgotten.
    pairs: VecDeque<u64>,
    origins: VecDeque<u64>,
}

/// The maximum number of browsers that are remembered, and of cookies for each.
const MAX_VISITORS: usize = 100;
pub(crate) const MAX_COOKIES: usize = 100;
const MAX_PAIRS: usize = 200;

/// The maximum number of pairs of address and `User-Agent` for one browser.
const MAX_ORIGINS: usize = 8;

/// The minimum length of a value that identifies a browser. Many browsers may have the same shorter value, such as
/// `dark`.
const SHORTEST_TELLING: usize = 16;

pub(crate) const MAX_STRAYS: usize = 50;

impl Visitors {
    pub(crate) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            next: 1,
            all: HashMap::new(),
            order: VecDeque::new(),
            given: HashMap::new(),
            from: HashMap::new(),
        }
    }

    /// Returns the browser that sent a request, if it is known.
    pub(crate) fn find(&self, asked: &Asked) -> Option<u64> {
        let cookies = Cookies::parse(asked.headers.get_all(header::COOKIE));
        let telling = cookies.iter_raw().filter(|(_, value)| value.len() >= SHORTEST_TELLING);
        let known =
            telling.into_iter().find_map(|(name, value)| *self.given.get(&self.digest(name, value))?);
        known.or_else(|| {
            let last = *self.from.get(&self.origin(asked))?;
            let visitor = self.all.get(&last)?;
            // Different cookies mean a different browser: a private window has none of them.
            let mut brought: Vec<_> = cookies.iter_raw().map(|(name, _)| name).collect();
            let mut expected: Vec<_> = match asked.access() {
                Some(access) => {
                    visitor.jar.cookies(&access, asked.at).into_iter().map(StoredCookie::name).collect()
                }
                None => Vec::new(),
            };
            expected.extend(visitor.strays.keys().map(String::as_bytes));
            for names in [&mut brought, &mut expected] {
                names.sort_unstable();
                names.dedup();
            }
            (brought == expected).then_some(last)
        })
    }

    /// Returns the browser that sent a request, adding a new one if it is unknown. The cookies of the request identify
    /// the browser from now on.
    pub(crate) fn find_or_meet(&mut self, asked: &Asked) -> u64 {
        let number = self.find(asked).unwrap_or_else(|| self.meet(asked));
        self.order.retain(|other| *other != number);
        self.order.push_back(number);
        self.come_from(number, self.origin(asked));
        let cookies = Cookies::parse(asked.headers.get_all(header::COOKIE));
        for (name, value) in cookies.iter_raw().take(MAX_COOKIES) {
            self.give(number, name, value);
        }
        number
    }

    /// Remembers the address that a browser last used.
    fn come_from(&mut self, number: u64, origin: u64) {
        let Some(visitor) = self.all.get_mut(&number) else { return };
        self.from.insert(origin, number);
        if visitor.origins.contains(&origin) {
            return;
        }
        visitor.origins.push_back(origin);
        if visitor.origins.len() > MAX_ORIGINS
            && let Some(oldest) = visitor.origins.pop_front()
        {
            self.forget_origin(oldest, number);
        }
    }

    fn forget_origin(&mut self, origin: u64, number: u64) {
        // Another browser may have used it since.
        if self.from.get(&origin) == Some(&number) {
            self.from.remove(&origin);
        }
    }

    /// Remembers which browser received a pair of cookie name and value.
    pub(crate) fn give(&mut self, number: u64, name: &[u8], value: &[u8]) {
        if value.len() < SHORTEST_TELLING {
            return;
        }
        let digest = self.digest(name, value);
        let Some(visitor) = self.all.get_mut(&number) else { return };
        match self.given.get_mut(&digest) {
            // A pair that two browsers received identifies neither.
            Some(owner) if *owner != Some(number) => *owner = None,
            Some(_) => {}
            None => {
                self.given.insert(digest, Some(number));
                visitor.pairs.push_back(digest);
                if visitor.pairs.len() > MAX_PAIRS
                    && let Some(oldest) = visitor.pairs.pop_front()
                {
                    self.given.remove(&oldest);
                }
            }
        }
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Visitor> {
        self.all.get(&number)
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut Visitor> {
        self.all.get_mut(&number)
    }

    /// Iterates over all browsers, most recently seen first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Visitor> {
        self.order.iter().rev().filter_map(|number| self.all.get(number))
    }

    /// Returns the tag for an unknown browser.
    pub(crate) fn nobody(&self) -> Tag {
        Tag { tag: "????".to_owned(), hue: 0, number: 0 }
    }

    /// Returns a digest of a pair, which has no meaning outside this process.
    pub(crate) fn digest(&self, name: &[u8], value: &[u8]) -> u64 {
        self.hasher.hash_one((name, value))
    }

    fn meet(&mut self, asked: &Asked) -> u64 {
        let number = self.next;
        self.next += 1;
        let agent = asked.headers.get(header::USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
        let limits = Limits::default().per_domain(MAX_COOKIES).total(MAX_COOKIES);
        let visitor = Visitor {
            tag: self.tag(number),
            jar: Jar::new().profile(profile(agent)).limits(limits),
            strays: BTreeMap::new(),
            missing: BTreeSet::new(),
            set_by: BTreeMap::new(),
            unpathed: BTreeSet::new(),
            warnings: Warnings::new(),
            ledgers: Vec::new(),
            pairs: VecDeque::new(),
            origins: VecDeque::new(),
        };
        self.all.insert(number, visitor);
        if self.all.len() > MAX_VISITORS {
            self.forget_oldest();
        }
        number
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.order.pop_front() else { return };
        let Some(visitor) = self.all.remove(&oldest) else { return };
        for digest in visitor.pairs {
            self.given.remove(&digest);
        }
        for origin in visitor.origins {
            self.forget_origin(origin, oldest);
        }
    }

    fn tag(&self, number: u64) -> Tag {
        const LETTERS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
        let digest = self.hasher.hash_one(number);
        let letter = |at: u32| char::from(LETTERS[(digest >> (8 * at) & 0xff) as usize % LETTERS.len()]);
        Tag { tag: (0..4).map(letter).collect(), hue: ((number - 1) % 8) as u8, number }
    }

    fn origin(&self, asked: &Asked) -> u64 {
        let address: Option<IpAddr> = asked.peer.map(|peer| peer.ip());
        self.hasher.hash_one((address, asked.headers.get(header::USER_AGENT).map(HeaderValue::as_bytes)))
    }
}

/// Returns the profile of browser rules that matches a `User-Agent`.
fn profile(agent: &[u8]) -> Profile {
    let says = |name: &[u8]| agent.windows(name.len()).any(|part| part == name);
    if says(b"Chrome/") || says(b"Chromium/") {
        Profile::Chromium
    } else if says(b"Safari/") {
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

    fn asked(cookie: Option<&str>) -> Asked {
        let mut request = Request::builder().uri("/").header("host", "localhost");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        Asked::of(&request.body(Body::empty()).unwrap())
    }

    const JANES: &str = "id=janes-session-id-that-is-long";
    const JOHNS: &str = "id=johns-session-id-that-is-long";

    #[test]
    fn a_browser_is_known_by_what_it_was_given() {
        let mut visitors = Visitors::new();
        let jane = visitors.find_or_meet(&asked(Some(JANES)));
        visitors.give(jane, b"id", b"janes-next-session-id");
        let john = visitors.find_or_meet(&asked(Some(JOHNS)));
        assert_ne!(jane, john);
        assert_eq!(visitors.find(&asked(Some("other=1; id=janes-next-session-id"))), Some(jane));
        assert_eq!(visitors.find_or_meet(&asked(Some(JOHNS))), john);
    }

    #[test]
    fn what_many_may_have_tells_nobody_apart() {
        let mut visitors = Visitors::new();
        let with_theme =
            |id: &str| asked(Some(&format!("theme=dark; {id}; long=the-same-long-value-for-all")));
        let jane = visitors.find_or_meet(&with_theme(JANES));
        visitors.give(jane, b"long", b"the-same-long-value-for-all");
        let john = visitors.find_or_meet(&asked(Some(JOHNS)));
        visitors.give(john, b"long", b"the-same-long-value-for-all");
        assert_ne!(jane, john);
        assert_eq!(visitors.find_or_meet(&with_theme(JANES)), jane);
        assert_eq!(visitors.find_or_meet(&with_theme(JOHNS)), john);
    }

    #[test]
    fn who_has_cookies_and_sends_none_is_somebody_else() {
        let mut visitors = Visitors::new();
        let jane = visitors.find_or_meet(&asked(None));
        assert_eq!(visitors.find_or_meet(&asked(None)), jane, "her browser asks for the style as well");
        let visitor = visitors.get_mut(jane).unwrap();
        let access = asked(None).access().unwrap();
        visitor.jar.set(&access, "theme=dark", std::time::SystemTime::now()).unwrap();
        assert_eq!(visitors.find_or_meet(&asked(Some("theme=light"))), jane);
        assert_ne!(visitors.find_or_meet(&asked(None)), jane);
    }

    #[test]
    fn a_browser_that_changes_its_name_is_remembered_by_a_few_of_them() {
        let mut visitors = Visitors::new();
        for number in 0..1000 {
            let mut asked = asked(Some(JANES));
            let agent = HeaderValue::try_from(format!("a browser of number {number}")).unwrap();
            asked.headers.insert(header::USER_AGENT, agent);
            visitors.find_or_meet(&asked);
        }
        assert_eq!((visitors.all.len(), visitors.from.len()), (1, MAX_ORIGINS));
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let mut visitors = Visitors::new();
        for number in 0..1000 {
            visitors.find_or_meet(&asked(Some(&format!("id=a-long-value-of-number-{number}"))));
        }
        assert_eq!((visitors.all.len(), visitors.order.len()), (MAX_VISITORS, MAX_VISITORS));
        assert!(visitors.given.len() <= MAX_VISITORS && visitors.from.len() <= MAX_VISITORS);
    }
}
