use axum::Router;
use axum::extract::{Form, Query};
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::{Cookies, SetCookie};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::short::short;

/// A browser's three places for state, side by side, and when to use each.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/storage", get(storage).post(note_in_cookie))
        .route("/which", get(which))
}

#[derive(Deserialize)]
struct Note {
    note: String,
}

async fn storage(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    view.render("storage.html", context! { note => cookies.get("note") })
}

async fn note_in_cookie(Form(form): Form<Note>) -> (SetCookie, Redirect) {
    (SetCookie::new("note", short(&form.note)), Redirect::to("/storage"))
}

async fn which(
    view: View,
    Query(need): Query<Need>,
) -> Result<Html<String>, ViewError> {
    let advice = need.asked.is_some().then(|| advise(&need));
    let (place, reason) = advice.unzip();
    view.render("which.html", context! { place, reason })
}

/// Checkboxes of a form, present only if they are checked.
#[derive(Deserialize)]
struct Need {
    asked: Option<String>,
    server: Option<String>,
    trust: Option<String>,
    secret: Option<String>,
    revoke: Option<String>,
    large: Option<String>,
    last: Option<String>,
}

fn advise(need: &Need) -> (&'static str, &'static str) {
    let Need { server, trust, secret, revoke, large, last, .. } = need;
    if server.is_none() && (trust.is_some() || secret.is_some() || revoke.is_some()) {
        return (
            "a stored session",
            "What is to be trusted, hidden or taken back belongs to the server.",
        );
    }
    match (server, revoke.as_ref().or(large.as_ref()), secret, trust, last) {
        (None, _, _, _, Some(_)) => {
            ("localStorage", "Only the page needs it, and it shall last.")
        }
        (None, _, _, _, None) => {
            ("sessionStorage", "Only the page needs it, and only for this visit.")
        }
        (Some(_), Some(_), ..) => (
            "a stored session",
            "It may be large, and the server can end it at any time.",
        ),
        (Some(_), None, Some(_), ..) => (
            "an encrypted session",
            "The visitor cannot read it, and the server keeps nothing.",
        ),
        (Some(_), None, None, Some(_), _) => {
            ("a signed session", "The visitor can read it but not change it.")
        }
        (Some(_), None, None, None, _) => {
            ("a plain cookie", "It is small, and nothing depends on its being true.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_has_its_place() {
        for (ticked, place) in [
            ("", "sessionStorage"),
            ("last", "localStorage"),
            ("large", "sessionStorage"),
            ("server", "a plain cookie"),
            ("server last", "a plain cookie"),
            ("server trust", "a signed session"),
            ("server secret", "an encrypted session"),
            ("server trust secret last", "an encrypted session"),
            ("server secret revoke", "a stored session"),
            ("server large", "a stored session"),
            ("trust", "a stored session"),
        ] {
            let on = |name: &str| {
                ticked.split(' ').any(|box_| box_ == name).then(String::new)
            };
            let need = Need {
                asked: Some(String::new()),
                server: on("server"),
                trust: on("trust"),
                secret: on("secret"),
                revoke: on("revoke"),
                large: on("large"),
                last: on("last"),
            };
            assert_eq!(advise(&need).0, place, "{ticked}");
        }
    }
}
