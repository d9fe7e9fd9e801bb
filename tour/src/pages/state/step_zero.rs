use axum::Router;
use axum::extract::Form;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use hardtack::{RemoveCookie, Session, SetCookie};
use hardtack_minijinja::{View, ViewError, context};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::pages::trim_input;
use crate::pages::{Activity, ChecklistItem, Page, Script, templates};

pub(crate) const PAGE: Page = Page {
    path: "/step-zero",
    title: "Step zero",
    summary: "Enter a value, and choose how to carry it to the next page.",
    routes: |_| Router::new().route("/step-zero", get(step_zero).post(carry)),
    source: include_str!("step_zero.rs"),
    rust_functions: &["carry"],
    flask_functions: &["step_zero"],
    templates: templates!["state/step-zero.html", "state/step-between.html"],
    checklist: &[ChecklistItem::new(
        "w2",
        Activity::Watch,
        "a word go from one page to the next in seven ways",
    )],
    script: Script::InPart,
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct CarryForm {
    carried: String,
    way: String,
}

async fn step_zero(view: View) -> Result<Html<String>, ViewError> {
    view.render("state/step-zero.html", context! {})
}

async fn carry(
    session: Session,
    view: View,
    Form(form): Form<CarryForm>,
) -> Result<Response, ViewError> {
    let carried = trim_input(&form.carried);
    let in_url = utf8_percent_encode(&carried, NON_ALPHANUMERIC);
    match form.way.as_str() {
        "query" => {
            Ok(Redirect::to(&format!("/step-one?carried={in_url}")).into_response())
        }
        "path" => Ok(Redirect::to(&format!("/step-one/{in_url}")).into_response()),
        "cookie" => Ok((SetCookie::new("carried", carried), Redirect::to("/step-one"))
            .into_response()),
        "session" => {
            session.insert("carried", carried);
            Ok(Redirect::to("/step-one").into_response())
        }
        "forget" => {
            session.remove("carried");
            Ok((RemoveCookie::new("carried"), Redirect::to("/step-one"))
                .into_response())
        }
        // A hidden field needs a form on a page in between. localStorage and sessionStorage need a script on that page.
        way => view
            .render("state/step-between.html", context! { carried, way })
            .map(IntoResponse::into_response),
    }
}
