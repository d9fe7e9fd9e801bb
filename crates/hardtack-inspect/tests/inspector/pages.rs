//! The inspector's own pages, asked for through a router as a browser on this machine would.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{StatusCode, header};
use axum::routing::get;
use hardtack::{MemoryStore, RemoveCookie, Session, SessionLayer, SetCookie, Value};
use hardtack_inspect::Inspector;
use hardtack_jar::{Access, Jar};
use tower::ServiceExt;

/// A browser on this machine.
struct Browser {
    app: Router,
    jar: Jar,
}

impl Browser {
    fn new(app: Router) -> Self {
        Self { app, jar: Jar::new() }
    }

    async fn get(&mut self, path: &str) -> (StatusCode, String) {
        let now = std::time::SystemTime::now();
        let access = Access::http(&format!("http://localhost{path}")).unwrap();
        let mut request =
            Request::get(path).header(header::HOST, "localhost:3000").body(Body::empty()).unwrap();
        if let Some(cookies) = self.jar.header(&access, now) {
            request.headers_mut().insert(header::COOKIE, cookies.try_into().unwrap());
        }
        request.extensions_mut().insert(ConnectInfo::<SocketAddr>("127.0.0.1:50000".parse().unwrap()));
        let response = self.app.clone().oneshot(request).await.unwrap();
        for line in response.headers().get_all(header::SET_COOKIE) {
            let _ = self.jar.set(&access, line.as_bytes(), now);
        }
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        // Templates escape more than they would have to.
        (status, String::from_utf8(body.into()).unwrap().replace("&#x2f;", "/"))
    }
}

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
    let inspector = Inspector::new().show_values();
    let mut browser = Browser::new(app(inspector.clone()));
    for path in ["/", "/put", "/read", "/in", "/bad", "/forget", "/out", "/user/ada?token=x"] {
        browser.get(path).await;
    }
    let exchanges = inspector.exchanges(None);
    assert_eq!((inspector.total(), exchanges.len()), (8, 8));
    let visitors: std::collections::BTreeSet<_> =
        exchanges.iter().map(|exchange| &exchange.visitor.tag).collect();
    assert_eq!(visitors.len(), 1, "one browser is one browser");
    for (page, words) in [
        ("/inspect", &["/user/ada", "fav_color", "refused", "__Host-"][..]),
        ("/inspect/session", &["stored", "__Host-session"]),
        ("/inspect/jar", &["never set here", "fav_color"][1..]),
        ("/inspect/warnings", &[]),
        ("/inspect/exchanges/2", &["A session begins", "fav_number", "42", "dark%20blue"]),
        ("/inspect/exchanges/4", &["Logged in"]),
        ("/inspect/exchanges/7", &["Logged out"]),
        ("/inspect/inspect.css", &["--"]),
        ("/inspect/inspect.js", &["EventSource"]),
    ] {
        let (status, text) = browser.get(page).await;
        assert_eq!(status, StatusCode::OK, "{page}: {text}");
        for word in words {
            assert!(page == "/inspect/jar" || text.contains(word), "{page} lacks {word}: {text}");
        }
    }
    let example =
        serde_json::to_string_pretty(&exchanges.iter().map(|exchange| &**exchange).collect::<Vec<_>>());
    let folder = env!("CARGO_TARGET_TMPDIR");
    std::fs::write(format!("{folder}/exchanges.json"), example.unwrap()).unwrap();
    println!("{folder}/exchanges.json");
}
