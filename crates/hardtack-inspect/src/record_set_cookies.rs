use axum::http::{HeaderMap, HeaderValue, header};
use hardtack_jar::{Advice, Advisor, Change, Refusal, RequestContext, SetCookieLine};

use crate::inspector_state::{InspectorState, MAX_COOKIES_LISTED};
use crate::level::Level;
use crate::node::ExchangeRef;
use crate::remaining_lifetime::duration_text;
use crate::request_head::RequestHead;
use crate::set_cookie_entry::{Decision, SetCookieEntry};
use crate::visitors::MAX_COOKIES;
use crate::warning::Warning;

impl InspectorState {
    /// Returns the cookies that a response sets, with the decision of the browser's jar on each.
    pub(crate) fn record_set_cookies(
        &mut self,
        number: u64,
        request: &RequestHead,
        context: Option<&RequestContext>,
        headers: &HeaderMap,
    ) -> Vec<SetCookieEntry> {
        let lines: Vec<_> = headers.get_all(header::SET_COOKIE).iter().take(MAX_COOKIES_LISTED).collect();
        let advice = self.advice(number, request, context, &lines, headers);
        let entries = lines.iter().zip(advice).map(|(line, advice)| {
            let mut entry = self.record_set_cookie(number, request, context, line.as_bytes());
            entry.advice = advice.iter().map(|advice| Warning::from_advice(&entry.name, advice)).collect();
            entry
        });
        entries.collect()
    }

    /// Returns advice on the cookies that a response sets, given the cookies that the browser already has.
    fn advice(
        &self,
        number: u64,
        request: &RequestHead,
        context: Option<&RequestContext>,
        lines: &[&HeaderValue],
        headers: &HeaderMap,
    ) -> Vec<Vec<Advice>> {
        let (Some(context), Some(visitor)) = (context, self.visitors.get(number)) else {
            return vec![Vec::new(); lines.len()];
        };
        let advisor = Advisor::new(&visitor.jar, context, request.at);
        let advisor =
            self.session_cookie_names.iter().fold(advisor, |advisor, name| advisor.session(name.as_str()));
        let cache_control = headers.get(header::CACHE_CONTROL).and_then(|field| field.to_str().ok());
        let advice = advisor.response(lines, cache_control).into_iter();
        advice.map(|response| response.advice().to_vec()).collect()
    }

    fn record_set_cookie(
        &mut self,
        number: u64,
        request: &RequestHead,
        context: Option<&RequestContext>,
        line: &[u8],
    ) -> SetCookieEntry {
        let parsed = SetCookieLine::parse(line);
        let (name, value) = match &parsed {
            Ok(parsed) => (parsed.name(), parsed.value()),
            // Browsers ignore a malformed line, but the page still needs a name for it.
            Err(_) => name_and_value(line),
        };
        let shown_name: String = String::from_utf8_lossy(name).chars().take(120).collect();
        let stand_in = self.stand_in(&shown_name, value);
        let change = context.and_then(|context| {
            let visitor = self.visitors.get_mut(number)?;
            Some(match visitor.jar.check(context, line, request.at) {
                Ok(()) => {
                    let redacted = with_value(line, name, &stand_in);
                    visitor.jar.set(context, redacted, request.at)
                }
                Err(refusal) => Err(refusal),
            })
        });
        if let Some(Ok(Change::Added | Change::Replaced)) = change {
            self.visitors.record_cookie(number, name, value);
        }
        if let (Some(Ok(_)), Some(visitor)) = (&change, self.visitors.get_mut(number)) {
            visitor.unknown_cookies.remove(&shown_name);
            if visitor.set_by.len() < MAX_COOKIES || visitor.set_by.contains_key(&shown_name) {
                let route = request.route.clone().unwrap_or_else(|| request.path(self.redaction));
                visitor.set_by.insert(shown_name.clone(), ExchangeRef { route, number: self.total });
                if parsed.as_ref().is_ok_and(|line| line.path().is_none()) {
                    visitor.default_path_cookies.insert(shown_name.clone());
                } else {
                    visitor.default_path_cookies.remove(&shown_name);
                }
            }
        }
        let attributes = parsed.as_ref().map(|parsed| attributes(parsed, request)).unwrap_or_default();
        SetCookieEntry {
            value: self.shown(&shown_name, value),
            name: shown_name,
            size: name.len() + value.len(),
            attributes,
            decision: decision(change),
            advice: Vec::new(),
        }
    }
}

/// Describes the jar's decision on a cookie. `change` is `None` if the request named no host.
fn decision(change: Option<Result<Change, Refusal>>) -> Decision {
    let (level, short, sentence) = match change {
        Some(Ok(Change::Added)) => (Level::Good, "kept", "A browser keeps it"),
        Some(Ok(Change::Replaced)) => {
            (Level::Good, "replaced", "A browser keeps it in the place of the one before")
        }
        Some(Ok(Change::Unchanged)) => (Level::Neutral, "unchanged", "A browser has the very same already"),
        Some(Ok(Change::Removed)) => (Level::Removed, "removed", "A browser removes it"),
        Some(Ok(_)) => {
            (Level::Removed, "removed", "It has expired already, and a browser has none of its name")
        }
        Some(Err(refusal)) => (Level::Bad, "refused", refusal.sentence()),
        None => {
            (Level::Warning, "undecided", "The request named no host, so nobody can say whose cookie it is")
        }
    };
    let section = change.and_then(Result::err).map(Refusal::section);
    Decision { level, short, sentence: sentence.to_owned(), section }
}

/// Returns the value of the last cookie of the given name that a response sets.
pub(crate) fn sent_value(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::SET_COOKIE).iter().rev();
    let value = lines.filter_map(|line| {
        let (own, value) = name_and_value(line.as_bytes());
        (own == name.as_bytes()).then(|| String::from_utf8_lossy(value).into_owned())
    });
    value.into_iter().next()
}

/// Returns the name and the value in a line that may be malformed.
fn name_and_value(line: &[u8]) -> (&[u8], &[u8]) {
    let pair = line.split(|byte| *byte == b';').next().unwrap_or_default();
    match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()),
        None => (b"", pair.trim_ascii()),
    }
}

/// Returns the line with another value.
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
