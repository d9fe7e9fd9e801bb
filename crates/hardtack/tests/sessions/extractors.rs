//! The extractors, in an axum application.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use hardtack::{MemoryStore, RemoveCookie, Session, SessionLayer, SetCookie, User};
use http::{HeaderMap, Method, Request, StatusCode, header};
use tower::ServiceExt;

fn app(sessions: SessionLayer) -> Router {
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

async fn ask(
    app: &Router,
    method: Method,
    path: &str,
    cookie: Option<&str>,
) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::builder().method(method).uri(path).header(header::USER_AGENT, "Kitchen/1.0");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

fn cookie(headers: &HeaderMap) -> String {
    headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_stranger_is_refused_and_a_user_let_in() {
    let app = app(SessionLayer::stored(MemoryStore::new()));
    let (status, headers, _) = ask(&app, Method::GET, "/profile", None).await;
    assert_eq!((status, &headers[header::VARY]), (StatusCode::UNAUTHORIZED, &"Cookie".parse().unwrap()));
    assert_eq!(ask(&app, Method::GET, "/maybe", None).await.2, "nobody");
    let (_, headers, _) = ask(&app, Method::GET, "/login", None).await;
    let cookie = cookie(&headers);
    assert_eq!(ask(&app, Method::GET, "/profile", Some(&cookie)).await.2, "jane");
    assert_eq!(ask(&app, Method::GET, "/maybe", Some(&cookie)).await.2, "jane");
}

#[tokio::test]
async fn a_stranger_who_asks_for_a_page_is_sent_to_log_in_and_shown_the_way_back() {
    let app = app(SessionLayer::stored(MemoryStore::new()).login_path("/login"));
    let (status, headers, _) = ask(&app, Method::GET, "/profile?tab=a&b=c", None).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(headers[header::LOCATION], "/login?next=/profile%3Ftab%3Da%26b%3Dc");
    // Who sent a form cannot come back to it.
    assert_eq!(ask(&app, Method::POST, "/profile", None).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_layer_a_session_is_a_500() {
    let app = Router::new().route("/", get(log_in));
    assert_eq!(ask(&app, Method::GET, "/", None).await.0, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_users_device_is_called_as_its_browser_calls_itself() {
    let layer = SessionLayer::stored(MemoryStore::new());
    let app = app(layer.clone());
    let (_, headers, _) = ask(&app, Method::GET, "/login", None).await;
    let mut browser = crate::support::Browser { cookie: Some(cookie(&headers)) };
    let devices = browser.send(&layer, |session| async move { session.devices().await.unwrap() }).await;
    assert_eq!(devices.value.unwrap()[0].label.as_deref(), Some("Kitchen/1.0"));
}

#[tokio::test]
async fn cookies_stand_in_the_return_type() {
    let app = app(SessionLayer::stored(MemoryStore::new()));
    let (_, headers, _) = ask(&app, Method::GET, "/set", None).await;
    assert_eq!(headers[header::SET_COOKIE], "fav_color=dark%20blue; Path=/; SameSite=Lax");
    let (_, headers, _) = ask(&app, Method::GET, "/forget", None).await;
    let removal = "fav_color=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax";
    assert_eq!(headers[header::SET_COOKIE], removal);
}
