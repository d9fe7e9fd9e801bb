use axum::Router;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/invite",
    title: "A secret invitation",
    summary: "Visitors who know the code get in, and stay in.",
    routes: |_| Router::new().route("/invite", get(invite).post(enter_code)),
    source: include_str!("invite.rs"),
    rust_functions: &["enter_code", "invite"],
    flask_functions: &["invite"],
    templates: templates!["applications/invite.html"],
    is_personal: true,
    ..Page::DEFAULTS
};

const INVITATION_CODE: &str = "hardtack";

#[derive(Deserialize)]
struct CodeForm {
    code: String,
}

async fn invite(session: Session, view: View) -> Result<Html<String>, ViewError> {
    view.render(
        "applications/invite.html",
        context! { is_invited => session.get("invited").unwrap_or(false) },
    )
}

async fn enter_code(
    session: Session,
    view: View,
    Form(form): Form<CodeForm>,
) -> Result<Response, ViewError> {
    if form.code.trim() != INVITATION_CODE {
        let page = view.render(
            "applications/invite.html",
            context! { is_invited => false, is_wrong_code => true },
        )?;
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    }
    session.insert("invited", true);
    Ok(Redirect::to("/invite").into_response())
}
