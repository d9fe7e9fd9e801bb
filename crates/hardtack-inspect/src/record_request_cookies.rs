use std::borrow::Cow;
use std::collections::BTreeSet;

use axum::http::{HeaderValue, header};
use hardtack::inspect::SessionTrace;
use hardtack_core::cookie::{Cookies, WerkzeugParser};
use hardtack_jar::{CookieRecord, RequestContext};

use crate::inspector_state::{InspectorState, MAX_COOKIES_LISTED, ResponseHead};
use crate::level::Level;
use crate::read_trace::cookie_verdict;
use crate::request_cookie::{CookieVerdict, RequestCookie};
use crate::request_head::RequestHead;
use crate::visitors::MAX_UNKNOWN_COOKIES;

impl InspectorState {
    /// Returns the cookies that a request sent, and the number of further ones that are not listed.
    pub(crate) fn record_request_cookies(
        &mut self,
        number: u64,
        request: &RequestHead,
        context: Option<&RequestContext>,
        response: &ResponseHead<'_>,
    ) -> (Vec<RequestCookie>, usize) {
        let fields: Vec<_> =
            request.headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
        let received = Cookies::parse(&fields);
        let mut layer_verdicts = LayerVerdicts::of(&response.traces);
        let mut seen = BTreeSet::new();
        let mut cookies = Vec::new();
        for (name, value) in received.iter_raw() {
            let verdict = layer_verdicts.next(name, value);
            let shown_name: String = String::from_utf8_lossy(name).chars().take(120).collect();
            let is_duplicate = !seen.insert(name.to_vec());
            if cookies.len() >= MAX_COOKIES_LISTED {
                continue;
            }
            let size = name.len() + value.len();
            let verdict = match verdict {
                Some(verdict) => verdict,
                None if is_duplicate => CookieVerdict::new(
                    Level::Warning,
                    "duplicate",
                    "Another cookie of this name came before it: set for another path or domain. Most servers read the first.",
                ),
                None if size > 4096 => CookieVerdict::new(
                    Level::Bad,
                    "over size",
                    "No browser keeps a cookie of more than 4096 bytes: something else has sent it.",
                ),
                None => self.check_known(number, context, request, &shown_name, value),
            };
            cookies.push(RequestCookie {
                value: self.shown(&shown_name, value),
                name: shown_name,
                size,
                verdict,
            });
        }
        self.record_missing(number, context, request, &seen);
        let left_out = received.len() - cookies.len();
        (cookies, left_out)
    }

    /// Records which of the browser's cookies this request should have sent but did not.
    fn record_missing(
        &mut self,
        number: u64,
        context: Option<&RequestContext>,
        request: &RequestHead,
        received: &BTreeSet<Vec<u8>>,
    ) {
        let (Some(context), Some(visitor)) = (context, self.visitors.get_mut(number)) else { return };
        for cookie in visitor.jar.cookies(context, request.at) {
            if received.contains(cookie.name()) {
                visitor.missing_cookies.remove(cookie.name());
            } else {
                visitor.missing_cookies.insert(cookie.name().to_vec());
            }
        }
        // A cookie that is no longer in the jar is not missing.
        visitor.missing_cookies.retain(|name| visitor.jar.iter().any(|cookie| cookie.name() == *name));
    }

    /// Returns what is known about a cookie that is not a session cookie.
    fn check_known(
        &mut self,
        number: u64,
        context: Option<&RequestContext>,
        request: &RequestHead,
        name: &str,
        value: &[u8],
    ) -> CookieVerdict {
        let stand_in = self.stand_in(name, value);
        let is_secret = self.is_secret(name, value);
        let Some(visitor) = self.visitors.get_mut(number) else { return unknown_cookie(is_secret) };
        let stored = context.and_then(|context| {
            let cookies = visitor.jar.cookies(context, request.at);
            let mut named = cookies.into_iter().filter(|cookie| cookie.name() == name.as_bytes());
            let first = named.next()?;
            let is_same = first.value() == stand_in || named.any(|cookie| cookie.value() == stand_in);
            Some((is_same, first.clone()))
        });
        let by = match visitor.set_by.get(name) {
            Some(by) => format!("Set by {} in exchange {}", by.route, by.number),
            None => "Set by this application".to_owned(),
        };
        match stored {
            Some((true, _)) => CookieVerdict::new(Level::Good, "known", format!("{by}, and unchanged.")),
            Some((false, cookie)) => {
                let mut record: CookieRecord<'_> = cookie.record();
                record.value = stand_in.into();
                // Restoring fails if no response could have set this value: then the jar keeps the old one.
                let _ = visitor.jar.restore(&record, request.at);
                let sentence = format!("{by}, and changed since: by a script, or by hand.");
                CookieVerdict::new(Level::Warning, "changed", sentence)
            }
            None => {
                if visitor.unknown_cookies.len() < MAX_UNKNOWN_COOKIES {
                    visitor.unknown_cookies.insert(name.to_owned(), value.len());
                }
                unknown_cookie(is_secret)
            }
        }
    }
}

/// The verdicts of the layers on the cookies that they checked.
struct LayerVerdicts<'a> {
    remaining: Vec<(&'a SessionTrace, usize)>,
}

impl<'a> LayerVerdicts<'a> {
    fn of(traces: &'a [SessionTrace]) -> Self {
        Self { remaining: traces.iter().map(|trace| (trace, 0)).collect() }
    }

    /// Returns the verdict on the next cookie in the header, or `None` if it is not a session cookie.
    fn next(&mut self, name: &[u8], value: &[u8]) -> Option<CookieVerdict> {
        let is_its_cookie = |trace: &SessionTrace| {
            trace.layer.as_ref().is_some_and(|layer| layer.cookie_name.as_bytes() == name)
        };
        let (trace, checked) = self.remaining.iter_mut().find(|(trace, _)| is_its_cookie(trace))?;
        if trace.opened_at.is_none() {
            let sentence = "A session’s; nobody has asked for it, so it was not looked at.";
            return Some(CookieVerdict::new(Level::Neutral, "not looked at", sentence));
        }
        let is_like_flask = trace.layer.as_ref().is_some_and(|layer| layer.is_like_flask);
        let value = if is_like_flask { as_flask(value) } else { Some(Cow::Borrowed(value)) };
        let candidate = trace.candidates.get(*checked);
        match (candidate.filter(|candidate| Some(&*candidate.value) == value.as_deref()), value) {
            (Some(candidate), _) => {
                *checked += 1;
                Some(cookie_verdict(candidate.verdict))
            }
            (None, None) => {
                let sentence = "Flask’s parser leaves it out, for a space, a tab, or a lone quote in it.";
                Some(CookieVerdict::new(Level::Warning, "left out", sentence))
            }
            (None, Some(_)) => {
                let sentence = "Another cookie of the session’s name came before it, and that one counts.";
                Some(CookieVerdict::new(Level::Warning, "duplicate", sentence))
            }
        }
    }
}

/// Returns a cookie's value as Flask reads it, without the quotes around it, or `None` if Flask leaves the cookie out.
fn as_flask(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    let pair = [b"a=", value].concat();
    WerkzeugParser::default().first([&pair], "a").map(|value| Cow::Owned(value.into_owned()))
}

fn unknown_cookie(is_secret: bool) -> CookieVerdict {
    let sentence = match is_secret {
        true => "Never set while the inspector looked; by its name or form it is a session’s.",
        false => {
            "Never set while the inspector looked: by an earlier run, by a script, or by another program on this host."
        }
    };
    CookieVerdict::new(Level::Neutral, "unknown", sentence)
}
