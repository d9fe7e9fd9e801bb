use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderValue, Request, Uri, header};
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::{Cookies, SetCookie};
use hardtack_inspect::Inspector;
use hardtack_minijinja::minijinja::Value;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;
use tower::ServiceExt;

use crate::inspection::shown;
use crate::pages::short;
use crate::pages::{Activity, ChecklistItem, Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/conversation",
    title: "The conversation",
    about: "Three requests about your favorite food, and what makes them one conversation.",
    routes: |tour| {
        Router::new()
            .route("/conversation", get(conversation).post(tell))
            .with_state(tour.inspector.clone())
    },
    source: include_str!("conversation.rs"),
    handlers: &["hello", "learn"],
    flask: &["hello", "learn"],
    templates: templates!["state/conversation.html", "state/exchange-cookies.html"],
    checklist: &[ChecklistItem::new(
        "w1",
        Activity::Watch,
        "a stateless server remember your favorite food",
    )],
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct Told {
    fav_food: String,
}

async fn conversation(
    State(inspector): State<Inspector>,
    headers: HeaderMap,
    view: View,
    cookies: Cookies,
) -> Result<Html<String>, ViewError> {
    let food = cookies.get("fav_food");
    let scenes = played(food.unwrap_or("ramen")).await;
    let theirs = inspector.exchanges(Some(&headers));
    let own: Value =
        theirs.iter().take(MAX_EXCHANGES).map(|exchange| shown(&**exchange)).collect();
    view.render("state/conversation.html", context! { food, scenes, own })
}

/// The maximum number of the visitor's own exchanges that are shown.
const MAX_EXCHANGES: usize = 3;

async fn tell(Form(told): Form<Told>) -> (SetCookie, Redirect) {
    (SetCookie::new("fav_food", short(&told.fav_food)), Redirect::to("/conversation"))
}

async fn hello(cookies: Cookies) -> String {
    match cookies.get("fav_food") {
        Some(food) => format!("Welcome back! I remember: you like {food}."),
        None => "Hello, stranger. What is your favorite food?".to_owned(),
    }
}

async fn learn(food: String) -> (SetCookie, String) {
    (
        SetCookie::new("fav_food", &food),
        format!("Then take this note: {food}. Show it to me next time."),
    )
}

/// Plays the three requests. A real router answers them, a browser of a few lines sends them, and a separate inspector
/// records them.
async fn played(food: &str) -> Value {
    let inspector = Inspector::new().show_values();
    let server =
        Router::new().route("/food", get(hello).post(learn)).layer(inspector.clone());
    let mut cookie: Option<HeaderValue> = None;
    let mut scenes = Vec::new();
    for (method, says) in
        [("GET", String::new()), ("POST", food.to_owned()), ("GET", String::new())]
    {
        let mut request = Request::new(Body::from(says.clone()));
        *request.method_mut() = method.parse().unwrap_or_default();
        *request.uri_mut() = Uri::from_static("/food");
        request
            .headers_mut()
            .insert(header::HOST, HeaderValue::from_static("localhost"));
        if let Some(cookie) = &cookie {
            request.headers_mut().insert(header::COOKIE, cookie.clone());
        }
        let answer = match server.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let set =
            answer.headers().get(header::SET_COOKIE).and_then(|set| set.to_str().ok());
        if let Some(pair) = set.and_then(|set| set.split(';').next()) {
            cookie = HeaderValue::from_str(pair).ok();
        }
        let heard = inspector.exchanges(None);
        let exchange = heard.first().map(|exchange| shown(&**exchange));
        let body = to_bytes(answer.into_body(), 64 * 1024).await.unwrap_or_default();
        let replies = String::from_utf8_lossy(&body).into_owned();
        scenes.push(context! { says, replies, exchange });
    }
    scenes.into_iter().collect()
}
