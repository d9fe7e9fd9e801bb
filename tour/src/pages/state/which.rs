use axum::Router;
use axum::extract::Query;
use axum::response::Html;
use axum::routing::get;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::{Activity, ChecklistItem, Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/which",
    title: "Which to use when",
    about: "Say what you need, and see what serves it.",
    routes: |_| Router::new().route("/which", get(which)),
    source: include_str!("which.rs"),
    handlers: &["which", "advise"],
    flask: &["which"],
    templates: templates!["state/which.html"],
    checklist: &[ChecklistItem::new("r2", Activity::Read, "which of them to use when")],
    ..Page::DEFAULTS
};

async fn which(
    view: View,
    Query(need): Query<Need>,
) -> Result<Html<String>, ViewError> {
    let advice = need.asked.is_some().then(|| advise(&need));
    let (place, reason) = advice.unzip();
    view.render("state/which.html", context! { place, reason })
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
