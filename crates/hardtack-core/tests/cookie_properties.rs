//! Tests properties that every cookie must have, on generated cookies. The generator is seeded, so failures are
//! reproducible.

use std::time::{Duration, SystemTime};

use hardtack_core::cookie::{Cookies, Limits, RemoveCookie, SameSite, SetCookie, WerkzeugParser, find};

const PARSERS: [WerkzeugParser; 2] = [WerkzeugParser::V3_1_9, WerkzeugParser::V3_1_8];

/// The pieces from which strings are generated: separators, quotes, escapes, and edge cases.
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

/// Returns the pair as the browser sends it back: the part of the header before the first `;`.
fn sent_back(header: &str) -> &str {
    header.split(';').next().unwrap_or_default()
}

#[test]
fn r5_a_value_of_any_text_is_encoded_and_comes_back_as_it_was_set() {
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

/// Returns whether a removal adds `Secure` automatically because browsers require it.
fn removal_adds_secure(header: &str) -> bool {
    header.starts_with("__") || header.contains("; SameSite=None")
}

/// Returns whether a byte is a `cookie-octet` (RFC 6265bis, section 4.1.1).
fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2B | 0x2D..=0x3A | 0x3C..=0x5B | 0x5D..=0x7E)
}

/// Returns whether a byte is a `tchar` (RFC 9110, section 5.6.2).
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Returns whether a string is a `cookie-value = *cookie-octet / ( DQUOTE *cookie-octet DQUOTE )`.
fn is_cookie_value(value: &str) -> bool {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    inner.bytes().all(is_cookie_octet)
}

#[test]
fn r1_every_set_cookie_follows_the_grammar() {
    let mut random = Random(6);
    let mut written = 0;
    for _ in 0..200_000 {
        let name = if random.below(2) == 0 { random.text() } else { "name".to_owned() };
        let value = random.text();
        let cookie = match random.below(2) {
            0 => SetCookie::new(name, &value),
            _ => SetCookie::raw(name, &*value),
        };
        let cookie = if random.below(2) == 0 { cookie.path(random.text()) } else { cookie };
        let Ok(header) = cookie.to_header() else { continue };
        written += 1;
        let (pair, attributes) = header.split_once(';').unwrap_or((&header, ""));
        let (name, value) = pair.split_once('=').expect("a name and a value");
        assert!(!name.is_empty() && name.bytes().all(is_tchar), "{header:?}");
        assert!(is_cookie_value(value), "{header:?}");
        // `av-octet`: any character except controls and `;`.
        assert!(attributes.bytes().all(|byte| matches!(byte, 0x20..=0x7E)), "{header:?}");
        assert!(attributes.split(';').all(|attribute| attribute.starts_with(' ') || attributes.is_empty()));
    }
    assert!(written > 10_000);
    // Werkzeug's quoted form also contains spaces and backslashes between its quotes, which Werkzeug's own parsers
    // accept.
    let header = SetCookie::werkzeug("a", "b c").to_header().expect("a cookie");
    assert_eq!(sent_back(&header), r#"a="b c""#);
}

#[test]
fn r6_expires_is_an_imf_fixdate_and_max_age_is_digits() {
    let mut random = Random(7);
    for _ in 0..20_000 {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(random.below(1 << 31) as u64);
        let age = Duration::from_millis(random.below(1 << 31) as u64);
        let header = SetCookie::new("a", "b").expires_in(now, age).to_header().expect("a cookie");
        let attribute = |name: &str| header.split("; ").find_map(|part| part.strip_prefix(name)).expect(name);
        assert!(attribute("Max-Age=").bytes().all(|byte| byte.is_ascii_digit()), "{header}");
        let date = attribute("Expires=");
        // `day-name "," SP 2DIGIT SP month SP 4DIGIT SP 2DIGIT ":" 2DIGIT ":" 2DIGIT SP GMT` (RFC 9110, section 5.6.7)
        let shape: String = date
            .chars()
            .map(|c| match c {
                '0'..='9' => '0',
                'A'..='Z' => 'A',
                'a'..='z' => 'a',
                other => other,
            })
            .collect();
        assert_eq!(shape, "Aaa, 00 Aaa 0000 00:00:00 AAA", "{date}");
        assert!(date.ends_with(" GMT"), "{date}");
    }
    let removal = RemoveCookie::new("a").to_header().expect("a cookie");
    assert!(removal.contains("; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0;"), "{removal}");
}

#[test]
fn r11_several_cookie_headers_are_read_as_one() {
    let mut random = Random(8);
    for _ in 0..20_000 {
        let pairs: Vec<Vec<u8>> = (0..1 + random.below(5)).map(|_| random.bytes()).collect();
        // If a header is split within quotes, the second part may close them for Werkzeug's parsers, which read the
        // joined text.
        let whole = pairs.join(&b';');
        let read = |cookies: &Cookies| -> Vec<(Vec<u8>, Vec<u8>)> {
            cookies.iter_raw().map(|(name, value)| (name.to_vec(), value.to_vec())).collect()
        };
        assert_eq!(read(&Cookies::parse(&pairs)), read(&Cookies::parse([&whole])));
        for parser in PARSERS {
            assert_eq!(read(&Cookies::werkzeug(parser, &pairs)), read(&Cookies::werkzeug(parser, [&whole])));
            assert_eq!(parser.first(&pairs, "a"), parser.first([&whole], "a"));
        }
        assert_eq!(find(&pairs, "a").collect::<Vec<_>>(), find([&whole], "a").collect::<Vec<_>>());
    }
}

#[test]
fn r12_of_a_name_sent_twice_both_are_seen_in_either_order() {
    for (header, values) in [("a=1; b=x; a=2", ["1", "2"]), ("a=2; b=x; a=1", ["2", "1"])] {
        let cookies = Cookies::parse([header]);
        assert_eq!(cookies.get_all("a").collect::<Vec<_>>(), values);
        assert_eq!(find([header], "a").collect::<Vec<_>>(), values.map(str::as_bytes));
        assert!(cookies.is_ambiguous("a") && !cookies.is_ambiguous("b"));
    }
}

#[test]
fn o10_a_name_sent_twice_is_known_to_be_ambiguous_wherever_it_stands() {
    let mut random = Random(9);
    for _ in 0..20_000 {
        let pairs: Vec<String> =
            (0..random.below(6)).map(|_| format!("{}={}", random.text(), random.text())).collect();
        let cookies = Cookies::parse([pairs.join("; ")]);
        for (name, _) in cookies.iter() {
            let times = cookies.iter_raw().filter(|(other, _)| *other == name.as_bytes()).count();
            assert_eq!(cookies.is_ambiguous(name), times > 1, "{name:?} in {pairs:?}");
        }
    }
}
