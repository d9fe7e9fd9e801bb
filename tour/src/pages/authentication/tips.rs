use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::cookie::find;
use hardtack::{Cookies, SameSite, Session, SetCookie};
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Activity, ChecklistItem, Page, Script, templates};
use crate::sessions::SessionLayers;

pub(crate) const PAGE: Page = Page {
    path: "/tips",
    title: "Security tips",
    summary: "Six measures that make a session secure, each with a demonstration.",
    routes: |tour| {
        Router::new()
            .route("/tips", get(tips).post(renew))
            .route("/tips/elsewhere", get(other_site))
            .with_state(tour.layers.clone())
    },
    source: include_str!("tips.rs"),
    rust_functions: &["tip_cookies", "renew"],
    flask_functions: &["tips"],
    templates: templates!["authentication/tips.html", "authentication/other-site.html"],
    checklist: &[ChecklistItem::new(
        "r5",
        Activity::Read,
        "what makes a session secure",
    )],
    script: Script::InPart,
    is_personal: true,
    ..Page::DEFAULTS
};

async fn tips(
    State(layers): State<SessionLayers>,
    session: Session,
    cookies: Cookies,
    headers: HeaderMap,
    view: View,
) -> Result<(SetCookie, SetCookie, SetCookie, Html<String>), ViewError> {
    let [lax, strict, short] = tip_cookies();
    let was_received = |name| cookies.get(name).is_some();
    let page = view.render(
        "authentication/tips.html",
        context! {
            lax => context! { header => lax.to_header().ok(), was_received => was_received("tip_lax") },
            strict => context! { header => strict.to_header().ok(), was_received => was_received("tip_strict") },
            short => context! { header => short.to_header().ok(), was_received => was_received("tip_short") },
            fetch_site => header_value(&headers, "sec-fetch-site"),
            other_host => other_host(&headers),
            is_insecure => layers.is_insecure(),
            key_source => layers.key_source(),
            user => session.user(),
            prefix_before_login => session.get::<String>(ID_BEFORE_LOGIN),
            prefix_now => session_id_prefix(&headers, layers.cookie_name()),
        },
    )?;
    Ok((lax, strict, short, page))
}

fn tip_cookies() -> [SetCookie; 3] {
    let secure =
        |name| SetCookie::new(name, "here").max_age(TEN_MINUTES).secure().http_only();
    [
        secure("tip_lax").same_site(SameSite::Lax),
        secure("tip_strict").same_site(SameSite::Strict),
        secure("tip_short").max_age(TEN_SECONDS),
    ]
}

const TEN_MINUTES: Duration = Duration::from_secs(600);
const TEN_SECONDS: Duration = Duration::from_secs(10);

async fn renew(session: Session) -> Redirect {
    session.insert("renewed", true);
    session.renew();
    Redirect::to("/tips")
}

/// Returns the page that the tour serves under its other host name, which a browser treats as another site.
async fn other_site(view: View, headers: HeaderMap) -> Result<Html<String>, ViewError> {
    view.render(
        "authentication/other-site.html",
        context! { other_host => other_host(&headers) },
    )
}

/// The key in the session under which a login stores the beginning of the previous session id.
pub(crate) const ID_BEFORE_LOGIN: &str = "id_before_login";

/// Returns the first six characters of the session cookie's value, or `None` if there is no session cookie. Six of the
/// 43 characters of a session id are enough to distinguish two ids, and grant no access.
pub(crate) fn session_id_prefix(
    headers: &HeaderMap,
    cookie_name: &str,
) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().map(|value| value.as_bytes());
    let id = find(cookies, cookie_name).next()?;
    Some(String::from_utf8_lossy(id.get(..6)?).into_owned())
}

/// Returns `127.0.0.1` for `localhost` and vice versa, with the port, or `None` for another host or without a port.
fn other_host(headers: &HeaderMap) -> Option<String> {
    let host = header_value(headers, "host")?;
    let (name, port) = host.split_once(':')?;
    let port: u16 = port.parse().ok()?;
    match name {
        "localhost" => Some(format!("127.0.0.1:{port}")),
        "127.0.0.1" => Some(format!("localhost:{port}")),
        _ => None,
    }
}

fn header_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_localhost_has_another_name() {
        for (host, other) in [
            ("localhost:5000", Some("127.0.0.1:5000")),
            ("127.0.0.1:80", Some("localhost:80")),
            ("example.com:80", None),
            ("localhost:x\"y", None),
            ("localhost", None),
        ] {
            let headers =
                HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            assert_eq!(other_host(&headers).as_deref(), other, "{host}");
        }
    }

    #[test]
    fn only_the_prefix_of_an_id_is_returned() {
        let headers = HeaderMap::from_iter([(
            header::COOKIE,
            HeaderValue::from_static("a=1; s=ABCDEFGHIJ; t=x"),
        )]);
        assert_eq!(session_id_prefix(&headers, "s").as_deref(), Some("ABCDEF"));
        assert_eq!(session_id_prefix(&headers, "t"), None);
        assert_eq!(session_id_prefix(&headers, "u"), None);
    }
}
