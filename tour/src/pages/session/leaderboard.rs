use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::trim_input;
use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/leaderboard",
    title: "A list that stays a list",
    summary: "A leaderboard grows in the session, and no change to it is lost.",
    routes: |_| Router::new().route("/leaderboard", get(leaderboard).post(add_score)),
    source: include_str!("leaderboard.rs"),
    rust_functions: &["add_score", "leaderboard"],
    flask_functions: &["leaderboard"],
    templates: templates!["session/leaderboard.html"],
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct ScoreForm {
    player: String,
    points: u32,
}

/// The maximum number of entries on the leaderboard.
const MAX_ENTRIES: usize = 5;

async fn leaderboard(view: View) -> Result<Html<String>, ViewError> {
    view.render("session/leaderboard.html", context! {})
}

async fn add_score(session: Session, Form(form): Form<ScoreForm>) -> Redirect {
    let entry = (trim_input(&form.player), form.points);
    session.update("leaderboard", move |board: &mut Vec<(String, u32)>| {
        board.push(entry.clone());
        board.sort_by_key(|(_, points)| std::cmp::Reverse(*points));
        board.truncate(MAX_ENTRIES);
    });
    Redirect::to("/leaderboard")
}
