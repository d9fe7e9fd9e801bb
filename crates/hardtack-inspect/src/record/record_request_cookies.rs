use std::collections::BTreeSet;

use axum::http::{HeaderValue, header};
use hardtack::inspect::SessionTrace;
use hardtack_core::cookie::Cookies;
use hardtack_jar::{CookieRecord, RequestContext};

use crate::exchanges::{CookieVerdict, RequestCookie, RequestHead};
use crate::level::Level;
use crate::record::MAX_COOKIES_LISTED;
use crate::record::layer_verdicts::LayerVerdicts;
use crate::redact::CookieRedactor;
use crate::state::Visitor;

/// Returns the cookies that a request contained, and the number of further cookies that are not listed. `context` is
/// the request as a cookie jar sees it.
pub(super) fn record_request_cookies(
    request: &RequestHead,
    context: Option<&RequestContext>,
    traces: &[SessionTrace],
    redactor: &CookieRedactor,
    visitor: &mut Visitor,
) -> (Vec<RequestCookie>, usize) {
    let fields: Vec<_> = request.headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    let received = Cookies::parse(&fields);
    let mut layer_verdicts = LayerVerdicts::new(traces);
    let mut names = BTreeSet::new();
    let mut cookies = Vec::new();
    for (name, value) in received.iter_raw() {
        let verdict = layer_verdicts.next(name, value);
        let shown_name: String = String::from_utf8_lossy(name).chars().take(120).collect();
        let is_duplicate = !names.insert(name.to_vec());
        if cookies.len() >= MAX_COOKIES_LISTED {
            continue;
        }
        let size = name.len() + value.len();
        let verdict = match verdict {
            Some(verdict) => verdict,
            None if is_duplicate => CookieVerdict::new(
                Level::Warning,
                "duplicate",
                "Another cookie with this name came first, which was set for another path or domain. Most servers read the first one.",
            ),
            None if size > 4096 => CookieVerdict::new(
                Level::Bad,
                "too large",
                "Browsers do not store cookies over 4096 bytes, so another program sent it.",
            ),
            None => compare_with_jar(request, context, &shown_name, value, redactor, visitor),
        };
        cookies.push(RequestCookie {
            value: redactor.redact(&shown_name, value),
            name: shown_name,
            size,
            verdict,
        });
    }
    if let Some(context) = context {
        record_missing(request, context, &names, visitor);
    }
    let left_out = received.len() - cookies.len();
    (cookies, left_out)
}

/// Compares a cookie that is not a session cookie with the cookies of the same name in the browser's jar.
fn compare_with_jar(
    request: &RequestHead,
    context: Option<&RequestContext>,
    name: &str,
    value: &[u8],
    redactor: &CookieRedactor,
    visitor: &mut Visitor,
) -> CookieVerdict {
    let stand_in = redactor.stand_in(name, value);
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
        Some((true, _)) => CookieVerdict::new(Level::Good, "known", format!("{by}, and unchanged since.")),
        Some((false, cookie)) => {
            let mut record: CookieRecord<'_> = cookie.record();
            record.value = stand_in.into();
            // `restore` fails if no response could have set this value. The jar then keeps the old value.
            let _ = visitor.jar.restore(&record, request.at);
            let sentence = format!("{by}, and changed since by a script or by hand.");
            CookieVerdict::new(Level::Warning, "changed", sentence)
        }
        None => {
            visitor.add_unknown_cookie(name, value);
            unknown_cookie(redactor.is_secret(name, value))
        }
    }
}

fn unknown_cookie(is_secret: bool) -> CookieVerdict {
    let sentence = match is_secret {
        true => "Not set while the inspector was running. Its name or format is that of a session cookie.",
        false => {
            "Not set while the inspector was running, but by an earlier run, by a script, or by another program on this host."
        }
    };
    CookieVerdict::new(Level::Neutral, "unknown", sentence)
}

/// Records which cookies in the browser's jar are missing from the request. `names` are the names of the cookies that
/// the request contained.
fn record_missing(
    request: &RequestHead,
    context: &RequestContext,
    names: &BTreeSet<Vec<u8>>,
    visitor: &mut Visitor,
) {
    for cookie in visitor.jar.cookies(context, request.at) {
        if names.contains(cookie.name()) {
            visitor.missing_cookies.remove(cookie.name());
        } else {
            visitor.missing_cookies.insert(cookie.name().to_vec());
        }
    }
    // A cookie that is no longer in the jar is not missing.
    visitor.missing_cookies.retain(|name| visitor.jar.iter().any(|cookie| cookie.name() == *name));
}
