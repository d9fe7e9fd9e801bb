use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::{Cookies, SetCookie};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::trim_input;
use crate::pages::{Activity, ChecklistItem, Page, Script, templates};

pub(crate) const PAGE: Page = Page {
    path: "/storage",
    title: "Cookie, localStorage, sessionStorage",
    summary: "The browser’s three places to store data, side by side.",
    routes: |_| Router::new().route("/storage", get(storage).post(save_note)),
    source: include_str!("storage.rs"),
    rust_functions: &["storage", "save_note"],
    flask_functions: &["storage"],
    templates: templates!["state/storage.html"],
    checklist: &[ChecklistItem::new(
        "r1",
        Activity::Read,
        "how cookies, localStorage, and sessionStorage differ",
    )],
    script: Script::InPart,
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct NoteForm {
    note: String,
}

async fn storage(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    view.render("state/storage.html", context! { note => cookies.get("note") })
}

async fn save_note(Form(form): Form<NoteForm>) -> (SetCookie, Redirect) {
    (SetCookie::new("note", trim_input(&form.note)), Redirect::to("/storage"))
}
