use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use hardtack::{Cookies, SetCookie};
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Activity, ChecklistItem, Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/visits",
    title: "Count the visits",
    summary: "Two cookies count your visits, and say what kind of customer you are.",
    routes: |_| Router::new().route("/visits", get(visits)),
    source: include_str!("visits.rs"),
    rust_functions: &["visits"],
    flask_functions: &["visits"],
    templates: templates!["cookies/visits.html"],
    checklist: &[ChecklistItem::new("w3", Activity::Watch, "a site count your visits")],
    ..Page::DEFAULTS
};

pub(crate) const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

async fn visits(
    view: View,
    cookies: Cookies,
) -> Result<(SetCookie, SetCookie, Html<String>), ViewError> {
    let before: u32 = cookies
        .get("number_visits")
        .and_then(|number| number.parse().ok())
        .unwrap_or(0);
    let number = before.saturating_add(1);
    let customer = match number {
        1 => "new",
        2..=4 => "returning",
        _ => "regular",
    };
    let page = view.render("cookies/visits.html", context! { number, customer })?;
    let number = SetCookie::new("number_visits", number.to_string()).max_age(A_YEAR);
    let customer = SetCookie::new("customer_type", customer).max_age(A_YEAR);
    Ok((number, customer, page))
}
