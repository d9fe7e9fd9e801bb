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
    summary: "Select what you need, and see what to use.",
    routes: |_| Router::new().route("/which", get(which)),
    source: include_str!("which.rs"),
    rust_functions: &["which", "recommend"],
    flask_functions: &["which"],
    templates: templates!["state/which.html"],
    checklist: &[ChecklistItem::new("r2", Activity::Read, "which of them to use when")],
    ..Page::DEFAULTS
};

async fn which(
    view: View,
    Query(requirements): Query<Requirements>,
) -> Result<Html<String>, ViewError> {
    let recommendation = requirements.asked.is_some().then(|| recommend(&requirements));
    let (recommendation, reason) = recommendation.unzip();
    view.render("state/which.html", context! { recommendation, reason })
}

/// The submitted form. A checkbox is present only if it is checked.
#[derive(Deserialize)]
struct Requirements {
    asked: Option<String>,
    server: Option<String>,
    trust: Option<String>,
    secret: Option<String>,
    revoke: Option<String>,
    large: Option<String>,
    last: Option<String>,
}

fn recommend(requirements: &Requirements) -> (&'static str, &'static str) {
    let Requirements { server, trust, secret, revoke, large, last, .. } = requirements;
    if server.is_none() && (trust.is_some() || secret.is_some() || revoke.is_some()) {
        return (
            "a stored session",
            "Data that must be trusted, hidden, or revocable belongs on the server.",
        );
    }
    match (server, revoke.as_ref().or(large.as_ref()), secret, trust, last) {
        (None, _, _, _, Some(_)) => (
            "localStorage",
            "Only the page needs it, and it must survive closing the browser.",
        ),
        (None, _, _, _, None) => {
            ("sessionStorage", "Only the page needs it, and only for this visit.")
        }
        (Some(_), Some(_), ..) => (
            "a stored session",
            "It may be large, and the server can end it at any time.",
        ),
        (Some(_), None, Some(_), ..) => (
            "an encrypted session",
            "The visitor cannot read it, and the server stores nothing.",
        ),
        (Some(_), None, None, Some(_), _) => {
            ("a signed session", "The visitor can read it but not change it.")
        }
        (Some(_), None, None, None, _) => {
            ("a plain cookie", "It is small, and nothing depends on it being true.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_has_its_recommendation() {
        for (checked, expected) in [
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
                checked.split(' ').any(|checked| checked == name).then(String::new)
            };
            let requirements = Requirements {
                asked: Some(String::new()),
                server: on("server"),
                trust: on("trust"),
                secret: on("secret"),
                revoke: on("revoke"),
                large: on("large"),
                last: on("last"),
            };
            assert_eq!(recommend(&requirements).0, expected, "{checked}");
        }
    }
}
