//! Tests the findings about cookies that could be safer, rule by rule.
#![cfg(feature = "psl")]

use std::collections::HashSet;
use std::mem::discriminant;
use std::time::{Duration, SystemTime};

use hardtack_jar::{Advisor, Finding, Jar, Refusal, RequestContext, Rule, Severity};

const ID: &str = "Zm9vYmFyYmF6cXV4Zm9vYg";

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn request(url: &str) -> RequestContext {
    RequestContext::http(url).expect("a URL")
}

/// Returns the rules that one line does not meet, with their severities.
fn found(url: &str, line: &str) -> Vec<(Rule, Severity)> {
    let (jar, request) = (Jar::new(), request(url));
    let findings = Advisor::new(&jar, &request, now()).line(line);
    findings.iter().map(|finding| (finding.rule(), finding.severity())).collect()
}

fn rules(findings: &[Finding]) -> Vec<Rule> {
    findings.iter().map(Finding::rule).collect()
}

/// Returns URLs and lines, each with a rule that the line does not meet, and with the severity of the finding.
fn cases() -> Vec<(&'static str, String, Rule, Severity)> {
    use Severity::{Error, Notice, Warning};
    let site = "https://shop.example.com/cart/";
    let good = |name: &str, value: &str, more: &str| {
        format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{more}")
    };
    let host = |value: &str, more: &str| good("__Host-session", value, more);
    vec![
        (site, format!("__Host-session={ID}; Path=/"), Rule::Refused(refused_prefix()), Error),
        (site, good("__Host-a", "b\tc", ""), Rule::RefusedBy(chromium(), Refusal::InnerTab), Warning),
        ("http://shop.example.com/", format!("session={ID}"), Rule::PlainConnection, Error),
        ("http://shop.example.com/", "theme=dark".into(), Rule::PlainConnection, Warning),
        (site, format!("session={ID}; HttpOnly"), Rule::NoSecure, Error),
        (site, "theme=dark".into(), Rule::NoSecure, Warning),
        ("http://localhost:5000/", format!("session={ID}"), Rule::NoSecure, Notice),
        (site, format!("__Host-session={ID}; Secure; Path=/"), Rule::NoHttpOnly, Error),
        (site, "theme=dark; Secure".into(), Rule::NoHttpOnly, Notice),
        (site, format!("__Host-session={ID}; Secure; Path=/; HttpOnly"), Rule::NoSameSite, Warning),
        (site, host(ID, "; SameSite=Sometimes"), Rule::UnknownSameSite, Warning),
        (site, host(ID, "; SameSite=None"), Rule::SameSiteNone, Warning),
        (site, good("session", ID, ""), Rule::NoPrefix, Warning),
        (site, good("theme", "dark", ""), Rule::NoPrefix, Notice),
        (site, good("__Secure-session", ID, ""), Rule::WeakPrefix, Notice),
        (site, good("__Secure-session", ID, "; Domain=example.com"), Rule::WideDomain, Warning),
        (site, good("PHPSESSID", ID, ""), Rule::TellingName, Notice),
        (site, host("1", ""), Rule::GuessableId, Error),
        (site, host("0123456789abcdef01234567", ""), Rule::ShortId, Warning),
        (site, host("f47ac10b-58cc-4372-a567-0e02b2c3d479", ""), Rule::ShortId, Warning),
        (site, host("jane@example.com", ""), Rule::PersonalData, Warning),
        (site, host("eyJhbGciOiJub25lIn0.eyJleHAiOjF9.", ""), Rule::UnsignedToken, Error),
        (site, host("eyJhbGciOiJIUzI1NiJ9.e30.c2ln", ""), Rule::EndlessToken, Warning),
        (site, host(&"x".repeat(3100), ""), Rule::NearLimit, Warning),
        (site, host(ID, "; Max-Age=34560001"), Rule::OverLongLife, Notice),
        (site, host(ID, "; Max-Age=2592001"), Rule::LongSession, Notice),
        (site, good("se(ss)ion", ID, ""), Rule::BadName, Warning),
        (site, "dark; Secure".into(), Rule::NoName, Warning),
        (site, good("__Host-theme", "very dark", ""), Rule::BadValue, Warning),
        (site, host(ID, "; Secure"), Rule::Twice, Warning),
        (site, host(ID, "; Securely"), Rule::UnknownAttribute, Notice),
        (site, host(ID, &format!("; Priority={}", "x".repeat(1025))), Rule::LongAttribute, Warning),
        (site, host(ID, "; Max-Age=1h"), Rule::BadMaxAge, Warning),
        (site, host(ID, "; Expires=tomorrow"), Rule::BadExpires, Warning),
        (site, host(ID, "; Expires=Fri Jan 15 08:00:01 2027"), Rule::OddExpires, Notice),
        (site, "a=b; Path=shop".into(), Rule::BadPath, Warning),
    ]
}

fn refused_prefix() -> Refusal {
    Refusal::Prefix(hardtack_jar::Prefix::Host)
}

fn chromium() -> hardtack_jar::Profile {
    hardtack_jar::Profile::Chromium
}

#[test]
fn each_rule_is_checked_and_weighed() {
    for (url, line, rule, severity) in cases() {
        let found = found(url, &line);
        assert!(found.contains(&(rule, severity)), "{url} {line:.120}: {rule} is not in {found:?}");
    }
}

