use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::short;
use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/leaderboard",
    title: "A list that stays a list",
    about: "A leaderboard grows inside the session, and no change in it is forgotten.",
    routes: |_| Router::new().route("/leaderboard", get(leaderboard).post(play)),
    source: include_str!("leaderboard.rs"),
    handlers: &["play", "leaderboard"],
    flask: &["leaderboard"],
    templates: templates!["session/leaderboard.html"],
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct Game {
    player: String,
    points: u32,
}

/// The number of places on the leaderboard.
const PLACES: usize = 5;

async fn leaderboard(view: View) -> Result<Html<String>, ViewError> {
    view.render("session/leaderboard.html", context! {})
}

async fn play(session: Session, Form(game): Form<Game>) -> Redirect {
    let entry = (short(&game.player), game.points);
    session.update("leaderboard", move |board: &mut Vec<(String, u32)>| {
        board.push(entry.clone());
        board.sort_by_key(|(_, points)| std::cmp::Reverse(*points));
        board.truncate(PLACES);
    });
    Redirect::to("/leaderboard")
}
