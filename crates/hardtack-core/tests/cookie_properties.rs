//! What holds for every cookie, tried on generated ones. The generator is seeded: a failure comes back.

use std::time::{Duration, SystemTime};

use hardtack_core::cookie::{Cookies, Limits, RemoveCookie, SameSite, SetCookie, WerkzeugParser, find};

const PARSERS: [WerkzeugParser; 2] = [WerkzeugParser::V3_1_9, WerkzeugParser::V3_1_8];

/// Pieces of which texts are made: what ends, quotes or escapes something, and what lies at the edges.
const PIECES: [&str; 40] = [
    "a",
    "B",
    "0",
    "-",
    "_",
    "=",
    "==",
    ";",
    "; ",
    ",",
    " ",
    "\t",
    "\"",
    "\\",
    "\\\"",
    "\\054",
    "\\377",
    "%",
    "%41",
    "%zz",
    "%e2%9c%93",
    "%ff",
    "+",
    "\0",
    "\x01",
    "\x1b",
    "\x1f",
    "\x7f",
    "\r\n",
    "\n",
    "é",
    "✓",
    "😀",
    "\u{a0}",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "; Secure",
    "\r\nSet-Cookie: x=y",
    "__Host-",
];

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn text(&mut self) -> String {
        (0..self.below(12)).map(|_| self.one(&PIECES)).collect()
    }

    fn bytes(&mut self) -> Vec<u8> {
        let mut bytes = self.text().into_bytes();
        for _ in 0..self.below(4) {
            let at = self.below(bytes.len() + 1);
            bytes.insert(at, self.below(256) as u8);
        }
        bytes
    }
}

/// The pair as the browser sends it back: everything before the first `;`.
fn sent_back(header: &str) -> &str {
    header.split(';').next().unwrap_or_default()
}

#[test]
fn a_value_comes_back_as_it_was_set() {
    let mut random = Random(1);
    for _ in 0..50_000 {
        let value = random.text();
        let header = SetCookie::new("name", &value).to_header().expect("every text can be a value");
        let pair = sent_back(&header);
        assert_eq!(Cookies::parse([format!("a=b; {pair}; c=d")]).get("name"), Some(&*value), "{pair:?}");
        for parser in PARSERS {
            let raw = pair.strip_prefix("name=");
            assert_eq!(Cookies::werkzeug(parser, [pair]).get("name"), raw, "{pair:?}");
        }
    }
}

#[test]
fn werkzeugs_form_comes_back_through_its_parsers() {
    let mut random = Random(2);
    let mut tried = 0;
    for _ in 0..50_000 {
        let value = random.text();
        let Ok(header) = SetCookie::werkzeug("name", &value).to_header() else {
            assert!(value.bytes().any(|byte| (0x1A..0x20).contains(&byte)), "{value:?}");
            continue;
        };
        tried += 1;
        for parser in PARSERS {
            let sent = ["a=b", sent_back(&header), "c=d"];
            assert_eq!(Cookies::werkzeug(parser, sent).get("name"), Some(&*value), "{header:?}");
        }
    }
    assert!(tried > 10_000);
}

#[test]
fn raw_values_that_are_taken_come_back_raw() {
    let mut random = Random(3);
    let mut taken = 0;
    for _ in 0..200_000 {
        let value = random.text();
        if let Ok(header) = SetCookie::raw("name", &*value).to_header() {
            taken += 1;
            assert_eq!(
                Cookies::parse([sent_back(&header)]).get_raw("name"),
                Some(value.as_bytes()),
                "{header:?}"
            );
        }
    }
    assert!(taken > 1_000);
}

#[test]
fn nothing_a_visitor_sends_is_too_much() {
    let mut random = Random(4);
    for _ in 0..50_000 {
        let headers = [random.bytes(), random.bytes()];
        let joined = headers.join(&b';');
        let limits = Limits::default().bytes(random.below(40)).pairs(random.below(4));
        let mut all = vec![Cookies::parse(&headers), Cookies::parse_within(limits, &headers)];
        for parser in PARSERS {
            all.push(Cookies::werkzeug(parser, &headers));
            all.extend(Cookies::werkzeug_utf8(parser, &headers));
        }
        for cookies in &all {
            assert!(cookies.len() + cookies.skipped() <= joined.len() + 1);
            for (name, value) in cookies.iter_raw() {
                let name = str::from_utf8(name).unwrap_or_default();
                assert!(joined.windows(value.len().max(1)).any(|window| window == value) || value.is_empty());
                let _ = (cookies.get(name), cookies.get_unquoted(name), cookies.is_ambiguous(name));
            }
            assert!(cookies.iter().count() <= cookies.len());
        }
        for name in ["a", "B", "__Host-", ""] {
            let found: Vec<_> = find(&headers, name).collect();
            let whole: Vec<_> =
                all[0].iter_raw().filter(|(n, _)| *n == name.as_bytes()).map(|(_, v)| v).collect();
            assert_eq!(found, whole);
        }
    }
}

#[test]
fn no_argument_adds_an_attribute_or_a_header() {
    let mut random = Random(5);
    let mut written = 0;
    for _ in 0..100_000 {
        let plain = |random: &mut Random, usual: &str| {
            if random.below(3) == 0 { random.text() } else { usual.to_owned() }
        };
        let (name, value) = (plain(&mut random, "n"), random.text());
        let (path, domain) = (plain(&mut random, "/p"), plain(&mut random, "a.com"));
        let flags = random.below(32);
        let mut cookie = match random.below(3) {
            0 => SetCookie::new(name.clone(), &value),
            1 => SetCookie::raw(name.clone(), &*value),
            _ => SetCookie::werkzeug(name.clone(), &value),
        };
        cookie = if flags & 1 > 0 { cookie.path(path) } else { cookie };
        cookie = if flags & 2 > 0 { cookie.domain(domain) } else { cookie };
        cookie = if flags & 4 > 0 { cookie.secure() } else { cookie };
        cookie = if flags & 8 > 0 {
            cookie.same_site(random.one(&[SameSite::None, SameSite::Strict]))
        } else {
            cookie
        };
        cookie = if flags & 16 > 0 {
            cookie.expires_in(SystemTime::UNIX_EPOCH, Duration::from_secs(1))
        } else {
            cookie
        };
        let removal = RemoveCookie::from(&cookie);
        for header in [cookie.to_header(), removal.to_header()].into_iter().flatten() {
            written += 1;
            assert!(header.bytes().all(|byte| (0x20..0x7F).contains(&byte)), "{header:?}");
            let mut parts = header.split("; ");
            assert!(parts.next().is_some_and(|pair| pair.starts_with(&format!("{name}="))), "{header:?}");
            let mut order =
                ["Domain", "Expires", "Max-Age", "Secure", "HttpOnly", "Path", "SameSite", "Partitioned"]
                    .into_iter();
            for part in parts {
                let attribute = part.split('=').next().unwrap_or_default();
                assert!(!part.contains(';') && order.any(|next| next == attribute), "{header:?}");
            }
            assert_eq!(
                header.contains("; Secure"),
                flags & 4 > 0 || removal_adds_secure(&header),
                "{header:?}"
            );
        }
    }
    assert!(written > 10_000);
}

/// A removal says `Secure` unasked where browsers demand it.
fn removal_adds_secure(header: &str) -> bool {
    header.starts_with("__") || header.contains("; SameSite=None")
}
