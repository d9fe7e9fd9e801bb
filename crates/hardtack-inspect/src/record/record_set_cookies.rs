use axum::http::{HeaderMap, HeaderValue, header};
use hardtack_jar::{Advisor, Finding, JarChange, Refusal, RequestContext, SetCookieLine};

use crate::exchange_ref::ExchangeRef;
use crate::exchanges::{Decision, RequestHead, SetCookieEntry, name_and_value};
use crate::format::duration_text;
use crate::level::Level;
use crate::record::MAX_COOKIES_LISTED;
use crate::redact::CookieRedactor;
use crate::state::Visitor;
use crate::warnings::Warning;

/// Returns the cookies that a response sets, with the decision of the browser's jar on each of them. `context` is the
/// request as a cookie jar sees it.
pub(super) fn record_set_cookies(
    request: &RequestHead,
    context: Option<&RequestContext>,
    headers: &HeaderMap,
    exchange: &ExchangeRef,
    redactor: &CookieRedactor,
    visitor: &mut Visitor,
) -> Vec<SetCookieEntry> {
    let lines: Vec<_> = headers.get_all(header::SET_COOKIE).iter().take(MAX_COOKIES_LISTED).collect();
    let advice = match context {
        Some(context) => advice(request, context, &lines, headers, redactor, visitor),
        None => vec![Vec::new(); lines.len()],
    };
    let entries = lines.iter().zip(advice).map(|(line, advice)| {
        let mut entry = record_set_cookie(request, context, line.as_bytes(), exchange, redactor, visitor);
        entry.advice = advice.iter().map(|finding| Warning::from_finding(&entry.name, finding)).collect();
        entry
    });
    entries.collect()
}

/// Returns the findings about each cookie that a response sets, given the cookies that the browser already has.
fn advice(
    request: &RequestHead,
    context: &RequestContext,
    lines: &[&HeaderValue],
    headers: &HeaderMap,
    redactor: &CookieRedactor,
    visitor: &Visitor,
) -> Vec<Vec<Finding>> {
    let advisor = Advisor::new(&visitor.jar, context, request.at);
    let advisor = redactor.session_names().fold(advisor, Advisor::session);
    let cache_control = headers.get(header::CACHE_CONTROL).and_then(|field| field.to_str().ok());
    advisor.response(lines, cache_control)
}

fn record_set_cookie(
    request: &RequestHead,
    context: Option<&RequestContext>,
    line: &[u8],
    exchange: &ExchangeRef,
    redactor: &CookieRedactor,
    visitor: &mut Visitor,
) -> SetCookieEntry {
    let parsed = SetCookieLine::parse(line);
    let (name, value) = match &parsed {
        Ok(parsed) => (parsed.name(), parsed.value()),
        // Browsers ignore a malformed line, but the page still needs a name for it.
        Err(_) => name_and_value(line),
    };
    let shown_name: String = String::from_utf8_lossy(name).chars().take(120).collect();
    let change = context.map(|context| {
        visitor.jar.check(context, line, request.at)?;
        let stand_in = redactor.stand_in(&shown_name, value);
        visitor.jar.set(context, with_value(line, name, &stand_in), request.at)
    });
    if let Some(Ok(_)) = change {
        let has_default_path = parsed.as_ref().is_ok_and(|line| line.path().is_none());
        visitor.record_setter(&shown_name, exchange, has_default_path);
    }
    let attributes = parsed.as_ref().map(|parsed| attributes(parsed, request)).unwrap_or_default();
    SetCookieEntry {
        value: redactor.redact(&shown_name, value),
        name: shown_name,
        size: name.len() + value.len(),
        attributes,
        decision: decision(change),
        advice: Vec::new(),
    }
}

/// Describes the jar's decision on a cookie. `change` is `None` if the request had no host.
fn decision(change: Option<Result<JarChange, Refusal>>) -> Decision {
    let (level, short, sentence) = match change {
        Some(Ok(JarChange::Added)) => (Level::Good, "kept", "A browser keeps it"),
        Some(Ok(JarChange::Replaced)) => {
            (Level::Good, "replaced", "A browser keeps it in place of the previous one")
        }
        Some(Ok(JarChange::Unchanged)) => {
            (Level::Neutral, "unchanged", "A browser already has the same cookie")
        }
        Some(Ok(JarChange::Removed)) => (Level::Removed, "removed", "A browser removes it"),
        Some(Ok(_)) => {
            (Level::Removed, "removed", "It has already expired, and a browser has no cookie with its name")
        }
        Some(Err(refusal)) => (Level::Bad, "refused", refusal.message()),
        None => {
            (Level::Warning, "undecided", "The request named no host, so the domain of the cookie is unknown")
        }
    };
    let section = change.and_then(Result::err).map(Refusal::reference);
    Decision { level, short, sentence: sentence.to_owned(), section }
}

/// Returns a `Set-Cookie` line with its value replaced.
fn with_value(line: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let attributes = line.iter().position(|byte| *byte == b';').map_or(&b""[..], |at| &line[at..]);
    [name, b"=", value, attributes].concat()
}

fn attributes(line: &SetCookieLine<'_>, request: &RequestHead) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(120).collect::<String>();
    let mut attributes = Vec::new();
    attributes.extend(line.domain().map(|domain| format!("Domain={}", text(domain))));
    attributes.extend(line.path().map(|path| format!("Path={}", text(path))));
    if let Some(expires) = line.expires(request.at) {
        let left = expires.duration_since(request.at).unwrap_or_default().as_secs();
        attributes.push(match left {
            0 => "expired".to_owned(),
            left => format!("for {}", duration_text(left)),
        });
    }
    let flags = [
        (line.is_secure(), "Secure"),
        (line.is_http_only(), "HttpOnly"),
        (line.is_partitioned(), "Partitioned"),
    ];
    attributes.extend(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| (*flag).to_owned()));
    attributes.extend(line.same_site().map(|same_site| format!("SameSite={}", same_site.as_str())));
    attributes
}
