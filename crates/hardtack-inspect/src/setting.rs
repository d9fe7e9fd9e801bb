use axum::http::{HeaderMap, HeaderValue, header};
use hardtack_jar::{Advisor, Finding, JarChange, Refusal, RequestContext, SetCookieLine};

use crate::asked::Asked;
use crate::lifetimes::words;
use crate::node::SetBy;
use crate::record::{MAX_COOKIES_LISTED, Record};
use crate::told::{Decision, Told};
use crate::tone::Tone;
use crate::visitors::MAX_COOKIES;
use crate::warning::Warning;

impl Record {
    /// Returns the cookies that a response sets, with the decision of the browser's jar on each.
    pub(crate) fn tell(
        &mut self,
        number: u64,
        asked: &Asked,
        access: Option<&RequestContext>,
        headers: &HeaderMap,
    ) -> Vec<Told> {
        let lines: Vec<_> = headers.get_all(header::SET_COOKIE).iter().take(MAX_COOKIES_LISTED).collect();
        let advice = self.advise(number, asked, access, &lines, headers);
        let told = lines.iter().zip(advice).map(|(line, advice)| {
            let mut told = self.tell_one(number, asked, access, line.as_bytes());
            told.advice = advice.iter().map(|finding| Warning::advised(&told.name, finding)).collect();
            told
        });
        told.collect()
    }

    /// Returns advice on the cookies that a response sets, given the cookies that the browser already has.
    fn advise(
        &self,
        number: u64,
        asked: &Asked,
        access: Option<&RequestContext>,
        lines: &[&HeaderValue],
        headers: &HeaderMap,
    ) -> Vec<Vec<Finding>> {
        let (Some(access), Some(visitor)) = (access, self.visitors.get(number)) else {
            return vec![Vec::new(); lines.len()];
        };
        let advisor = Advisor::new(&visitor.jar, access, asked.at);
        let advisor = self.secrets.iter().fold(advisor, |advisor, name| advisor.session(name.as_str()));
        let cached = headers.get(header::CACHE_CONTROL).and_then(|field| field.to_str().ok());
        advisor.response(lines, cached)
    }

    fn tell_one(&mut self, number: u64, asked: &Asked, access: Option<&RequestContext>, line: &[u8]) -> Told {
        let parsed = SetCookieLine::parse(line);
        let (name, value) = match &parsed {
            Ok(parsed) => (parsed.name(), parsed.value()),
            // Browsers ignore a malformed line, but the page still needs a name for it.
            Err(_) => pair_of(line),
        };
        let name_shown: String = String::from_utf8_lossy(name).chars().take(120).collect();
        let stand_in = self.stand_in(&name_shown, value);
        let decided = access.and_then(|access| {
            let visitor = self.visitors.get_mut(number)?;
            Some(match visitor.jar.check(access, line, asked.at) {
                Ok(()) => {
                    let kept = with_value(line, name, &stand_in);
                    visitor.jar.set(access, kept, asked.at)
                }
                Err(refusal) => Err(refusal),
            })
        });
        if let Some(Ok(JarChange::Added | JarChange::Replaced)) = decided {
            self.visitors.give(number, name, value);
        }
        if let (Some(Ok(_)), Some(visitor)) = (&decided, self.visitors.get_mut(number)) {
            visitor.strays.remove(&name_shown);
            if visitor.set_by.len() < MAX_COOKIES || visitor.set_by.contains_key(&name_shown) {
                let route = asked.route.clone().unwrap_or_else(|| asked.path(self.veil));
                visitor.set_by.insert(name_shown.clone(), SetBy { route, number: self.total });
                if parsed.as_ref().is_ok_and(|line| line.path().is_none()) {
                    visitor.unpathed.insert(name_shown.clone());
                } else {
                    visitor.unpathed.remove(&name_shown);
                }
            }
        }
        let attributes = parsed.as_ref().map(|parsed| attributes(parsed, asked)).unwrap_or_default();
        Told {
            value: self.shown(&name_shown, value),
            name: name_shown,
            size: name.len() + value.len(),
            attributes,
            decision: decision_of(decided),
            advice: Vec::new(),
        }
    }
}

/// Describes the jar's decision on a cookie. `decided` is `None` if the request named no host.
fn decision_of(decided: Option<Result<JarChange, Refusal>>) -> Decision {
    let (tone, short, sentence) = match decided {
        Some(Ok(JarChange::Added)) => (Tone::Good, "kept", "A browser keeps it"),
        Some(Ok(JarChange::Replaced)) => {
            (Tone::Good, "replaced", "A browser keeps it in the place of the one before")
        }
        Some(Ok(JarChange::Unchanged)) => (Tone::Plain, "unchanged", "A browser has the very same already"),
        Some(Ok(JarChange::Removed)) => (Tone::Gone, "removed", "A browser removes it"),
        Some(Ok(_)) => (Tone::Gone, "removed", "It has expired already, and a browser has none of its name"),
        Some(Err(refusal)) => (Tone::Bad, "refused", refusal.message()),
        None => (Tone::Warn, "undecided", "The request named no host, so nobody can say whose cookie it is"),
    };
    let section = decided.and_then(Result::err).map(Refusal::reference);
    Decision { tone, short, sentence: sentence.to_owned(), section }
}

/// Returns the value of the last cookie of the given name that a response sets.
pub(crate) fn sent_value(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::SET_COOKIE).iter().rev();
    let value = lines.filter_map(|line| {
        let (own, value) = pair_of(line.as_bytes());
        (own == name.as_bytes()).then(|| String::from_utf8_lossy(value).into_owned())
    });
    value.into_iter().next()
}

/// Returns the name and the value in a line that may be malformed.
fn pair_of(line: &[u8]) -> (&[u8], &[u8]) {
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

fn attributes(line: &SetCookieLine<'_>, asked: &Asked) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(120).collect::<String>();
    let mut attributes = Vec::new();
    attributes.extend(line.domain().map(|domain| format!("Domain={}", text(domain))));
    attributes.extend(line.path().map(|path| format!("Path={}", text(path))));
    if let Some(expires) = line.expires(asked.at) {
        let left = expires.duration_since(asked.at).unwrap_or_default().as_secs();
        attributes.push(match left {
            0 => "expired".to_owned(),
            left => format!("for {}", words(left)),
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
