use std::time::SystemTime;

use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::value::{Bytes, DateTime, Markup, Uuid};
use hardtack::{Session, Value};
use hardtack_minijinja::minijinja::Value as Shown;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::short::short;

/// The types that a session can store. Values keep their types.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/types", get(types).post(put_types))
        .route("/leaderboard", get(leaderboard).post(play))
}

/// The values that the page stores, in the order in which it shows them.
const KEYS: [&str; 11] = [
    "number", "price", "text", "truth", "nothing", "list", "tuple", "bytes", "moment",
    "uuid", "markup",
];

async fn types(session: Session, view: View) -> Result<Html<String>, ViewError> {
    let held = KEYS.iter().filter_map(|key| Some((key, session.get::<Value>(key)?)));
    let rows: Shown = held
        .map(|(key, value)| context! { key => *key, kind => value.kind(), wire => value.to_text() })
        .collect();
    view.render("types.html", context! { rows })
}

async fn put_types(session: Session) -> Redirect {
    session.insert("number", 42);
    session.insert("price", 9.5);
    session.insert("text", "Jörg");
    session.insert("truth", true);
    session.insert("nothing", Value::Null);
    session.insert("list", vec![3, 1, 2]);
    session.insert("tuple", ("tea", 2));
    session.insert("bytes", Bytes::from(vec![0, 159, 255]));
    session.insert("moment", DateTime::from(SystemTime::now()));
    session.insert("uuid", Uuid::from_bytes(*b"hardtack's tour."));
    session.insert("markup", Markup::new("<b>bold</b>"));
    Redirect::to("/types")
}

#[derive(Deserialize)]
struct Game {
    player: String,
    points: u32,
}

/// The number of places on the leaderboard.
const PLACES: usize = 5;

async fn leaderboard(view: View) -> Result<Html<String>, ViewError> {
    view.render("leaderboard.html", context! {})
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
