use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use hardtack::{MemoryStore, RemoveCookie, Session, SessionLayer, SetCookie, Value};
use hardtack_inspect::Inspector;

use crate::browser::Browser;
use crate::wire::TOKEN;

async fn put(session: Session) -> SetCookie {
    session.insert("fav_number", 42);
    session.insert("cart", Value::from(vec![Value::from("tea"), Value::from(2)]));
    SetCookie::new("fav_color", "dark blue")
}

fn app(inspector: Inspector) -> Router {
    Router::new()
        .route("/put", get(put))
        .route("/in", get(|session: Session| async move { session.log_in("jane") }))
        .route("/out", get(|session: Session| async move { session.log_out() }))
        .route(
            "/read",
            get(|session: Session| async move { session.get::<i64>("fav_number").unwrap_or(0).to_string() }),
        )
        .route("/bad", get(|| async { ([(header::SET_COOKIE, "__Host-x=1; Path=/")], "") }))
        .route("/forget", get(|| async { RemoveCookie::new("fav_color") }))
        .route("/user/{name}", get(|| async {}))
        .layer(SessionLayer::stored(MemoryStore::new()))
        .layer(inspector)
}

#[tokio::test]
async fn every_page_shows_what_has_happened() {
    let inspector = Inspector::new().token(TOKEN).show_values();
    let mut browser = Browser::new(&app(inspector.clone()));
    for path in ["/", "/put", "/read", "/in", "/bad", "/forget", "/out", "/user/ada?token=x"] {
        browser.get(path).await;
    }
    let exchanges = inspector.exchanges(None);
    assert_eq!((inspector.total(), exchanges.len()), (8, 8));
    let visitors: std::collections::BTreeSet<_> =
        exchanges.iter().map(|exchange| &exchange.visitor.name).collect();
    assert_eq!(visitors.len(), 1, "one browser is one browser");
    for (page, words) in [
        ("/inspect", &["/user/ada", "fav_color", "refused", "__Host-"][..]),
        ("/inspect/session", &["stored", "__Host-session"]),
        ("/inspect/jar", &["The jar is empty."]),
        ("/inspect/warnings", &[]),
        ("/inspect/exchanges/2", &["Session created", "fav_number", "42", "dark%20blue"]),
        ("/inspect/exchanges/4", &["Logged in"]),
        ("/inspect/exchanges/7", &["Logged out"]),
        ("/inspect/inspect.css", &["--"]),
        ("/inspect/inspect.js", &["EventSource"]),
    ] {
        let (status, text) = browser.get(page).await;
        assert_eq!(status, StatusCode::OK, "{page}: {text}");
        for word in words {
            assert!(text.contains(word), "{page} lacks {word}: {text}");
        }
    }
    assert_eq!(browser.get("/inspect/exchanges/99").await.0, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/inspect/nothing").await.0, StatusCode::NOT_FOUND);
    assert_eq!(inspector.total(), 8, "its own pages are not watched");
}

#[tokio::test]
async fn path_can_be_changed_and_hides_nothing_else_of_the_application() {
    let inspector = Inspector::new().token(TOKEN).path("tools/cookies/");
    let mut browser = Browser::new(&app(inspector.clone()));
    assert_eq!(browser.get(&inspector.address("")).await.0, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/tools/cookies").await.0, StatusCode::OK);
    assert_eq!(browser.get("/tools/cookiesheet").await.0, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/inspect").await.0, StatusCode::NOT_FOUND);
    assert_eq!(inspector.total(), 2);
}

/// The inspector's jar needs the original path too, because it compares that path with the path of the cookie.
#[tokio::test]
async fn inside_a_nested_router_paths_are_shown_as_the_browser_sent_them() {
    let inspector = Inspector::new().token(TOKEN).show_values();
    let set = || async { SetCookie::new("tea", "green").path("/shop/cart") };
    let inner = Router::new().route("/cart/{item}", get(set)).layer(inspector.clone());
    let mut browser = Browser::new(&Router::new().nest("/shop", Router::new().nest("/cart", inner)));
    for _ in 0..2 {
        assert_eq!(browser.get("/shop/cart/cart/7?color=red").await.0, StatusCode::OK);
    }
    let exchange = &inspector.exchanges(None)[0];
    assert_eq!(exchange.path, "/shop/cart/cart/7");
    assert_eq!(exchange.route.as_deref(), Some("/shop/cart/cart/{item}"));
    assert_eq!(exchange.received.len(), 1, "{:?}", exchange.received);
}

#[tokio::test]
async fn page_can_be_filtered_to_one_browser() {
    let inspector = Inspector::new().token(TOKEN).show_values();
    let app = app(inspector.clone());
    let (mut jane, mut john) = (Browser::new(&app), Browser::new(&app));
    jane.get("/put").await;
    john.get("/in").await;
    jane.get("/read").await;
    john.get("/bad").await;
    let (_, hers) = jane.get("/inspect?browser=this").await;
    assert!(hers.contains("/put") && hers.contains("/read") && !hers.contains("/bad"), "{hers}");
    let (_, his) = john.get("/inspect?browser=this&only=refusals").await;
    assert!(his.contains("/bad") && !his.contains("data-path=\"/in\""), "{his}");
    let (_, jar) = jane.get("/inspect/jar?browser=this").await;
    assert!(jar.contains("fav_color") && jar.contains("dark%20blue"), "{jar}");
    let (_, all) = john.get("/inspect/session").await;
    assert!(all.contains("jane") && all.contains("fav_number"), "{all}");
}

#[tokio::test]
async fn address_grants_access_and_the_cookie_keeps_it() {
    let inspector = Inspector::new().token(TOKEN);
    let mut browser = Browser::stranger(&app(inspector.clone()));
    assert_eq!(browser.get("/inspect").await.0, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/inspect?token=another-token-of-this-length").await.0, StatusCode::FORBIDDEN);
    assert_eq!(browser.get(&inspector.address("")).await.0, StatusCode::SEE_OTHER);
    let cookie = browser.jar.iter().next().unwrap();
    assert_eq!((cookie.name(), cookie.path()), (&b"hardtack-inspect-3000"[..], "/inspect"));
    assert!(cookie.is_http_only() && cookie.is_host_only() && cookie.expires().is_none());
    assert_eq!(cookie.same_site().map(|same_site| same_site.as_str()), Some("Strict"));
    for page in ["/inspect", "/inspect/jar", "/inspect/exchanges/99", "/inspect/inspect.js"] {
        assert_ne!(browser.get(page).await.0, StatusCode::FORBIDDEN, "{page}");
    }
    // Neither the requests to the application nor the recorded exchanges contain the token.
    browser.get("/put").await;
    let exchange = &inspector.exchanges(None)[0];
    assert!(exchange.received.is_empty(), "{:?}", exchange.received);
    let (_, page) = browser.get("/inspect?browser=this").await;
    assert!(page.contains("/put") && !page.contains(TOKEN), "{page}");
}

#[tokio::test]
async fn inspectors_share_the_token_of_the_process_by_default() {
    let (first, second) = (Inspector::new(), Inspector::default());
    let address = first.address("http://localhost:3000/");
    let token = address.strip_prefix("http://localhost:3000/inspect?token=").unwrap();
    assert_eq!(token.len(), 43);
    assert_eq!(second.address(""), format!("/inspect?token={token}"), "one token for the process");
    assert!(!format!("{first:?}").contains(token));
}
