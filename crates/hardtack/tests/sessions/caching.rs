//! The effects of the session on a response's headers: caching, and other cookies.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use hardtack::{BackendSettings, MemoryStore, Session, SessionLayer, Signed};
use hardtack_jar::{Browser, BrowserPage};
use http::{Request, header};
use tracing::Level;

use crate::observed;
use crate::support::{Logs, Visits, browser, keys, kinds, session_cookie};

fn flask() -> SessionLayer<Signed> {
    observed::signed(keys()).like_flask().secure()
}

/// Returns a page whose handler writes the session and responds with these headers.
async fn writing_with(
    layer: &SessionLayer<impl BackendSettings>,
    headers: &'static [(&'static str, &'static str)],
) -> BrowserPage {
    let handler = async move |session: Session| {
        session.insert("a", 1);
        let mut response = ().into_response();
        for (name, value) in headers {
            response.headers_mut().append(*name, value.parse().unwrap());
        }
        response
    };
    let app: Router = Router::new().route("/", get(handler)).layer(layer.clone());
    Browser::new(app).get("/").await.unwrap()
}

#[tokio::test]
async fn o13_a_response_with_the_sessions_cookie_is_not_stored_by_caches() {
    for (kind, layer) in kinds() {
        let page = writing_with(&layer, &[]).await;
        assert_eq!(page.header("cache-control"), Some("no-store"), "{kind}");
        assert_eq!(page.header("vary"), Some("Cookie"), "{kind}");
    }
    assert_eq!(writing_with(&flask(), &[]).await.header("cache-control"), None);
}

#[tokio::test]
async fn o13_a_handler_cannot_put_the_sessions_cookie_into_shared_caches() {
    for own in ["public, max-age=60", "max-age=60", "Public", "s-maxage=60", "immutable, S-MAXAGE=60"] {
        let headers: &'static _ = vec![("cache-control", own)].leak();
        for (kind, layer) in kinds() {
            let logs = Logs::capture();
            assert_eq!(
                writing_with(&layer, headers).await.header("cache-control"),
                Some("no-store"),
                "{kind} {own}"
            );
            assert_eq!(logs.with(Level::WARN, "shared caching").len(), 1, "{kind} {own}");
        }
        // Flask sends what the handler sets, so the conflict is only logged.
        let logs = Logs::capture();
        assert_eq!(writing_with(&flask(), headers).await.header("cache-control"), Some(own));
        assert_eq!(logs.with(Level::WARN, "shared caching").len(), 1, "{own}");
    }
    for own in ["private", "private, max-age=60", "no-cache", "no-store, max-age=60", "max-age=0, no-cache"] {
        let headers: &'static _ = vec![("cache-control", own)].leak();
        for (kind, layer) in kinds() {
            let page = writing_with(&layer, headers).await;
            assert_eq!(page.header("cache-control"), Some(own), "{kind}");
        }
    }
}

#[tokio::test]
async fn o13_a_page_that_shows_a_session_is_private_and_one_that_found_none_is_not() {
    for (kind, layer) in kinds() {
        let browser = browser();
        let page = browser.visit(&layer, |session| async move { session.user() }).await.page;
        assert_eq!((page.header("cache-control"), page.header("vary")), (None, Some("Cookie")), "{kind}");
        browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
        let page = browser.visit(&layer, |session| async move { session.user() }).await.page;
        assert_eq!(page.header("cache-control"), Some("private"), "{kind}");
        // If the handler does not use the session, the response may be cached. A `Cache-Control` that the handler sets
        // is not changed.
        let page = browser.visit(&layer, |_| async {}).await.page;
        assert_eq!(page.header("cache-control"), None, "{kind}");
        let own = async |session: Session| {
            session.user();
            let own = [(header::CACHE_CONTROL, "public"), (header::CACHE_CONTROL, "max-age=60")];
            axum::response::AppendHeaders(own)
        };
        let app: Router = Router::new().route("/", get(own)).layer(layer.clone());
        let cookie = format!("__Host-session={}", session_cookie(&browser).unwrap());
        let request = Request::get("/").header("cookie", cookie).body("").unwrap();
        let page = Browser::new(app).send(request).await.unwrap();
        let own: Vec<_> = page.headers().get_all(header::CACHE_CONTROL).iter().collect();
        assert_eq!(own, ["public", "max-age=60"], "{kind}");
    }
    let browser = browser();
    browser.visit(&flask(), |session| async move { session.log_in("jane") }).await;
    let page = browser.visit(&flask(), |session| async move { session.user() }).await.page;
    assert_eq!((page.header("cache-control"), page.header("vary")), (None, Some("Cookie")));
}

#[tokio::test]
async fn r4_a_handlers_cookie_with_the_sessions_name_is_left_out_and_reported() {
    for (kind, layer) in kinds() {
        let logs = Logs::capture();
        let page = writing_with(
            &layer,
            &[
                ("set-cookie", "before=1; Path=/"),
                ("set-cookie", "__Host-session=mine; Path=/; Secure"),
                ("set-cookie", " __Host-session =mine"),
                ("set-cookie", "__Host-session2=mine"),
                ("set-cookie", "after=__Host-session=x"),
            ],
        )
        .await;
        let names: Vec<_> =
            page.set_cookies().iter().map(|set| set.split('=').next().unwrap().to_owned()).collect();
        assert_eq!(names, ["before", "__Host-session2", "after", "__Host-session"], "{kind}");
        assert!(!page.set_cookies()[3].contains("mine"), "{kind}");
        assert_eq!(logs.with(Level::ERROR, "give it another name").len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn r13_more_than_8192_bytes_of_cookies_are_a_warning_when_the_session_adds_to_them() {
    for (kind, layer) in kinds() {
        let (write, read) =
            (async |session: Session| session.insert("a", 1), async |session: Session| drop(session.keys()));
        let app: Router =
            Router::new().route("/write", get(write)).route("/read", get(read)).layer(layer.clone());
        let app = Browser::new(app);
        let logs = Logs::capture();
        let mut warned = Vec::new();
        for (path, bytes) in [("/write", 7000), ("/read", 9000), ("/write", 8190), ("/write", 9000)] {
            let request = Request::get(path).header("cookie", format!("a={}", "x".repeat(bytes - 2)));
            assert_eq!(app.thief().send(request.body("").unwrap()).await.unwrap().status(), 200);
            warned.push((layer.metrics().crowded, logs.with(Level::WARN, "8192").len()));
        }
        assert_eq!(warned, [(0, 0), (0, 0), (1, 1), (2, 1)], "{kind}");
    }
}

#[tokio::test]
async fn o13_no_directive_that_says_nothing_of_shared_caches_lets_them_keep_the_cookie() {
    for own in
        ["no-transform", "must-revalidate", "immutable", "proxy-revalidate", "stale-while-revalidate=60"]
    {
        let layer = observed::stored(MemoryStore::new());
        let write = async move |session: Session| {
            session.insert("a", 1);
            ([(header::CACHE_CONTROL, own)], "")
        };
        let read = async move |session: Session| ([(header::CACHE_CONTROL, own)], session.len().to_string());
        let browser =
            Browser::new(Router::new().route("/", get(write)).route("/read", get(read)).layer(layer));
        let page = browser.get("/").await.unwrap();
        assert_eq!(page.header("cache-control"), Some("no-store"), "{own}");
        let page = browser.get("/read").await.unwrap();
        let said: Vec<_> = page.headers().get_all(header::CACHE_CONTROL).iter().collect();
        assert_eq!(said, [own, "private"], "{own}");
    }
}
