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

use crate::inspection::to_template;
use crate::pages::trim_input;
use crate::pages::{Activity, ChecklistItem, Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/conversation",
    title: "The conversation",
    summary: "Three requests about your favorite food, and how they become one conversation.",
    routes: |tour| {
        Router::new()
            .route("/conversation", get(conversation).post(save_food))
            .with_state(tour.inspector.clone())
    },
    source: include_str!("conversation.rs"),
    rust_functions: &["hello", "learn"],
    flask_functions: &["hello", "learn"],
    templates: templates!["state/conversation.html", "state/exchange-cookies.html"],
    checklist: &[ChecklistItem::new(
        "w1",
        Activity::Watch,
        "a stateless server remember your favorite food",
    )],
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct FoodForm {
    fav_food: String,
}

async fn conversation(
    State(inspector): State<Inspector>,
    headers: HeaderMap,
    view: View,
    cookies: Cookies,
) -> Result<Html<String>, ViewError> {
    let food = cookies.get("fav_food");
    let replayed = replay(food.unwrap_or("ramen")).await;
    let exchanges = inspector.exchanges(Some(&headers));
    let own_exchanges: Value = exchanges
        .iter()
        .take(MAX_OWN_EXCHANGES)
        .map(|exchange| to_template(&**exchange))
        .collect();
    view.render("state/conversation.html", context! { food, replayed, own_exchanges })
}

/// The maximum number of the visitor's own exchanges that are shown.
const MAX_OWN_EXCHANGES: usize = 3;

async fn save_food(Form(form): Form<FoodForm>) -> (SetCookie, Redirect) {
    (
        SetCookie::new("fav_food", trim_input(&form.fav_food)),
        Redirect::to("/conversation"),
    )
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
        format!("Please keep this note: {food}. Show it to me next time."),
    )
}

/// Replays a conversation of three requests. A few lines of code act as the browser, a real router responds, and a
/// separate inspector records the exchanges.
async fn replay(food: &str) -> Value {
    let inspector = Inspector::new().show_values();
    let server =
        Router::new().route("/food", get(hello).post(learn)).layer(inspector.clone());
    let mut cookie: Option<HeaderValue> = None;
    let mut replayed = Vec::new();
    for (method, message) in
        [("GET", String::new()), ("POST", food.to_owned()), ("GET", String::new())]
    {
        let mut request = Request::new(Body::from(message.clone()));
        *request.method_mut() = method.parse().unwrap_or_default();
        *request.uri_mut() = Uri::from_static("/food");
        request
            .headers_mut()
            .insert(header::HOST, HeaderValue::from_static("localhost"));
        if let Some(cookie) = &cookie {
            request.headers_mut().insert(header::COOKIE, cookie.clone());
        }
        let response = match server.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let set_cookie = response
            .headers()
            .get(header::SET_COOKIE)
            .and_then(|line| line.to_str().ok());
        if let Some(pair) = set_cookie.and_then(|line| line.split(';').next()) {
            cookie = HeaderValue::from_str(pair).ok();
        }
        let recorded = inspector.exchanges(None);
        let exchange = recorded.first().map(|exchange| to_template(&**exchange));
        let body = to_bytes(response.into_body(), 64 * 1024).await.unwrap_or_default();
        let reply = String::from_utf8_lossy(&body).into_owned();
        replayed.push(context! { message, reply, exchange });
    }
    replayed.into_iter().collect()
}
