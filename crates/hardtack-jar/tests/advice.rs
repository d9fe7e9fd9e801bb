//! Tests the advice on cookies that could be better, flaw by flaw.
#![cfg(feature = "psl")]

use std::collections::HashSet;
use std::mem::discriminant;
use std::time::{Duration, SystemTime};

use hardtack_jar::{Advisor, Flaw, Jar, Refusal, RequestContext, Severity};

const ID: &str = "Zm9vYmFyYmF6cXV4Zm9vYg";

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn access(url: &str) -> RequestContext {
    RequestContext::http(url).expect("a URL")
}

/// Returns the flaws of one line, with their severities.
fn flaws(url: &str, line: &str) -> Vec<(Flaw, Severity)> {
    let (jar, access) = (Jar::new(), access(url));
    let advice = Advisor::new(&jar, &access, now()).line(line);
    advice.iter().map(|advice| (advice.flaw(), advice.severity())).collect()
}

/// Returns lines, each with one flaw that is among the advice on it, and its severity.
fn cases() -> Vec<(&'static str, String, Flaw, Severity)> {
    use Severity::{Error, Notice, Warning};
    let site = "https://shop.example.com/cart/";
    let good = |name: &str, value: &str, more: &str| {
        format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{more}")
    };
    let host = |value: &str, more: &str| good("__Host-session", value, more);
    vec![
        (site, format!("__Host-session={ID}; Path=/"), Flaw::Refused(refused_prefix()), Error),
        (site, good("__Host-a", "b\tc", ""), Flaw::RefusedBy(chromium(), Refusal::InnerTab), Warning),
        ("http://shop.example.com/", format!("session={ID}"), Flaw::PlainConnection, Error),
        ("http://shop.example.com/", "theme=dark".into(), Flaw::PlainConnection, Warning),
        (site, format!("session={ID}; HttpOnly"), Flaw::NoSecure, Error),
        (site, "theme=dark".into(), Flaw::NoSecure, Warning),
        ("http://localhost:5000/", format!("session={ID}"), Flaw::NoSecure, Notice),
        (site, format!("__Host-session={ID}; Secure; Path=/"), Flaw::NoHttpOnly, Error),
        (site, "theme=dark; Secure".into(), Flaw::NoHttpOnly, Notice),
        (site, format!("__Host-session={ID}; Secure; Path=/; HttpOnly"), Flaw::NoSameSite, Warning),
        (site, host(ID, "; SameSite=Sometimes"), Flaw::UnknownSameSite, Warning),
        (site, host(ID, "; SameSite=None"), Flaw::SameSiteNone, Warning),
        (site, good("session", ID, ""), Flaw::NoPrefix, Warning),
        (site, good("theme", "dark", ""), Flaw::NoPrefix, Notice),
        (site, good("__Secure-session", ID, ""), Flaw::WeakPrefix, Notice),
        (site, good("__Secure-session", ID, "; Domain=example.com"), Flaw::WideDomain, Warning),
        (site, good("PHPSESSID", ID, ""), Flaw::TellingName, Notice),
        (site, host("1", ""), Flaw::GuessableId, Error),
        (site, host("0123456789abcdef01234567", ""), Flaw::ShortId, Warning),
        (site, host("f47ac10b-58cc-4372-a567-0e02b2c3d479", ""), Flaw::ShortId, Warning),
        (site, host("jane@example.com", ""), Flaw::PersonalData, Warning),
        (site, host("eyJhbGciOiJub25lIn0.eyJleHAiOjF9.", ""), Flaw::UnsignedToken, Error),
        (site, host("eyJhbGciOiJIUzI1NiJ9.e30.c2ln", ""), Flaw::EndlessToken, Warning),
        (site, host(&"x".repeat(3100), ""), Flaw::NearLimit, Warning),
        (site, host(ID, "; Max-Age=34560001"), Flaw::OverLongLife, Notice),
        (site, host(ID, "; Max-Age=2592001"), Flaw::LongSession, Notice),
        (site, good("se(ss)ion", ID, ""), Flaw::BadName, Warning),
        (site, "dark; Secure".into(), Flaw::NoName, Warning),
        (site, good("__Host-theme", "very dark", ""), Flaw::BadValue, Warning),
        (site, host(ID, "; Secure"), Flaw::Twice, Warning),
        (site, host(ID, "; Securely"), Flaw::UnknownAttribute, Notice),
        (site, host(ID, &format!("; Priority={}", "x".repeat(1025))), Flaw::LongAttribute, Warning),
        (site, host(ID, "; Max-Age=1h"), Flaw::BadMaxAge, Warning),
        (site, host(ID, "; Expires=tomorrow"), Flaw::BadExpires, Warning),
        (site, host(ID, "; Expires=Fri Jan 15 08:00:01 2027"), Flaw::OddExpires, Notice),
        (site, "a=b; Path=shop".into(), Flaw::BadPath, Warning),
    ]
}

fn refused_prefix() -> Refusal {
    Refusal::Prefix(hardtack_jar::Prefix::Host)
}

fn chromium() -> hardtack_jar::Profile {
    hardtack_jar::Profile::Chromium
}

