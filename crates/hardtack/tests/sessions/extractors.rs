//! The extractors in an axum application.

use axum::Router;
use axum::routing::get;
use hardtack::{MemoryStore, RemoveCookie, Session, SessionLayer, SetCookie, Stored, User};
use hardtack_jar::Browser;
use http::{Request, StatusCode};

use crate::observed;
use crate::support::Visits;

fn app(sessions: SessionLayer<Stored>) -> Router {
    Router::new()
        .route("/profile", get(profile).post(profile))
        .route("/maybe", get(maybe))
        .route("/login", get(log_in))
        .route("/set", get(|| async { (SetCookie::new("fav_color", "dark blue"), "ok") }))
        .route("/forget", get(|| async { (RemoveCookie::new("fav_color"), "ok") }))
        .layer(sessions)
}

async fn profile(user: User) -> String {
    user.id().to_owned()
}

async fn maybe(user: Option<User>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.id().to_owned())
}

async fn log_in(session: Session) {
    session.log_in("jane");
}

#[tokio::test]
async fn a_stranger_is_refused_and_a_user_let_in() {
    let browser = Browser::new(app(observed::stored(MemoryStore::new())));
    let page = browser.get("/profile").await.unwrap();
    assert_eq!((page.status(), page.header("vary")), (StatusCode::UNAUTHORIZED, Some("Cookie")));
    assert_eq!(browser.get("/maybe").await.unwrap().text(), "nobody");
    browser.get("/login").await.unwrap();
    assert_eq!(browser.get("/profile").await.unwrap().text(), "jane");
    assert_eq!(browser.get("/maybe").await.unwrap().text(), "jane");
}

#[tokio::test]
async fn a_stranger_who_asks_for_a_page_is_sent_to_log_in_and_shown_the_way_back() {
    let app = app(observed::stored(MemoryStore::new()).login_path("/login"));
    let browser = Browser::new(app).stop_at_redirects();
    let page = browser.get("/profile?tab=a&b=c").await.unwrap();
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    assert_eq!(page.header("location"), Some("/login?next=/profile%3Ftab%3Da%26b%3Dc"));
    // A login cannot redirect back to a submitted form.
    assert_eq!(browser.post("/profile", &[]).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_layer_a_session_is_a_500() {
    let browser = Browser::new(Router::new().route("/", get(log_in)));
    assert_eq!(browser.get("/").await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_users_device_is_called_as_its_browser_calls_itself() {
    let layer = observed::stored(MemoryStore::new());
    let browser = Browser::new(app(layer.clone()));
    let login = Request::get("/login").header("user-agent", "Kitchen/1.0").body("").unwrap();
    browser.send(login).await.unwrap();
    let devices = browser.visit(&layer, |session| async move { session.devices().await.unwrap() }).await;
    assert_eq!(devices.value.unwrap()[0].label.as_deref(), Some("Kitchen/1.0"));
}

#[tokio::test]
async fn cookies_stand_in_the_return_type() {
    let browser = Browser::new(app(observed::stored(MemoryStore::new())));
    let page = browser.get("/set").await.unwrap();
    assert_eq!(page.set_cookies(), ["fav_color=dark%20blue; Path=/; SameSite=Lax"]);
    let page = browser.get("/forget").await.unwrap();
    let removal = "fav_color=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax";
    assert_eq!(page.set_cookies(), [removal]);
}
