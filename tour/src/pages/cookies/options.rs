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
    about: "Switch each attribute of a cookie, and see what a browser makes of it.",
    routes: |_| Router::new().route("/options", get(options).post(try_options)),
    source: include_str!("options.rs"),
    handlers: &["try_options", "wanted"],
    flask: &["options"],
    templates: templates!["cookies/options.html"],
    checklist: &[ChecklistItem::new(
        "d1",
        Activity::Do,
        "set a cookie with every attribute",
    )],
    script: Script::InPart,
    ..Page::DEFAULTS
};

/// The form. A checkbox is present only if it is checked.
#[derive(Deserialize)]
struct Wish {
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
        context! { came_back => tastes(&cookies), mistakes => mistakes() },
    )
}

async fn try_options(
    cookies: Cookies,
    headers: HeaderMap,
    view: View,
    Form(wish): Form<Wish>,
) -> Result<Response, ViewError> {
    let cookie = wanted(&wish);
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let page = |refused: Option<String>| {
        let foreign = !wish.domain.is_empty() && !is_within(host, &wish.domain);
        let (came_back, mistakes) = (tastes(&cookies), mistakes());
        view.render(
            "cookies/options.html",
            context! { came_back, mistakes, refused, foreign, tried => true },
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

fn wanted(wish: &Wish) -> SetCookie {
    let mut cookie = SetCookie::new(format!("{}taste", wish.prefix), "sweet")
        .path(wish.path.as_str());
    cookie = match wish.same_site.parse::<SameSite>() {
        Ok(same_site) => cookie.same_site(same_site),
        Err(_) => cookie.no_same_site(),
    };
    cookie = match wish.lasting.as_str() {
        "ten" => cookie.max_age(Duration::from_secs(600)),
        "gone" => cookie.max_age(Duration::ZERO),
        _ => cookie,
    };
    if !wish.domain.is_empty() {
        cookie = cookie.domain(wish.domain.as_str());
    }
    if wish.secure.is_some() {
        cookie = cookie.secure();
    }
    if wish.http_only.is_some() {
        cookie = cookie.http_only();
    }
    if wish.partitioned.is_some() {
        cookie = cookie.partitioned();
    }
    cookie
}

/// Returns the cookies of this page that the browser sent.
fn tastes(cookies: &Cookies) -> Value {
    cookies
        .iter()
        .map(|(name, _)| name)
        .filter(|name| name.ends_with("taste"))
        .collect()
}

/// Returns whether a host matches a domain (RFC 6265bis, section 5.1.3).
fn is_within(host: &str, domain: &str) -> bool {
    let (host, domain) =
        (host.split(':').next().unwrap_or_default(), domain.trim_start_matches('.'));
    host == domain || host.strip_suffix(domain).is_some_and(|sub| sub.ends_with('.'))
}

/// Cookies that browsers refuse, each with the form fields that create it.
fn mistakes() -> Value {
    const USUAL: [(&str, &str); 5] = [
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
            "__Host- for a whole domain",
            &[("prefix", "__Host-"), ("secure", "on"), ("domain", "example.com")],
        ),
        (
            "__Host- with another path",
            &[("prefix", "__Host-"), ("secure", "on"), ("path", "/options")],
        ),
        ("__Http- without HttpOnly", &[("prefix", "__Http-"), ("secure", "on")]),
        ("A path that is none", &[("path", "options")]),
    ];
    let fields = |set: &[(&str, &str)]| -> Value {
        let usual =
            USUAL.iter().filter(|(name, _)| set.iter().all(|(other, _)| other != name));
        usual
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
            assert_eq!(is_within(host, domain), belongs, "{host} {domain}");
        }
    }
}
