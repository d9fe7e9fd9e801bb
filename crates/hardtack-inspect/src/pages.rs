use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use minijinja::{Value, context};

use crate::inspector::Inspector;
use crate::lifetimes::clock_time;
use crate::look::Look;
use crate::record::Record;
use crate::stream;
use crate::templates::{SCRIPT, STYLE, render, shown_to};
use crate::token::{Brought, without_token};
use crate::views;

/// Answers a request to the inspector's own pages. `rest` is the path below the inspector's own.
pub(crate) fn answer(inspector: &Inspector, request: &Request, rest: &str) -> Response {
    let brought = inspector.guard.check(request).and_then(|()| inspector.token.check(request));
    let mut response = match brought {
        Ok(Brought::Cookie) => shown(inspector, request, rest),
        Ok(Brought::Address) => let_in(inspector, request),
        Err(refused) => (refused.status, refused.sentence).into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in GUARDING {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Headers that restrict what a page of the inspector may do in a browser, and which sites may embed or read it.
const GUARDING: [(header::HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'self'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// The maximum number of exchanges on a page.
const MAX_PER_PAGE: usize = 200;

fn shown(inspector: &Inspector, request: &Request, rest: &str) -> Response {
    let look = Look::of(request);
    let page = match rest.trim_matches('/') {
        "" => conversation(inspector, &look),
        "session" => session(inspector, &look),
        "jar" => jar(inspector, &look),
        "warnings" => warnings(inspector, &look),
        "events" => return stream::answer(inspector, look),
        "inspect.css" => return asset("text/css; charset=utf-8", STYLE),
        "inspect.js" => return asset("text/javascript; charset=utf-8", SCRIPT),
        other => exchange(inspector, &look, other),
    };
    match page {
        Ok(page) => Html(page).into_response(),
        Err(status) => status.into_response(),
    }
}

/// Moves the token from the address to a cookie.
fn let_in(inspector: &Inspector, request: &Request) -> Response {
    let mut response = Redirect::to(&without_token(request)).into_response();
    if let Some(cookie) = inspector.token.cookie(request, inspector.base()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], Body::from(text)).into_response()
}

fn conversation(inspector: &Inspector, look: &Look) -> Result<String, StatusCode> {
    let record = inspector.record();
    let number = look.number(&record);
    let exchanges: Vec<_> = record
        .ring
        .iter()
        .filter(|exchange| look.wants(exchange, number))
        .take(MAX_PER_PAGE)
        .cloned()
        .collect();
    let shell = shell(inspector, &record, look, "conversation");
    drop(record);
    let chosen = exchanges.first().map(|exchange| shown_to(&**exchange));
    let exchanges: Vec<_> = exchanges.iter().map(|exchange| shown_to(&**exchange)).collect();
    render("conversation.html", context! { exchanges, chosen, ..shell })
}

fn exchange(inspector: &Inspector, look: &Look, rest: &str) -> Result<String, StatusCode> {
    let number: u64 = rest
        .strip_prefix("exchanges/")
        .and_then(|number| number.parse().ok())
        .ok_or(StatusCode::NOT_FOUND)?;
    let record = inspector.record();
    let exchange = record.ring.get(number).cloned().ok_or(StatusCode::NOT_FOUND)?;
    let is_kept = |number: &u64| record.ring.get(*number).is_some();
    let (before, after) = (Some(number - 1).filter(is_kept), Some(number + 1).filter(is_kept));
    let shell = shell(inspector, &record, look, "conversation");
    drop(record);
    render("exchange.html", context! { exchange => shown_to(&*exchange), before, after, ..shell })
}

fn session(inspector: &Inspector, look: &Look) -> Result<String, StatusCode> {
    let record = inspector.record();
    let sessions = views::sessions(&record, look.number(&record));
    let shell = shell(inspector, &record, look, "session");
    drop(record);
    render("session.html", context! { sessions => shown_to(&sessions), ..shell })
}

fn jar(inspector: &Inspector, look: &Look) -> Result<String, StatusCode> {
    let record = inspector.record();
    let jars = views::jars(&record, look.number(&record));
    let shell = shell(inspector, &record, look, "jar");
    drop(record);
    render("jar.html", context! { jars => shown_to(&jars), ..shell })
}

fn warnings(inspector: &Inspector, look: &Look) -> Result<String, StatusCode> {
    let record = inspector.record();
    let mut warnings: Vec<_> = match look.number(&record) {
        None => record.warnings.values().cloned().collect(),
        Some(number) => {
            let visitor = number.and_then(|number| record.visitors.get(number));
            visitor.map(|visitor| visitor.warnings.values().cloned().collect()).unwrap_or_default()
        }
    };
    warnings.sort_by_key(|warned| std::cmp::Reverse((warned.warning.tone, warned.number)));
    let shell = shell(inspector, &record, look, "warnings");
    drop(record);
    render("warnings.html", context! { warnings => shown_to(&warnings), ..shell })
}

/// Returns the values that the frame around every page needs.
fn shell(inspector: &Inspector, record: &Record, look: &Look, view: &'static str) -> Value {
    let base = inspector.base();
    let tab = |view: &'static str, title, path: &str, count: Option<usize>| {
        context! { view, title, href => format!("{base}{path}{}", look.browser_query()), count }
    };
    let warnings = Some(record.count_warnings()).filter(|count| *count > 0);
    let tabs = [
        tab("conversation", "Conversation", "", None),
        tab("session", "Session", "/session", None),
        tab("jar", "Jar", "/jar", None),
        tab("warnings", "Warnings", "/warnings", warnings),
    ];
    let href = match view {
        "conversation" => base.to_owned(),
        view => format!("{base}/{view}"),
    };
    context! {
        base, href, view, tabs,
        theme => look.theme,
        shows_values => inspector.veil().is_lifted(),
        counts => context! {
            time => clock_time(look.asked.at),
            total => record.total,
            kept => record.ring.len(),
            sampled => (),
        },
        filters => shown_to(&look.filters),
    }
}
