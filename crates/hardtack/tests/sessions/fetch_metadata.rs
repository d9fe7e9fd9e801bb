//! Sessions together with the `csrf` layer of `tower-http`, which blocks cross-site requests.

use axum::Router;
use axum::routing::post;
use hardtack::{MemoryStore, Session};
use hardtack_jar::Browser;
use http::{HeaderValue, StatusCode, header};
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::observed;

#[tokio::test]
async fn f4_a_response_says_that_it_depends_on_fetch_metadata_and_on_the_cookie() {
    let fetch_metadata = HeaderValue::from_static("Sec-Fetch-Site, Origin");
    let app: Router = Router::new()
        .route("/", post(|session: Session| async move { session.get::<u8>("a").is_some().to_string() }))
        .layer(observed::stored(MemoryStore::new()))
        .layer(CsrfLayer::new())
        .layer(SetResponseHeaderLayer::appending(header::VARY, fetch_metadata));
    let browser = Browser::new(app);
    let page = browser.post("/", &[]).await.unwrap();
    let vary: Vec<_> =
        page.headers().get_all(header::VARY).iter().map(|names| names.to_str().unwrap()).collect();
    assert_eq!((page.status(), vary), (StatusCode::OK, vec!["Cookie", "Sec-Fetch-Site, Origin"]));
    let refused =
        browser.tab_at("https://evil.example/").unwrap().post("https://localhost/", &[]).await.unwrap();
    assert_eq!(
        (refused.status(), refused.header("vary")),
        (StatusCode::FORBIDDEN, Some("Sec-Fetch-Site, Origin"))
    );
}
