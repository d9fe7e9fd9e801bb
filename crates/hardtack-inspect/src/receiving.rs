use std::borrow::Cow;
use std::collections::BTreeSet;

use axum::http::{HeaderValue, header};
use hardtack::inspect::SessionTrace;
use hardtack_core::cookie::{Cookies, WerkzeugParser};
use hardtack_jar::{CookieRecord, RequestContext};

use crate::asked::Asked;
use crate::received::{Received, Verdict};
use crate::record::{Answered, MAX_COOKIES_LISTED, Record};
use crate::tone::Tone;
use crate::trace_reading;
use crate::visitors::MAX_STRAYS;

impl Record {
    /// Returns the cookies that a request sent, and the number of further ones that are not listed.
    pub(crate) fn receive(
        &mut self,
        number: u64,
        asked: &Asked,
        access: Option<&RequestContext>,
        answered: &Answered<'_>,
    ) -> (Vec<Received>, usize) {
        let fields: Vec<_> =
            asked.headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
        let cookies = Cookies::parse(&fields);
        let mut thoughts = Thoughts::of(&answered.traces);
        let mut seen = BTreeSet::new();
        let mut listed = Vec::new();
        for (name, value) in cookies.iter_raw() {
            let thought = thoughts.next(name, value);
            let name_shown: String = String::from_utf8_lossy(name).chars().take(120).collect();
            let is_again = !seen.insert(name.to_vec());
            if listed.len() >= MAX_COOKIES_LISTED {
                continue;
            }
            let size = name.len() + value.len();
            let verdict = match thought {
                Some(verdict) => verdict,
                None if is_again => Verdict::new(
                    Tone::Warn,
                    "duplicate",
                    "Another cookie of this name came before it: set for another path or domain. Most servers read the first.",
                ),
                None if size > 4096 => Verdict::new(
                    Tone::Bad,
                    "over size",
                    "No browser keeps a cookie of more than 4096 bytes: something else has sent it.",
                ),
                None => self.known(number, access, asked, &name_shown, value),
            };
            listed.push(Received { value: self.shown(&name_shown, value), name: name_shown, size, verdict });
        }
        self.miss(number, access, asked, &seen);
        let left_out = cookies.len() - listed.len();
        (listed, left_out)
    }

    /// Records which of the browser's cookies this request should have sent but did not.
    fn miss(
        &mut self,
        number: u64,
        access: Option<&RequestContext>,
        asked: &Asked,
        came: &BTreeSet<Vec<u8>>,
    ) {
        let (Some(access), Some(visitor)) = (access, self.visitors.get_mut(number)) else { return };
        for cookie in visitor.jar.cookies(access, asked.at) {
            if came.contains(cookie.name()) {
                visitor.missing.remove(cookie.name());
            } else {
                visitor.missing.insert(cookie.name().to_vec());
            }
        }
        // A cookie that is no longer in the jar is not missing.
        visitor.missing.retain(|name| visitor.jar.iter().any(|cookie| cookie.name() == *name));
    }

    /// Returns what is known about a cookie that is not a session cookie.
    fn known(
        &mut self,
        number: u64,
        access: Option<&RequestContext>,
        asked: &Asked,
        name: &str,
        value: &[u8],
    ) -> Verdict {
        let stand_in = self.stand_in(name, value);
        let is_secret = self.is_secret(name, value);
        let Some(visitor) = self.visitors.get_mut(number) else { return stray(is_secret) };
        let held = access.and_then(|access| {
            let cookies = visitor.jar.cookies(access, asked.at);
            let mut named = cookies.into_iter().filter(|cookie| cookie.name() == name.as_bytes());
            let first = named.next()?;
            let is_same = first.value() == stand_in || named.any(|cookie| cookie.value() == stand_in);
            Some((is_same, first.clone()))
        });
        let by = match visitor.set_by.get(name) {
            Some(by) => format!("Set by {} in exchange {}", by.route, by.number),
            None => "Set by this application".to_owned(),
        };
        match held {
            Some((true, _)) => Verdict::new(Tone::Good, "known", format!("{by}, and unchanged.")),
            Some((false, cookie)) => {
                let mut record: CookieRecord<'_> = cookie.record();
                record.value = stand_in.into();
                // Restoring fails if no response could have set this value: then the jar keeps the old one.
                let _ = visitor.jar.restore(&record, asked.at);
                let sentence = format!("{by}, and changed since: by a script, or by hand.");
                Verdict::new(Tone::Warn, "changed", sentence)
            }
            None => {
                if visitor.strays.len() < MAX_STRAYS {
                    visitor.strays.insert(name.to_owned(), value.len());
                }
                stray(is_secret)
            }
        }
    }
}

/// The verdicts of the layers on the cookies that they checked.
struct Thoughts<'a> {
    left: Vec<(&'a SessionTrace, usize)>,
}

impl<'a> Thoughts<'a> {
    fn of(traces: &'a [SessionTrace]) -> Self {
        Self { left: traces.iter().map(|trace| (trace, 0)).collect() }
    }

    /// Returns the verdict on the next cookie in the header, or `None` if it is not a session cookie.
    fn next(&mut self, name: &[u8], value: &[u8]) -> Option<Verdict> {
        let is_its = |trace: &SessionTrace| {
            trace.layer.as_ref().is_some_and(|layer| layer.cookie_name.as_bytes() == name)
        };
        let (trace, looked_at) = self.left.iter_mut().find(|(trace, _)| is_its(trace))?;
        if trace.opened_at.is_none() {
            let sentence = "A session’s; nobody has asked for it, so it was not looked at.";
            return Some(Verdict::new(Tone::Plain, "not looked at", sentence));
        }
        let is_like_flask = trace.layer.as_ref().is_some_and(|layer| layer.is_like_flask);
        let value = if is_like_flask { as_flask(value) } else { Some(Cow::Borrowed(value)) };
        let candidate = trace.candidates.get(*looked_at);
        match (candidate.filter(|candidate| Some(&*candidate.value) == value.as_deref()), value) {
            (Some(candidate), _) => {
                *looked_at += 1;
                Some(trace_reading::verdict(candidate.verdict))
            }
            (None, None) => {
                let sentence = "Flask’s parser leaves it out, for a space, a tab, or a lone quote in it.";
                Some(Verdict::new(Tone::Warn, "left out", sentence))
            }
            (None, Some(_)) => {
                let sentence = "Another cookie of the session’s name came before it, and that one counts.";
                Some(Verdict::new(Tone::Warn, "duplicate", sentence))
            }
        }
    }
}

/// Returns a cookie's value as Flask reads it, without the quotes around it, or `None` if Flask leaves the cookie out.
fn as_flask(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    let pair = [b"a=", value].concat();
    WerkzeugParser::default().first([&pair], "a").map(|value| Cow::Owned(value.into_owned()))
}

fn stray(is_secret: bool) -> Verdict {
    let sentence = match is_secret {
        true => "Never set while the inspector looked; by its name or form it is a session’s.",
        false => {
            "Never set while the inspector looked: by an earlier run, by a script, or by another program on this host."
        }
    };
    Verdict::new(Tone::Plain, "unknown", sentence)
}
