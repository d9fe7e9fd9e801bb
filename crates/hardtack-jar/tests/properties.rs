//! Tests properties that hold for every input, with inputs that a seeded generator makes from pieces of cookies.
//!
//! `HARDTACK_INPUTS` sets the number of inputs; the default is a hundred thousand.

use std::env;
use std::time::{Duration, SystemTime};

use hardtack_jar::{
    Format, Jar, Limits, PartitionKey, Profile, RequestContext, SiteContext, cookie_date, domain_match,
    path_match,
};

const PIECES: &[&[u8]] = &[
    b"=",
    b";",
    b"; ",
    b" ",
    b"\t",
    b",",
    b"\"",
    b"%20",
    b"a",
    b"b",
    b"name",
    b"value",
    b"\xc3\xa9",
    b"\xff",
    b"\x00",
    b"\x1f",
    b"\x7f",
    b"__Host-",
    b"__secure-",
    b"__Http-",
    b"__Host-Http-",
    b"; Path=",
    b"; Path=/",
    b"/a",
    b"/a/b",
    b"; Domain=",
    b"; Domain=.",
    b"example.com",
    b"www.",
    b".",
    b"com",
    b"github.io",
    b"; Secure",
    b"; HttpOnly",
    b"; SameSite=",
    b"; SameSite=None",
    b"Lax",
    b"strict",
    b"; Partitioned",
    b"; Max-Age=",
    b"; Max-Age=60",
    b"-1",
    b"0",
    b"99999999999999999999",
    b"; Expires=",
    b"Tue, 14 Nov 2023 22:14:20 GMT",
    b"14",
    b"Nov",
    b"2023",
    b"22:14:20",
    b"30 Feb",
];

const URLS: [&str; 8] = [
    "https://www.example.com/a/b",
    "https://example.com/a",
    "http://www.example.com/a/b/c",
    "http://example.com./",
    "https://jane.github.io/",
    "http://localhost:3000/x",
    "http://192.0.2.3/",
    "https://[::1]/a",
];

struct Rng(u64);

impl Rng {
    /// Returns the next number of the `splitmix64` generator.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    fn below(&mut self, sides: usize) -> usize {
        (self.next() % sides as u64) as usize
    }

    fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        for _ in 0..self.below(14) {
            if self.below(20) == 0 {
                line.push(self.next() as u8);
            } else {
                line.extend_from_slice(PIECES[self.below(PIECES.len())]);
            }
        }
        line
    }

    fn request(&mut self) -> RequestContext {
        let url = URLS[self.below(URLS.len())];
        let request =
            if self.below(4) == 0 { RequestContext::script(url) } else { RequestContext::http(url) };
        let request = request.expect("a URL with cookies").context(match self.below(8) {
            0 => SiteContext::Navigation,
            1 => SiteContext::UnsafeNavigation,
            2 => SiteContext::CrossSite,
            _ => SiteContext::SameSite,
        });
        if self.below(10) == 0 {
            request.partition(PartitionKey::new("https://top.example".parse().expect("a site")))
        } else {
            request
        }
    }
}

#[test]
fn every_accepted_cookie_meets_the_rules() {
    let inputs: u64 = env::var("HARDTACK_INPUTS").map_or(100_000, |inputs| inputs.parse().expect("a number"));
    let mut rng = Rng(1);
    let (mut jar, mut now) = (Jar::new(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let (mut taken, mut sent) = (0_u64, 0_u64);
    for input in 0..inputs {
        if input % 1_000 == 0 {
            let profile = [Profile::Standard, Profile::Chromium, Profile::Safari][rng.below(3)];
            jar = Jar::new().profile(profile).limits(Limits::default().per_domain(10).total(40));
        }
        let (request, line) = (rng.request(), rng.line());
        let _ = cookie_date(&line);
        let checked = jar.check(&request, &line, now);
        let set = jar.set(&request, &line, now);
        assert_eq!(set.map(drop), checked, "checking is setting without setting");
        taken += u64::from(set.is_ok());
        assert!(jar.len() <= 40);
        now += Duration::from_millis(rng.next() % 500);

        let request = rng.request();
        let cookies = jar.cookies(&request, now);
        sent += cookies.len() as u64;
        for cookie in &cookies {
            assert!(domain_match(request.host(), cookie.domain()));
            assert!(path_match(request.path(), cookie.path()));
            assert!(cookie.expires().is_none_or(|expires| expires > now));
            assert!(cookie.name().len() + cookie.value().len() <= 4096);
        }
        let paths: Vec<_> = cookies.iter().map(|cookie| cookie.path().len()).collect();
        assert!(paths.is_sorted_by(|a, b| a >= b), "longer paths come first");
        if input % 500 == 499 {
            there_and_back(&jar, now);
        }
    }
    assert!(
        taken > inputs / 20 && sent > inputs / 20,
        "the generator hits the jar: {taken} taken, {sent} sent"
    );
    println!("summary: the jar's properties: {inputs} lines, {taken} of them taken");
}

fn writable() -> impl Iterator<Item = Format> {
    Format::ALL.iter().copied().filter(|format| format.is_writable())
}

fn there_and_back(jar: &Jar, now: SystemTime) {
    for format in writable() {
        let exported = jar.export(format, now).expect("a format to write");
        let mut again = Jar::new();
        let imported = again.import(format, exported.text(), now).expect("what was exported can be imported");
        assert_eq!(imported.left_out(), []);
        let live = jar.iter().filter(|cookie| cookie.expires().is_none_or(|expires| expires > now)).count();
        assert_eq!(again.len() + exported.left_out().len(), live, "{format:?}");
        let second = again.export(format, now).expect("a format to write");
        assert_eq!(second.text(), exported.text(), "{format:?}");
    }
}

#[test]
fn torn_and_mixed_files_do_not_panic() {
    let mut rng = Rng(2);
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let mut jar = Jar::new();
    for _ in 0..40 {
        let _ = jar.set(&rng.request(), rng.line(), now);
    }
    for format in writable() {
        let text = jar.export(format, now).expect("a format to write").text().to_vec();
        for _ in 0..2_000 {
            let mut torn = text.clone();
            for _ in 0..=rng.below(4) {
                let at = rng.below(torn.len().max(1)).min(torn.len().saturating_sub(1));
                match rng.below(4) {
                    0 => torn.truncate(at),
                    1 => torn.insert(at, rng.next() as u8),
                    2 => drop(torn.splice(at..at, PIECES[rng.below(PIECES.len())].iter().copied())),
                    _ => drop(torn.drain(at..(at + rng.below(20)).min(torn.len()))),
                }
            }
            let _ = Jar::new().import(format, &torn, now);
            let _ = Format::detect(&torn);
        }
    }
}