#[test]
fn each_flaw_is_found_and_weighed() {
    for (url, line, flaw, severity) in cases() {
        let found = flaws(url, &line);
        assert!(found.contains(&(flaw, severity)), "{url} {line:.120}: {flaw:?} is not in {found:?}");
    }
}

#[test]
fn each_flaw_has_words_a_remedy_and_a_place() {
    let met: HashSet<_> = cases().iter().map(|case| discriminant(&case.2)).collect();
    let by_response =
        [Flaw::SetAgain, Flaw::Cacheable, Flaw::RemovesNothing, Flaw::Double, Flaw::HeavyRequest];
    for flaw in cases().into_iter().map(|case| case.2).chain(by_response) {
        for text in [&*flaw.sentence(), flaw.fix(), flaw.section()] {
            assert!(text.len() > 5 && !text.ends_with('.'), "{flaw:?}: {text}");
        }
    }
    println!("summary: flaws of cookies that are told: {}", met.len() + by_response.len());
}

#[test]
fn the_best_cookie_has_none() {
    for line in [
        format!("__Host-session={ID}; Path=/; Secure; HttpOnly; SameSite=Lax"),
        format!("__Host-session={ID}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=86400"),
        format!("__Host-csrf={ID}; Path=/; Secure; SameSite=Strict"),
        "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
            .to_owned(),
    ] {
        assert_eq!(flaws("https://shop.example.com/", &line), [], "{line}");
    }
}

#[test]
fn a_removal_needs_no_protection_but_the_right_place() {
    let access = access("https://shop.example.com/cart/");
    let mut jar = Jar::new();
    jar.set(&access, "id=1; Path=/", now()).expect("taken");
    let found = |line: &str| {
        let advice = Advisor::new(&jar, &access, now()).line(line);
        advice.iter().map(|advice| advice.flaw()).collect::<Vec<_>>()
    };
    assert_eq!(found("id=; Max-Age=0; Path=/"), []);
    assert_eq!(found("id=; Max-Age=0"), [Flaw::RemovesNothing]);
    assert_eq!(found("other=; Max-Age=0"), [], "none was there");
}

#[test]
fn cookies_that_meet_are_told() {
    let access = access("https://shop.example.com/cart/");
    let mut jar = Jar::new();
    jar.set(&access, "id=1; Path=/", now()).expect("taken");
    let has = |jar: &Jar, line: &str, flaw| {
        Advisor::new(jar, &access, now()).line(line).iter().any(|advice| advice.flaw() == flaw)
    };
    assert!(has(&jar, "id=2; Path=/cart", Flaw::Double));
    assert!(has(&jar, "id=2; Domain=example.com", Flaw::Double));
    assert!(!has(&jar, "id=2; Path=/", Flaw::Double));

    assert!(!has(&jar, "a=1", Flaw::HeavyRequest));
    for name in ["x", "y"] {
        jar.set(&access, format!("{name}={}; Path=/", "x".repeat(4090)), now()).expect("taken");
    }
    assert!(has(&jar, "a=1", Flaw::HeavyRequest));
}

#[test]
fn a_response_is_judged_as_a_whole() {
    let (jar, access) = (Jar::new(), access("https://shop.example.com/"));
    let advisor = Advisor::new(&jar, &access, now());
    let good = format!("__Host-session={ID}; Path=/; Secure; HttpOnly; SameSite=Lax");
    let flaws = |lines: &[&str], cache: Option<&str>| {
        let judged = advisor.response(lines, cache);
        judged
            .iter()
            .map(|one| one.advice().iter().map(|advice| advice.flaw()).collect())
            .collect::<Vec<Vec<_>>>()
    };
    assert_eq!(flaws(&[&good], Some("private, No-Store")), [vec![]]);
    assert_eq!(flaws(&[&good], Some("no-cache")), [vec![Flaw::Cacheable]]);
    assert_eq!(flaws(&[&good], None), [vec![Flaw::Cacheable]]);
    assert_eq!(flaws(&[&good, &good], Some("no-store")), [vec![], vec![Flaw::SetAgain]]);
}

#[test]
fn a_role_that_is_known_counts_more_than_a_guess() {
    let (jar, access) = (Jar::new(), access("https://shop.example.com/"));
    let line = "__Host-x=1; Path=/; Secure; HttpOnly; SameSite=Lax";
    assert!(Advisor::new(&jar, &access, now()).line(line).is_empty());
    let advice = Advisor::new(&jar, &access, now()).session("__Host-x").line(line);
    assert_eq!(advice.iter().map(|advice| advice.flaw()).collect::<Vec<_>>(), [Flaw::GuessableId]);
}

#[test]
fn what_is_said_holds_nothing_of_the_value() {
    for (url, line, ..) in cases() {
        let (jar, access) = (Jar::new(), access(url));
        let value = line.split(['=', ';']).nth(1).unwrap_or_default().to_owned();
        for advice in Advisor::new(&jar, &access, now()).line(&line) {
            assert!(value.len() < 4 || !format!("{advice} {advice:?}").contains(&value), "{advice}");
        }
    }
}

#[test]
fn any_number_of_attributes_is_read_once() {
    let line = format!("session={ID}{}", "; Odd; Path=/x; Expires=odd".repeat(20_000));
    assert!(flaws("https://shop.example.com/", &line).len() < 12);
}
