//! Finds syntax errors in a `Set-Cookie` line (RFC 6265bis, section 4.1.1), including those that browsers tolerate.

use std::time::{Duration, SystemTime};

use hardtack_core::cookie::{MAX_ATTRIBUTE_SIZE, SameSite, http_date};

use super::Rule;
use crate::set_cookie::{MAX_LIFETIME_SECONDS, cookie_date, read_max_age, split_at_equals};

/// The attributes that browsers support, including `Priority`, which only Chromium supports.
const KNOWN: [&str; 9] =
    ["path", "domain", "expires", "max-age", "secure", "httponly", "samesite", "partitioned", "priority"];

/// Calls `found` with each rule about syntax that a line does not meet. The same rule may be passed more than once.
pub(super) fn check(line: &[u8], now: SystemTime, found: &mut dyn FnMut(Rule)) {
    let mut parts = line.split(|&byte| byte == b';');
    if let (name, Some(value)) = split_at_equals(parts.next().unwrap_or_default()) {
        check_pair(name, value, found);
    } else {
        found(Rule::NoName);
    }
    let mut seen = [false; KNOWN.len()];
    for part in parts {
        let (name, value) = split_at_equals(part);
        let value = value.unwrap_or_default();
        let known = KNOWN.iter().position(|known| name.eq_ignore_ascii_case(known.as_bytes()));
        match known {
            Some(known) if seen[known] => found(Rule::Twice),
            Some(known) => seen[known] = true,
            // An empty attribute, such as after a `;` at the end, is harmless.
            None if name.is_empty() && value.is_empty() => {}
            None => found(Rule::UnknownAttribute),
        }
        if value.len() > MAX_ATTRIBUTE_SIZE {
            found(Rule::LongAttribute);
            continue;
        }
        match known.map(|known| KNOWN[known]) {
            Some("path") if !value.starts_with(b"/") => found(Rule::BadPath),
            Some("max-age") => check_max_age(value, found),
            Some("expires") => check_date(value, now, found),
            Some("samesite") if !is_same_site(value) => found(Rule::UnknownSameSite),
            _ => {}
        }
    }
}

fn check_pair(name: &[u8], value: &[u8], found: &mut dyn FnMut(Rule)) {
    if name.is_empty() {
        found(Rule::NoName);
    } else if !name.iter().copied().all(is_token_byte) {
        found(Rule::BadName);
    }
    let inner = match value {
        [b'"', inner @ .., b'"'] => inner,
        whole => whole,
    };
    if !inner.iter().copied().all(is_cookie_octet) {
        found(Rule::BadValue);
    }
}

fn check_max_age(value: &[u8], found: &mut dyn FnMut(Rule)) {
    match read_max_age(value) {
        None => found(Rule::BadMaxAge),
        // `read_max_age` returns this number for longer lifetimes, too.
        Some(MAX_LIFETIME_SECONDS) if !is_number(value, MAX_LIFETIME_SECONDS) => found(Rule::OverLongLife),
        Some(_) => {}
    }
}

fn check_date(value: &[u8], now: SystemTime, found: &mut dyn FnMut(Rule)) {
    let Some(date) = cookie_date(value) else { return found(Rule::BadExpires) };
    if http_date(date).is_none_or(|date| date.as_bytes() != value) {
        found(Rule::OddExpires);
    }
    let life = date.duration_since(now).unwrap_or_default();
    if life > Duration::from_secs(MAX_LIFETIME_SECONDS.into()) {
        found(Rule::OverLongLife);
    }
}

fn is_number(digits: &[u8], number: u32) -> bool {
    let significant = digits.iter().position(|&digit| digit != b'0').unwrap_or(digits.len());
    &digits[significant..] == number.to_string().as_bytes()
}

fn is_same_site(value: &[u8]) -> bool {
    let known = [SameSite::Strict, SameSite::Lax, SameSite::None];
    known.iter().any(|known| value.eq_ignore_ascii_case(known.as_str().as_bytes()))
}

/// Returns whether a byte may occur in a name (RFC 9110, section 5.6.2).
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Returns whether a byte may occur in a value (RFC 6265bis, section 4.1.1).
fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(line: &str) -> Vec<Rule> {
        let mut rules = Vec::new();
        check(line.as_bytes(), SystemTime::UNIX_EPOCH, &mut |rule| rules.push(rule));
        rules
    }

    #[test]
    fn a_line_in_the_standard_form_has_no_findings() {
        for line in [
            "a=b",
            "a=\"b c\"".replace(' ', "%20").as_str(),
            "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/",
            "a=b; Max-Age=034560000; Expires=Fri, 05 Feb 1971 00:00:00 GMT",
            "a=b; Secure; HttpOnly; SameSite=lax; Partitioned; Priority=High; Domain=example.com;",
        ] {
            assert_eq!(rules(line), [], "{line}");
        }
    }

    #[test]
    fn each_mistake_is_found() {
        let long = format!("a=b; Path=/{}", "x".repeat(MAX_ATTRIBUTE_SIZE));
        for (line, expected) in [
            ("a b=c", Rule::BadName),
            ("ä=c", Rule::BadName),
            ("a=b c", Rule::BadValue),
            ("a=b,c", Rule::BadValue),
            ("a=ü", Rule::BadValue),
            ("just", Rule::NoName),
            ("=just", Rule::NoName),
            ("a=b; Path=/; path=/x", Rule::Twice),
            ("a=b; Http-Only", Rule::UnknownAttribute),
            ("a=b; Path=shop", Rule::BadPath),
            ("a=b; Path", Rule::BadPath),
            ("a=b; Max-Age=1h", Rule::BadMaxAge),
            ("a=b; Expires=soon", Rule::BadExpires),
            ("a=b; Expires=Thu, 01-Jan-1970 00:00:00 GMT", Rule::OddExpires),
            ("a=b; Max-Age=34560001", Rule::OverLongLife),
            ("a=b; Expires=Fri, 05 Feb 1971 00:00:01 GMT", Rule::OverLongLife),
            ("a=b; SameSite=Relaxed", Rule::UnknownSameSite),
            (&long, Rule::LongAttribute),
        ] {
            assert_eq!(rules(line), [expected], "{line}");
        }
    }
}
