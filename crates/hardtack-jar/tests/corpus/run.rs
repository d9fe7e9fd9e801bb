//! Runs one case with a subject.

use std::time::{Duration, SystemTime};

use hardtack_core::cookie::{days_from_civil, http_date};
use serde_json::Value as Json;

use crate::subject::{Exchange, Parsed, Reading, Subject};

/// How a case failed.
pub(crate) enum Failure {
    /// The case requires something that the subject lacks.
    Lacks(String),
    Wrong(String),
}

/// Runs one case.
pub(crate) fn run<S: Subject>(case: &Json) -> Result<(), Failure> {
    for requirement in case["requires"].as_array().into_iter().flatten() {
        let requirement = requirement.as_str().unwrap_or_default();
        if !S::has(requirement) {
            return Err(Failure::Lacks(format!("it has no {requirement}")));
        }
    }
    match text(&case["kind"]) {
        "jar" => jar::<S>(case),
        "parse" => parse::<S>(case),
        "date" => date::<S>(case),
        "path_match" => {
            same(S::path_match(text(&case["request_path"]), text(&case["cookie_path"])), &case["expect"])
        }
        "default_path" => same(S::default_path(text(&case["path"])), &case["expect"]),
        "domain_match" => same(S::domain_match(text(&case["host"]), text(&case["domain"])), &case["expect"]),
        "cookie_domain_match" => {
            let host_only = case["host_only"] == true;
            let (host, domain) = (text(&case["host"]), text(&case["domain"]));
            same(S::cookie_domain_match(host, domain, host_only), &case["expect"])
        }
        "canonical_host" => same(S::canonical_host(text(&case["host"])), &case["expect"]),
        "registrable_domain" => {
            let found = S::registrable_domain(text(&case["host"]));
            same(found.clone(), &case["expect_ascii"]).or_else(|_| same(found, &case["expect"]))
        }
        "cookie_header" => cookie_header::<S>(case),
        "set_cookie_write" => set_cookie_write::<S>(case),
        other => Err(format!("the kind {other} is not known").into()),
    }
}

/// The error for a subject that does not have the function under test.
struct Cannot;

fn jar<S: Subject>(case: &Json) -> Result<(), Failure> {
    let limit = case["options"]["max_per_host"].as_u64().and_then(|most| usize::try_from(most).ok());
    let mut subject = S::new(limit).ok_or(Cannot)?;
    let mut now = start(case);
    for (index, step) in case["steps"].as_array().ok_or("no steps")?.iter().enumerate() {
        let exchange = Exchange {
            url: text(&step["url"]),
            is_http: step["api"] != "non-http",
            same_site: step["same_site"].as_str().unwrap_or("strict"),
            now,
        };
        match text(&step["op"]) {
            "advance" => now += Duration::from_secs_f64(step["seconds"].as_f64().ok_or("no seconds")?),
            "set" => {
                for (at, line) in step["cookies"].as_array().ok_or("no cookies")?.iter().enumerate() {
                    let line = dated(bytes(line)?, now);
                    let stored = subject.set(&exchange, &line).ok_or(Cannot)?;
                    if step["stored"][at].as_bool().is_some_and(|expected| expected != stored) {
                        return Err(format!("step {index}: line {at} stored: {stored}").into());
                    }
                }
            }
            "get" => {
                let header = subject.header(&exchange).ok_or(Cannot)?;
                expect(&header, &step["expect"]).map_err(|how| format!("step {index}: {how}"))?;
            }
            other => return Err(format!("the step {other} is not known").into()),
        }
    }
    Ok(())
}

