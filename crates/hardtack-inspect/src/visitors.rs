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

/// The browsers that have been seen, each with its jar.
///
/// A browser is known by what it was given: a cookie that one response set and a later request brings. Where a request
/// brings nothing, its address and what the browser calls itself have to do.
pub(crate) struct Visitors {
    /// A digest that nobody outside this process can make, so that no value is kept to compare with.
    hasher: RandomState,
    next: u64,
    all: HashMap<u64, Visitor>,
    /// The least recently seen first.
    order: VecDeque<u64>,
    /// Who was given a pair; none if more than one was.
    given: HashMap<u64, Option<u64>>,
    /// Who was seen last from an address with a name.
    from: HashMap<u64, u64>,
}

/// One browser.
pub(crate) struct Visitor {
    pub(crate) tag: Tag,
    pub(crate) jar: Jar,
    /// Cookies that came and were never set while the inspector looked: their names, and how long their values are.
    pub(crate) strays: BTreeMap<String, usize>,
    /// The names of cookies that the last request should have brought and did not.
    pub(crate) missing: BTreeSet<Vec<u8>>,
    /// Which route has set each of its cookies.
    pub(crate) set_by: BTreeMap<String, SetBy>,
    /// Those of them whose path is a part of the address that set them.
    pub(crate) unpathed: BTreeSet<String>,
    pub(crate) warnings: Warnings,
    /// What is known of its sessions.
    pub(crate) ledgers: Vec<Ledger>,
    /// The digests by which it is known, for when it is forgotten.
    pairs: VecDeque<u64>,
    origins: VecDeque<u64>,
}

/// So many browsers are remembered, and of each so many cookies.
const MOST_VISITORS: usize = 100;
pub(crate) const MOST_COOKIES: usize = 100;
const MOST_PAIRS: usize = 200;

/// How many addresses, or names, one browser is known by without a cookie.
const MOST_ORIGINS: usize = 8;

/// A shorter value many browsers may have, as `dark`.
const SHORTEST_TELLING: usize = 16;

pub(crate) const MOST_STRAYS: usize = 50;

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

    /// Whose a request is, if that is known.
    pub(crate) fn find(&self, asked: &Asked) -> Option<u64> {
        let cookies = Cookies::parse(asked.headers.get_all(header::COOKIE));
        let telling = cookies.iter_raw().filter(|(_, value)| value.len() >= SHORTEST_TELLING);
        let known =
            telling.into_iter().find_map(|(name, value)| *self.given.get(&self.digest(name, value))?);
        known.or_else(|| {
            let last = *self.from.get(&self.origin(asked))?;
            let visitor = self.all.get(&last)?;
            // Who has other cookies is somebody else: a private window has none of them.
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

    /// Whose a request is; a new browser's if it is nobody's. What it brought is what it is known by from now on.
    pub(crate) fn find_or_meet(&mut self, asked: &Asked) -> u64 {
        let number = self.find(asked).unwrap_or_else(|| self.meet(asked));
        self.order.retain(|other| *other != number);
        self.order.push_back(number);
        self.come_from(number, self.origin(asked));
        let cookies = Cookies::parse(asked.headers.get_all(header::COOKIE));
        for (name, value) in cookies.iter_raw().take(MOST_COOKIES) {
            self.give(number, name, value);
        }
        number
    }

    /// Remembers from where a browser came last.
    fn come_from(&mut self, number: u64, origin: u64) {
        let Some(visitor) = self.all.get_mut(&number) else { return };
        self.from.insert(origin, number);
        if visitor.origins.contains(&origin) {
            return;
        }
        visitor.origins.push_back(origin);
        if visitor.origins.len() > MOST_ORIGINS
            && let Some(oldest) = visitor.origins.pop_front()
        {
            self.forget_origin(oldest, number);
        }
    }

    fn forget_origin(&mut self, origin: u64, number: u64) {
        // Another browser may have come from there since.
        if self.from.get(&origin) == Some(&number) {
            self.from.remove(&origin);
        }
    }

    /// Remembers who was given a pair.
    pub(crate) fn give(&mut self, number: u64, name: &[u8], value: &[u8]) {
        if value.len() < SHORTEST_TELLING {
            return;
        }
        let digest = self.digest(name, value);
        let Some(visitor) = self.all.get_mut(&number) else { return };
        match self.given.get_mut(&digest) {
            // What two were given tells nobody apart.
            Some(owner) if *owner != Some(number) => *owner = None,
            Some(_) => {}
            None => {
                self.given.insert(digest, Some(number));
                visitor.pairs.push_back(digest);
                if visitor.pairs.len() > MOST_PAIRS
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

    /// All of them, who was seen last first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Visitor> {
        self.order.iter().rev().filter_map(|number| self.all.get(number))
    }

    /// The tag of nobody.
    pub(crate) fn nobody(&self) -> Tag {
        Tag { tag: "????".to_owned(), hue: 0, number: 0 }
    }

    /// A digest of a pair, which says nothing outside this process.
    pub(crate) fn digest(&self, name: &[u8], value: &[u8]) -> u64 {
        self.hasher.hash_one((name, value))
    }

    fn meet(&mut self, asked: &Asked) -> u64 {
        let number = self.next;
        self.next += 1;
        let agent = asked.headers.get(header::USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
        let limits = Limits::default().per_domain(MOST_COOKIES).total(MOST_COOKIES);
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
        if self.all.len() > MOST_VISITORS {
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

/// Whose rules a browser follows, by what it calls itself.
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
        assert_eq!((visitors.all.len(), visitors.from.len()), (1, MOST_ORIGINS));
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let mut visitors = Visitors::new();
        for number in 0..1000 {
            visitors.find_or_meet(&asked(Some(&format!("id=a-long-value-of-number-{number}"))));
        }
        assert_eq!((visitors.all.len(), visitors.order.len()), (MOST_VISITORS, MOST_VISITORS));
        assert!(visitors.given.len() <= MOST_VISITORS && visitors.from.len() <= MOST_VISITORS);
    }
}
