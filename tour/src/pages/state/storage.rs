use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::{Cookies, SetCookie};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::short;
use crate::pages::{Activity, ChecklistItem, Page, Script, templates};

pub(crate) const PAGE: Page = Page {
    path: "/storage",
    title: "Cookie, localStorage, sessionStorage",
    about: "The browser’s three places for notes, side by side.",
    routes: |_| Router::new().route("/storage", get(storage).post(note_in_cookie)),
    source: include_str!("storage.rs"),
    handlers: &["storage", "note_in_cookie"],
    flask: &["storage"],
    templates: templates!["state/storage.html"],
    checklist: &[ChecklistItem::new(
        "r1",
        Activity::Read,
        "how cookie, localStorage and sessionStorage differ",
    )],
    script: Script::InPart,
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct Note {
    note: String,
}

async fn storage(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    view.render("state/storage.html", context! { note => cookies.get("note") })
}

async fn note_in_cookie(Form(form): Form<Note>) -> (SetCookie, Redirect) {
    (SetCookie::new("note", short(&form.note)), Redirect::to("/storage"))
}
