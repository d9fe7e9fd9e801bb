use hardtack_jar::{Format, Jar, Limits};

use crate::support::Browser;

const URL: &str = "https://example.com/";

fn small(per_domain: usize, total: usize) -> Browser {
    Browser::with(Jar::new().limits(Limits::default().per_domain(per_domain).total(total)))
}

/// Returns the sorted names of the cookies in the jar, for all hosts.
fn names(browser: &Browser) -> Vec<String> {
    let mut names: Vec<_> =
        browser.jar.iter().map(|cookie| String::from_utf8_lossy(cookie.name()).into_owned()).collect();
    names.sort();
    names
}

#[test]
fn u19_the_limits_are_chromiums_by_default() {
    let mut browser = Browser::new();
    for number in 0..181 {
        browser.set(URL, &format!("n{number}=1")).expect("taken");
    }
    assert_eq!(browser.jar.len(), 180);
    for host in 0..3_300 {
        browser.set(&format!("https://h{host}.example/"), "a=1").expect("taken");
    }
    assert_eq!(browser.jar.len(), 3_300);
}

#[test]
fn a_file_evicts_nothing_and_what_a_server_evicts_is_counted() {
    let mut browser = Browser::new();
    let line = |domain: &str, name: usize| format!("{domain}\tFALSE\t/\tFALSE\t0\tn{name}\t1\n");
    let text: String = (0..300)
        .map(|name| line("example.com", name))
        .chain((0..5_000).map(|host| line(&format!("h{host}.example"), 0)))
        .collect();
    let imported = browser.jar.import(Format::Netscape, text, browser.now).expect("cookies.txt");
    assert_eq!((imported.taken(), browser.jar.len(), browser.jar.evicted()), (5_300, 5_300, 0));
    browser.advance(1);
    // The jar does not grow beyond the size that it has after the import.
    for name in ["a", "b", "c"] {
        browser.set(URL, &format!("{name}=1")).expect("taken");
    }
    assert_eq!((browser.jar.len(), browser.jar.evicted()), (5_300, 3));
}

#[test]
fn u19_the_least_recently_used_go_first() {
    let mut browser = small(3, 100);
    for name in ["a", "b", "c"] {
        browser.set(URL, &format!("{name}=1; Path=/{name}")).expect("taken");
        browser.advance(1);
    }
    // Sending a cookie updates the time of its last use, and so does setting it again.
    assert_eq!(browser.header("https://example.com/a"), "a=1");
    browser.advance(1);
    browser.set(URL, "b=1; Path=/b").expect("taken");
    browser.advance(1);
    browser.set(URL, "d=1").expect("taken");
    assert_eq!(names(&browser), ["a", "b", "d"]);
    browser.advance(1);
    browser.set(URL, "e=1").expect("taken");
    assert_eq!(names(&browser), ["b", "d", "e"]);
}

#[test]
fn u19_the_expired_go_before_the_unused() {
    let mut browser = small(3, 100);
    for line in ["a=1", "b=1; Max-Age=2", "c=1; Max-Age=2"] {
        browser.set(URL, line).expect("taken");
    }
    browser.advance(2);
    browser.set(URL, "d=1").expect("taken");
    assert_eq!(names(&browser), ["a", "d"]);
}

#[test]
fn u19_those_without_secure_go_before_those_with_it() {
    let mut browser = small(3, 100);
    for line in ["a=1; Secure", "b=1", "c=1; Secure"] {
        browser.set(URL, line).expect("taken");
        browser.advance(1);
    }
    browser.set(URL, "d=1; Secure").expect("taken");
    assert_eq!(names(&browser), ["a", "c", "d"]);
    // If all other cookies are `Secure`, a new cookie without `Secure` is itself evicted.
    browser.set(URL, "e=1").expect("taken");
    assert_eq!(names(&browser), ["a", "c", "d"]);
    browser.set(URL, "f=1; Secure").expect("taken");
    assert_eq!(names(&browser), ["c", "d", "f"]);
}

