use std::time::Duration;

use axum::Router;
use axum::extract::Form;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use hardtack::{Cookies, SameSite, SetCookie};
use hardtack_minijinja::minijinja::Value;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::{Activity, ChecklistItem, Page, Script, templates};

pub(crate) const PAGE: Page = Page {
    path: "/options",
    title: "Every attribute",
    summary: "Change each attribute of a cookie, and see what the browser does with it.",
    routes: |_| Router::new().route("/options", get(options).post(try_cookie)),
    source: include_str!("options.rs"),
    rust_functions: &["try_cookie", "build_cookie"],
    flask_functions: &["options"],
    templates: templates!["cookies/options.html"],
    checklist: &[ChecklistItem::new(
        "d1",
        Activity::Do,
        "set a cookie with every attribute",
    )],
    script: Script::InPart,
    ..Page::DEFAULTS
};

/// The submitted form. A checkbox is present only if it is checked.
#[derive(Deserialize)]
struct CookieForm {
    prefix: String,
    lasting: String,
    path: String,
    domain: String,
    same_site: String,
    secure: Option<String>,
    http_only: Option<String>,
    partitioned: Option<String>,
}

async fn options(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    view.render(
        "cookies/options.html",
        context! { received => received_names(&cookies), refused_examples => refused_examples() },
    )
}

async fn try_cookie(
    cookies: Cookies,
    headers: HeaderMap,
    view: View,
    Form(form): Form<CookieForm>,
) -> Result<Response, ViewError> {
    let cookie = build_cookie(&form);
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let page = |refused: Option<String>| {
        let is_foreign_domain =
            !form.domain.is_empty() && !domain_matches(host, &form.domain);
        let (received, refused_examples) =
            (received_names(&cookies), refused_examples());
        view.render(
            "cookies/options.html",
            context! { received, refused_examples, refused, is_foreign_domain, is_result => true },
        )
    };
    match cookie.check() {
        Ok(()) => Ok((cookie, page(None)?).into_response()),
        Err(error) => {
            Ok((StatusCode::BAD_REQUEST, page(Some(error.to_string()))?)
                .into_response())
        }
    }
}

fn build_cookie(form: &CookieForm) -> SetCookie {
    let mut cookie = SetCookie::new(format!("{}taste", form.prefix), "sweet")
        .path(form.path.as_str());
    cookie = match form.same_site.parse::<SameSite>() {
        Ok(same_site) => cookie.same_site(same_site),
        Err(_) => cookie.no_same_site(),
    };
    cookie = match form.lasting.as_str() {
        "ten" => cookie.max_age(Duration::from_secs(600)),
        "gone" => cookie.max_age(Duration::ZERO),
        _ => cookie,
    };
    if !form.domain.is_empty() {
        cookie = cookie.domain(form.domain.as_str());
    }
    if form.secure.is_some() {
        cookie = cookie.secure();
    }
    if form.http_only.is_some() {
        cookie = cookie.http_only();
    }
    if form.partitioned.is_some() {
        cookie = cookie.partitioned();
    }
    cookie
}

/// Returns the names of the cookies that this page set and the browser sent.
fn received_names(cookies: &Cookies) -> Value {
    cookies
        .iter()
        .map(|(name, _)| name)
        .filter(|name| name.ends_with("taste"))
        .collect()
}

/// Returns whether a host matches a domain (RFC 6265bis, section 5.1.3).
fn domain_matches(host: &str, domain: &str) -> bool {
    let (host, domain) =
        (host.split(':').next().unwrap_or_default(), domain.trim_start_matches('.'));
    host == domain || host.strip_suffix(domain).is_some_and(|sub| sub.ends_with('.'))
}

/// Returns examples of cookies that browsers refuse, each with the form fields that create it.
fn refused_examples() -> Value {
    const DEFAULTS: [(&str, &str); 5] = [
        ("prefix", ""),
        ("lasting", "ten"),
        ("path", "/"),
        ("domain", ""),
        ("same_site", "Lax"),
    ];
    let table: [(&str, &[(&str, &str)]); 7] = [
        ("SameSite=None without Secure", &[("same_site", "None")]),
        ("Partitioned without Secure", &[("partitioned", "on")]),
        ("__Secure- without Secure", &[("prefix", "__Secure-")]),
        (
            "__Host- with a domain",
            &[("prefix", "__Host-"), ("secure", "on"), ("domain", "example.com")],
        ),
        (
            "__Host- with another path",
            &[("prefix", "__Host-"), ("secure", "on"), ("path", "/options")],
        ),
        ("__Http- without HttpOnly", &[("prefix", "__Http-"), ("secure", "on")]),
        ("A path without /", &[("path", "options")]),
    ];
    let fields = |set: &[(&str, &str)]| -> Value {
        let defaults = DEFAULTS
            .iter()
            .filter(|(name, _)| set.iter().all(|(other, _)| other != name));
        defaults
            .chain(set)
            .map(|(name, value)| context! { name => *name, value => *value })
            .collect()
    };
    table
        .iter()
        .map(|(title, set)| context! { title => *title, fields => fields(set) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_belongs_to_its_own_domain_and_those_above() {
        for (host, domain, belongs) in [
            ("localhost:5000", "localhost", true),
            ("www.example.com", "example.com", true),
            ("www.example.com", ".example.com", true),
            ("badexample.com", "example.com", false),
            ("example.com", "www.example.com", false),
            ("localhost", "example.com", false),
        ] {
            assert_eq!(domain_matches(host, domain), belongs, "{host} {domain}");
        }
    }
}