#[test]
fn each_rule_has_a_message_a_fix_and_a_reference() {
    let of_lines: HashSet<_> = cases().iter().map(|case| discriminant(&case.2)).collect();
    let of_responses =
        [Rule::SetAgain, Rule::Cacheable, Rule::RemovesNothing, Rule::Double, Rule::HeavyRequest];
    let of_sites = [Rule::Downgrade, Rule::SharedSession, Rule::PlantedSession];
    for rule in cases().into_iter().map(|case| case.2).chain(of_responses).chain(of_sites) {
        let finding = Finding::new(rule);
        for text in [finding.message(), finding.fix(), finding.reference()] {
            assert!(text.len() > 5 && !text.ends_with('.'), "{rule}: {text}");
        }
    }
    println!("summary: rules for the cookies of a response: {}", of_lines.len() + of_responses.len());
}

#[test]
fn identifiers_are_stable() {
    for (rule, id) in [
        (Rule::NoHttpOnly, "NoHttpOnly"),
        (Rule::Refused(Refusal::PublicSuffix), "Refused(PublicSuffix)"),
        (Rule::Refused(refused_prefix()), "Refused(Prefix(Host))"),
        (Rule::RefusedBy(chromium(), Refusal::InnerTab), "RefusedBy(Chromium, InnerTab)"),
    ] {
        assert_eq!(rule.to_string(), id);
    }
}

#[test]
fn the_best_cookie_has_no_findings() {
    for line in [
        format!("__Host-session={ID}; Path=/; Secure; HttpOnly; SameSite=Lax"),
        format!("__Host-session={ID}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=86400"),
        format!("__Host-csrf={ID}; Path=/; Secure; SameSite=Strict"),
        "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
            .to_owned(),
    ] {
        assert_eq!(found("https://shop.example.com/", &line), [], "{line}");
    }
}

#[test]
fn a_removal_needs_no_protection_but_the_right_domain_and_path() {
    let request = request("https://shop.example.com/cart/");
    let mut jar = Jar::new();
    jar.set(&request, "id=1; Path=/", now()).expect("taken");
    let found = |line: &str| rules(&Advisor::new(&jar, &request, now()).line(line));
    assert_eq!(found("id=; Max-Age=0; Path=/"), []);
    assert_eq!(found("id=; Max-Age=0"), [Rule::RemovesNothing]);
    assert_eq!(found("other=; Max-Age=0"), [], "none was there");
}

#[test]
fn cookies_that_conflict_are_found() {
    let request = request("https://shop.example.com/cart/");
    let mut jar = Jar::new();
    jar.set(&request, "id=1; Path=/", now()).expect("taken");
    let has =
        |jar: &Jar, line: &str, rule| rules(&Advisor::new(jar, &request, now()).line(line)).contains(&rule);
    assert!(has(&jar, "id=2; Path=/cart", Rule::Double));
    assert!(has(&jar, "id=2; Domain=example.com", Rule::Double));
    assert!(!has(&jar, "id=2; Path=/", Rule::Double));

    assert!(!has(&jar, "a=1", Rule::HeavyRequest));
    for name in ["x", "y"] {
        jar.set(&request, format!("{name}={}; Path=/", "x".repeat(4090)), now()).expect("taken");
    }
    assert!(has(&jar, "a=1", Rule::HeavyRequest));
}

#[test]
fn a_response_is_checked_as_a_whole() {
    let (jar, request) = (Jar::new(), request("https://shop.example.com/"));
    let advisor = Advisor::new(&jar, &request, now());
    let good = format!("__Host-session={ID}; Path=/; Secure; HttpOnly; SameSite=Lax");
    let found = |lines: &[&str], cache: Option<&str>| {
        advisor.response(lines, cache).iter().map(|findings| rules(findings)).collect::<Vec<_>>()
    };
    assert_eq!(found(&[&good], Some("private, No-Store")), [vec![]]);
    assert_eq!(found(&[&good], Some("no-cache")), [vec![Rule::Cacheable]]);
    assert_eq!(found(&[&good], None), [vec![Rule::Cacheable]]);
    assert_eq!(found(&[&good, &good], Some("no-store")), [vec![], vec![Rule::SetAgain]]);
}

#[test]
fn a_known_role_overrides_a_guess() {
    let (jar, request) = (Jar::new(), request("https://shop.example.com/"));
    let line = "__Host-x=1; Path=/; Secure; HttpOnly; SameSite=Lax";
    assert!(Advisor::new(&jar, &request, now()).line(line).is_empty());
    let findings = Advisor::new(&jar, &request, now()).session("__Host-x").line(line);
    assert_eq!(rules(&findings), [Rule::GuessableId]);
}

#[test]
fn no_finding_contains_the_value() {
    for (url, line, ..) in cases() {
        let (jar, request) = (Jar::new(), request(url));
        let value = line.split(['=', ';']).nth(1).unwrap_or_default().to_owned();
        for finding in Advisor::new(&jar, &request, now()).line(&line) {
            assert!(value.len() < 4 || !format!("{finding} {finding:?}").contains(&value), "{finding}");
        }
    }
}

#[test]
fn each_attribute_is_read_once() {
    let line = format!("session={ID}{}", "; Odd; Path=/x; Expires=odd".repeat(20_000));
    assert!(found("https://shop.example.com/", &line).len() < 12);
}