#[test]
fn a_full_jar_makes_room_among_all_domains() {
    let mut browser = small(100, 4);
    let url = |number: u32| format!("https://h{number}.example/");
    for number in 0..4 {
        let age = if number == 2 { "; Max-Age=10" } else { "" };
        browser.set(&url(number), &format!("n{number}=1{age}")).expect("taken");
        browser.advance(1);
    }
    assert_eq!(browser.header(&url(0)), "n0=1");
    browser.advance(1);
    // The least recently used cookie is evicted.
    browser.set(&url(4), "n4=1").expect("taken");
    assert_eq!(names(&browser), ["n0", "n2", "n3", "n4"]);
    browser.advance(10);
    // The expired cookie is evicted.
    browser.set(&url(5), "n5=1").expect("taken");
    assert_eq!(names(&browser), ["n0", "n3", "n4", "n5"]);
    browser.advance(1);
    // The oldest cookie is used before it would be evicted, so another one is evicted.
    assert_eq!(browser.header(&url(3)), "n3=1");
    browser.advance(1);
    browser.set(&url(6), "n6=1").expect("taken");
    assert_eq!(names(&browser), ["n3", "n4", "n5", "n6"]);
    browser.set(&url(7), "n7=1").expect("taken");
    assert_eq!(names(&browser), ["n3", "n5", "n6", "n7"]);
}

/// A cookie in a slow, simple jar, with which the test compares the real one.
#[derive(Clone, PartialEq, Debug)]
struct Slow {
    host: u64,
    name: u64,
    secure: bool,
    expires: Option<u64>,
    used: u64,
    serial: u64,
}

impl Slow {
    fn is_live(&self, now: u64) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }
}

/// Evicts cookies from the slow jar exactly as the standard describes, step by step.
fn make_room(slow: &mut Vec<Slow>, host: u64, now: u64) {
    let over = |slow: &[Slow]| slow.iter().filter(|cookie| cookie.host == host).count() > 4;
    if over(slow) {
        slow.retain(|cookie| cookie.host != host || cookie.is_live(now));
    }
    while over(slow) {
        let of_host = slow.iter().filter(|cookie| cookie.host == host);
        let victim = of_host.min_by_key(|cookie| (cookie.secure, cookie.used, cookie.serial));
        let victim = victim.expect("one of them").serial;
        slow.retain(|cookie| cookie.serial != victim);
    }
    if slow.len() > 20 {
        slow.retain(|cookie| cookie.is_live(now));
    }
    while slow.len() > 20 {
        let victim =
            slow.iter().min_by_key(|cookie| (cookie.used, cookie.serial)).expect("one of them").serial;
        slow.retain(|cookie| cookie.serial != victim);
    }
}

#[test]
fn u19_a_full_jar_does_what_a_slow_one_would() {
    let mut browser = small(4, 20);
    let mut seed = 7_u64;
    let mut rng = |sides: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % sides
    };
    let mut slow: Vec<Slow> = Vec::new();
    for now in 0..20_000 {
        browser.advance(1);
        let host = rng(12);
        let url = format!("https://h{host}.example/");
        if rng(3) == 0 {
            browser.header(&url);
            slow.iter_mut()
                .filter(|cookie| cookie.host == host && cookie.is_live(now))
                .for_each(|cookie| cookie.used = now);
        } else {
            let (name, secure, age) = (rng(6), rng(2) == 0, (rng(2) == 0).then(|| 1 + rng(50)));
            let mut line = format!("n{name}=1");
            line += if secure { "; Secure" } else { "" };
            line += &age.map_or_else(String::new, |age| format!("; Max-Age={age}"));
            browser.set(&url, &line).expect("taken");
            let place = slow.iter().position(|cookie| (cookie.host, cookie.name) == (host, name));
            let old = place.map(|place| slow.remove(place)).filter(|old| old.is_live(now));
            let serial = old.map_or(now, |old| old.serial);
            slow.push(Slow { host, name, secure, expires: age.map(|age| now + age), used: now, serial });
            make_room(&mut slow, host, now);
        }
        let mut expected: Vec<_> =
            slow.iter().map(|cookie| format!("h{}.example n{}", cookie.host, cookie.name)).collect();
        let names =
            browser.jar.iter().map(|cookie| (cookie.domain(), String::from_utf8_lossy(cookie.name())));
        let mut found: Vec<_> = names.map(|(host, name)| format!("{host} {name}")).collect();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "after {now} steps");
    }
}