fn expect(header: &[u8], expected: &Json) -> Result<(), String> {
    let shown = String::from_utf8_lossy(header);
    let mut pairs: Vec<&[u8]> = Vec::new();
    let mut rest = header;
    while let Some(at) = rest.windows(2).position(|two| two == b"; ") {
        pairs.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    if !header.is_empty() {
        pairs.push(rest);
    }
    let has = |pair: &Json| Ok::<_, String>(pairs.contains(&bytes(pair)?.as_slice()));
    for (key, wanted) in expected.as_object().ok_or("no expectation")? {
        let fits = match key.as_str() {
            "header" => header == text(wanted).as_bytes(),
            "header_b64" => header == base64(text(wanted))?,
            "set" => {
                let mut wanted = all(wanted, bytes)?;
                wanted.sort();
                let mut found = pairs.clone();
                found.sort();
                wanted == found
            }
            "has" => all(wanted, has)?.into_iter().all(|has| has),
            "lacks" => !all(wanted, has)?.into_iter().any(|has| has),
            other => return Err(format!("the expectation {other} is not known")),
        };
        if !fits {
            return Err(format!("{key} {wanted} but {shown:?}"));
        }
    }
    Ok(())
}

fn parse<S: Subject>(case: &Json) -> Result<(), Failure> {
    let line = dated(bytes(&case["header"])?, start(case));
    let parsed = S::parse(text(&case["url"]), &line, start(case)).ok_or(Cannot)?;
    let expected = &case["expect"];
    let Parsed::Cookie { name, value, secure, http_only, same_site, path, partitioned, persistent } = parsed
    else {
        return if expected.is_null() { Ok(()) } else { Err("refused".into()) };
    };
    for (key, wanted) in expected.as_object().ok_or("not refused")? {
        let fits = match key.as_str() {
            "name" => bytes(wanted)? == name,
            "value" => bytes(wanted)? == value,
            "secure" => *wanted == secure,
            "http_only" => *wanted == http_only,
            "same_site" => wanted.as_str() == same_site,
            "path" => wanted.as_str() == path.as_deref(),
            "partitioned" => *wanted == partitioned,
            "persistent" => *wanted == persistent,
            other => return Err(format!("the expectation {other} is not known").into()),
        };
        if !fits {
            return Err(format!("{key} is not {wanted}").into());
        }
    }
    Ok(())
}

fn date<S: Subject>(case: &Json) -> Result<(), Failure> {
    let found = S::date(text(&case["input"])).ok_or(Cannot)?;
    let fits = match &case["expect"] {
        Json::String(word) if word == "valid" => found.is_some(),
        Json::String(iso) => found == Some(moment(iso)),
        _ => found.is_none(),
    };
    if fits { Ok(()) } else { Err(format!("{found:?} and not {}", case["expect"]).into()) }
}

fn cookie_header<S: Subject>(case: &Json) -> Result<(), Failure> {
    let headers = all(&case["input"], |header| Ok(header.as_str().ok_or("no text")?))?;
    let reading = Reading {
        decode: text(&case["decode"]),
        duplicates: text(&case["duplicates"]),
        quotes: case["quotes"].as_str().unwrap_or("any"),
    };
    let mut found = S::read_cookies(&headers, &reading).ok_or(Cannot)?;
    if reading.duplicates == "first-wins" {
        found.sort();
    }
    let mut found: Vec<_> = found.into_iter().map(|(name, value)| Json::from(vec![name, value])).collect();
    let mut expected = case["expect"].as_array().ok_or("no expectation")?.clone();
    if reading.quotes == "any" && reading.decode == "none" {
        let unquote = |pair: &mut Json| {
            let value = text(&pair[1]);
            let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            if let Some(inner) = inner.map(str::to_owned) {
                pair[1] = inner.into();
            }
        };
        found.iter_mut().for_each(unquote);
        expected.iter_mut().for_each(unquote);
    }
    if found == expected { Ok(()) } else { Err(format!("{found:?} and not {expected:?}").into()) }
}

/// Tests writing a cookie. The order of the attributes does not matter.
fn set_cookie_write<S: Subject>(case: &Json) -> Result<(), Failure> {
    let written = S::write_cookie(&case["cookie"]).ok_or(Cannot)?;
    let sorted = |line: &str| {
        let mut parts = line.split("; ").map(str::to_owned);
        let pair = parts.next();
        let mut attributes: Vec<_> = parts.collect();
        attributes.sort();
        (pair, attributes)
    };
    let expected = case["expect"].as_str();
    if written.as_deref().map(sorted) == expected.map(sorted) {
        Ok(())
    } else {
        Err(format!("{written:?} and not {expected:?}").into())
    }
}

fn same<T: Into<Json>>(found: Option<T>, expected: &Json) -> Result<(), Failure> {
    let found: Json = found.ok_or(Cannot)?.into();
    if found == *expected { Ok(()) } else { Err(format!("{found} and not {expected}").into()) }
}

/// Returns the time at which a case starts. This is a time in 2026 if the case does not specify one.
fn start(case: &Json) -> SystemTime {
    moment(case["now"].as_str().unwrap_or("2026-06-01T12:00:00Z"))
}

/// Parses a time such as `2026-06-01T12:00:00Z`.
pub(crate) fn moment(iso: &str) -> SystemTime {
    let fields: Vec<i64> =
        iso.split(|byte: char| !byte.is_ascii_digit()).filter_map(|field| field.parse().ok()).collect();
    let &[year, month, day, hour, minute, second, ..] = fields.as_slice() else { panic!("no moment: {iso}") };
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance }
}

/// Replaces marks with dates. For example, `{{imf:+60}}` becomes the date one minute after `now`.
fn dated(mut line: Vec<u8>, now: SystemTime) -> Vec<u8> {
    const MARK: &[u8] = b"{{imf:";
    while let Some(start) = line.windows(MARK.len()).position(|window| window == MARK) {
        let end =
            start + line[start..].windows(2).position(|window| window == b"}}").expect("an end of the mark");
        let distance = str::from_utf8(&line[start + MARK.len()..end]).expect("a number");
        let distance: i64 = distance.parse().expect("a number");
        let duration = Duration::from_secs(distance.unsigned_abs());
        let time = if distance < 0 { now - duration } else { now + duration };
        line.splice(start..end + 2, http_date(time).expect("a date").into_bytes());
    }
    line
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

fn bytes(json: &Json) -> Result<Vec<u8>, String> {
    match json {
        Json::String(text) => Ok(text.clone().into_bytes()),
        other => base64(other["b64"].as_str().ok_or("no bytes")?),
    }
}

fn base64(text: &str) -> Result<Vec<u8>, String> {
    base64_simd::STANDARD.decode_to_vec(text).map_err(|error| error.to_string())
}

fn all<'a, T>(list: &'a Json, each: impl Fn(&'a Json) -> Result<T, String>) -> Result<Vec<T>, String> {
    list.as_array().ok_or("no list")?.iter().map(each).collect()
}

impl From<Cannot> for Failure {
    fn from(_: Cannot) -> Self {
        Self::Lacks("it cannot be asked that".to_owned())
    }
}

impl From<String> for Failure {
    fn from(how: String) -> Self {
        Self::Wrong(how)
    }
}

impl From<&str> for Failure {
    fn from(how: &str) -> Self {
        Self::Wrong(how.to_owned())
    }
}
