//! Fetch Metadata, with the `csrf` layer of `tower-http` in front of the sessions.

use axum::Router;
use axum::routing::post;
use hardtack::{BackendSettings, SameSite, Session, SessionLayer};
use hardtack_jar::Browser;
use http::{Method, Request, StatusCode};
use tower_http::csrf::CsrfLayer;

use crate::support::kinds;

/// Returns an application that counts requests that change state, behind a layer.
fn app(sessions: &SessionLayer<impl BackendSettings>, csrf: CsrfLayer) -> Router {
    let change = async |session: Session| {
        session
            .update("changes", |changes: &mut u64| {
                *changes += 1;
                *changes
            })
            .to_string()
    };
    Router::new()
        .route("/", post(change).put(change).patch(change).delete(change).get(async || "a page"))
        .route("/hooks/paid", post(async || "noted"))
        .layer(sessions.clone())
        .layer(csrf)
}

/// Returns the status of a request to the page that changes state.
async fn sent(browser: &Browser, method: Method, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = Request::builder().method(method).uri("https://localhost/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(request.body("").unwrap()).await.unwrap().status()
}

const UNSAFE: [Method; 4] = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

#[tokio::test]
async fn f1_an_unsafe_request_from_another_site_is_refused() {
    for (kind, layer) in kinds() {
        let browser = Browser::new(app(&layer, CsrfLayer::new()));
        assert_eq!(browser.post("/", &[]).await.unwrap().text(), "1", "{kind}");
        let evil = browser.tab_at("https://evil.example/").unwrap();
        let page = evil.post("https://localhost/", &[]).await.unwrap();
        assert_eq!((page.status(), page.set_cookies().len()), (StatusCode::FORBIDDEN, 0), "{kind}");
        for method in UNSAFE {
            let evil = browser.tab_at("https://evil.example/").unwrap();
            assert_eq!(sent(&evil, method, &[]).await, StatusCode::FORBIDDEN, "{kind}");
        }
        let evil = browser.tab_at("https://evil.example/").unwrap();
        assert_eq!(evil.follow_to("https://localhost/").await.unwrap().text(), "a page", "{kind}");
        assert_eq!(browser.post("/", &[]).await.unwrap().text(), "2", "{kind}");
    }
}

#[tokio::test]
async fn f2_an_unsafe_request_from_another_host_of_the_site_is_refused() {
    for (kind, layer) in kinds() {
        let browser = Browser::new(app(&layer, CsrfLayer::new())).origin("https://shop.example.com").unwrap();
        assert_eq!(browser.post("/", &[]).await.unwrap().text(), "1", "{kind}");
        for neighbor in ["https://blog.example.com/", "https://shop.example.com:8443/"] {
            let neighbor = browser.tab_at(neighbor).unwrap();
            let page = neighbor.post("https://shop.example.com/", &[]).await.unwrap();
            assert_eq!(page.status(), StatusCode::FORBIDDEN, "{kind}");
        }
        // An origin that is explicitly trusted is allowed.
        let trusting = CsrfLayer::new().add_trusted_origin("https://blog.example.com").unwrap();
        let blog = browser.app(app(&layer, trusting)).tab_at("https://blog.example.com/").unwrap();
        assert_eq!(blog.post("https://shop.example.com/", &[]).await.unwrap().text(), "2", "{kind}");
    }
}

#[tokio::test]
async fn f3_without_fetch_metadata_the_origin_decides() {
    let (_, layer) = kinds().into_iter().next().unwrap();
    let browser = Browser::new(app(&layer, CsrfLayer::new()));
    for (origin, expected) in [
        ("https://localhost", StatusCode::OK),
        ("https://evil.example", StatusCode::FORBIDDEN),
        ("https://localhost:8443", StatusCode::FORBIDDEN),
        ("https://localhost.evil.example", StatusCode::FORBIDDEN),
        ("null", StatusCode::FORBIDDEN),
        // Clients other than browsers send neither header.
        ("", StatusCode::OK),
    ] {
        for method in UNSAFE {
            let headers = [("sec-fetch-site", ""), ("origin", origin), ("host", "localhost")];
            assert_eq!(sent(&browser, method, &headers).await, expected, "{origin}");
        }
    }
}

#[tokio::test]
async fn f5_over_plain_http_the_origin_decides() {
    let (_, layer) = kinds().into_iter().next().unwrap();
    let layer = layer.insecure_http();
    let browser = Browser::new(app(&layer, CsrfLayer::new())).origin("http://shop.example.com").unwrap();
    browser.get("/").await.unwrap();
    assert_eq!(browser.post("/", &[]).await.unwrap().text(), "1");
    let evil = browser.tab_at("http://evil.example/").unwrap();
    let page = evil.post("http://shop.example.com/", &[]).await.unwrap();
    assert_eq!(page.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn f6_a_webhook_is_an_exception_by_name() {
    let (_, layer) = kinds().into_iter().next().unwrap();
    let csrf = CsrfLayer::new()
        .with_insecure_bypass(|method, uri| method == Method::POST && uri.path() == "/hooks/paid");
    let bank = Browser::new(app(&layer, csrf)).tab_at("https://bank.example/").unwrap();
    assert_eq!(bank.post("https://localhost/hooks/paid", &[]).await.unwrap().text(), "noted");
    for path in ["/", "/hooks/paid/", "/hooks"] {
        let bank = bank.tab_at("https://bank.example/").unwrap();
        let page = bank.post(&format!("https://localhost{path}"), &[]).await.unwrap();
        assert_eq!(page.status(), StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn f8_a_request_that_same_site_lets_through_is_refused_all_the_same() {
    for (kind, layer) in kinds() {
        // A neighboring subdomain is on the same site, so `Lax` and `Strict` send the cookie. `None` always does.
        for (same_site, from) in [
            (SameSite::Lax, "https://blog.example.com/"),
            (SameSite::Strict, "https://blog.example.com/"),
            (SameSite::None, "https://evil.example/"),
        ] {
            let layer = layer.clone().same_site(same_site);
            let shop =
                Browser::new(app(&layer, CsrfLayer::new())).origin("https://shop.example.com").unwrap();
            assert_eq!(shop.post("/", &[]).await.unwrap().text(), "1", "{kind}");
            // Without the `csrf` layer in front, the request has access to the session.
            let open = Router::new()
                .route(
                    "/",
                    post(async |session: Session| session.get::<u64>("changes").is_some().to_string()),
                )
                .layer(layer.clone());
            let tab = shop.thief().app(open).tab_at(from).unwrap();
            assert_eq!(tab.post("https://shop.example.com/", &[]).await.unwrap().text(), "true", "{kind}");
            let tab = shop.tab_at(from).unwrap();
            let page = tab.post("https://shop.example.com/", &[]).await.unwrap();
            assert_eq!(page.status(), StatusCode::FORBIDDEN, "{kind} {same_site:?}");
        }
    }
}
