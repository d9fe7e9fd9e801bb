use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use minijinja::{Value, context};

use crate::inspector::Inspector;
use crate::inspector_state::InspectorState;
use crate::page_query::PageQuery;
use crate::remaining_lifetime::clock_time;
use crate::stream;
use crate::templates::{SCRIPT, STYLE, render, to_template_value};
use crate::token::{TokenSource, without_token};
use crate::views;

/// Answers a request to the inspector's own pages. `rest` is the path below the inspector's own.
pub(crate) fn respond(inspector: &Inspector, request: &Request, rest: &str) -> Response {
    let access = inspector.peer_policy.check(request).and_then(|()| inspector.token.check(request));
    let mut response = match access {
        Ok(TokenSource::Cookie) => page(inspector, request, rest),
        Ok(TokenSource::Url) => move_token_to_cookie(inspector, request),
        Err(denied) => (denied.status, denied.sentence).into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Headers that restrict what a page of the inspector may do in a browser, and which sites may embed or read it.
const SECURITY_HEADERS: [(header::HeaderName, &str); 6] = [
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

fn page(inspector: &Inspector, request: &Request, rest: &str) -> Response {
    let query = PageQuery::new(request);
    let page = match rest.trim_matches('/') {
        "" => conversation(inspector, &query),
        "session" => session(inspector, &query),
        "jar" => jar(inspector, &query),
        "warnings" => warnings(inspector, &query),
        "events" => return stream::respond(inspector, query),
        "inspect.css" => return asset("text/css; charset=utf-8", STYLE),
        "inspect.js" => return asset("text/javascript; charset=utf-8", SCRIPT),
        other => exchange(inspector, &query, other),
    };
    match page {
        Ok(page) => Html(page).into_response(),
        Err(status) => status.into_response(),
    }
}

/// Moves the token from the address to a cookie.
fn move_token_to_cookie(inspector: &Inspector, request: &Request) -> Response {
    let mut response = Redirect::to(&without_token(request)).into_response();
    if let Some(cookie) = inspector.token.cookie(request, inspector.base()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], Body::from(text)).into_response()
}

fn conversation(inspector: &Inspector, query: &PageQuery) -> Result<String, StatusCode> {
    let state = inspector.lock_state();
    let number = query.visitor(&state);
    let exchanges: Vec<_> = state
        .exchanges
        .iter()
        .filter(|exchange| query.matches(exchange, number))
        .take(MAX_PER_PAGE)
        .cloned()
        .collect();
    let layout = layout(inspector, &state, query, "conversation");
    drop(state);
    let chosen = exchanges.first().map(|exchange| to_template_value(&**exchange));
    let exchanges: Vec<_> = exchanges.iter().map(|exchange| to_template_value(&**exchange)).collect();
    render("conversation.html", context! { exchanges, chosen, ..layout })
}

fn exchange(inspector: &Inspector, query: &PageQuery, rest: &str) -> Result<String, StatusCode> {
    let number: u64 = rest
        .strip_prefix("exchanges/")
        .and_then(|number| number.parse().ok())
        .ok_or(StatusCode::NOT_FOUND)?;
    let state = inspector.lock_state();
    let exchange = state.exchanges.get(number).cloned().ok_or(StatusCode::NOT_FOUND)?;
    let is_stored = |number: &u64| state.exchanges.get(*number).is_some();
    let (before, after) = (Some(number - 1).filter(is_stored), Some(number + 1).filter(is_stored));
    let layout = layout(inspector, &state, query, "conversation");
    drop(state);
    render("exchange.html", context! { exchange => to_template_value(&*exchange), before, after, ..layout })
}

fn session(inspector: &Inspector, query: &PageQuery) -> Result<String, StatusCode> {
    let state = inspector.lock_state();
    let sessions = views::sessions(&state, query.visitor(&state));
    let layout = layout(inspector, &state, query, "session");
    drop(state);
    render("session.html", context! { sessions => to_template_value(&sessions), ..layout })
}

fn jar(inspector: &Inspector, query: &PageQuery) -> Result<String, StatusCode> {
    let state = inspector.lock_state();
    let jars = views::jars(&state, query.visitor(&state));
    let layout = layout(inspector, &state, query, "jar");
    drop(state);
    render("jar.html", context! { jars => to_template_value(&jars), ..layout })
}

fn warnings(inspector: &Inspector, query: &PageQuery) -> Result<String, StatusCode> {
    let state = inspector.lock_state();
    let mut warnings: Vec<_> = match query.visitor(&state) {
        None => state.warnings.values().cloned().collect(),
        Some(number) => {
            let visitor = number.and_then(|number| state.visitors.get(number));
            visitor.map(|visitor| visitor.warnings.values().cloned().collect()).unwrap_or_default()
        }
    };
    warnings.sort_by_key(|warned| std::cmp::Reverse((warned.warning.level, warned.number)));
    let layout = layout(inspector, &state, query, "warnings");
    drop(state);
    render("warnings.html", context! { warnings => to_template_value(&warnings), ..layout })
}

/// Returns the values that the frame around every page needs.
fn layout(inspector: &Inspector, state: &InspectorState, query: &PageQuery, view: &'static str) -> Value {
    let base = inspector.base();
    let tab = |view: &'static str, title, path: &str, count: Option<usize>| {
        context! { view, title, href => format!("{base}{path}{}", query.browser_query()), count }
    };
    let warnings = Some(state.count_warnings()).filter(|count| *count > 0);
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
        theme => query.theme,
        shows_values => inspector.redaction().shows_values(),
        totals => context! {
            time => clock_time(query.head.at),
            total => state.total,
            stored => state.exchanges.len(),
        },
        filters => to_template_value(&query.filters),
    }
}
