//! A client of reqwest with this jar, against a server.

#![cfg(feature = "reqwest013")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, Redirect};
use axum::routing::get;
use hardtack_jar::{Jar, SharedJar};

async fn serve() -> SocketAddr {
    let app = Router::new()
        .route(
            "/set",
            get(|| async {
                (
                    AppendHeaders([(SET_COOKIE, "a=1; Path=/; Max-Age=60"), (SET_COOKIE, "b=2")]),
                    Redirect::to("/show"),
                )
            }),
        )
        .route(
            "/show",
            get(|headers: HeaderMap| async move {
                let cookies = headers.get("cookie").map_or(&b""[..], |cookies| cookies.as_bytes());
                String::from_utf8_lossy(cookies).into_owned()
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[tokio::test]
async fn cookies_are_kept_over_redirects_and_until_they_expire() {
    // For when reqwest is built with TLS; another test may have done so already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let address = serve().await;
    let seconds = Arc::new(AtomicU64::new(1_700_000_000));
    let clock = Arc::clone(&seconds);
    let now = move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst));
    let cookies = Arc::new(SharedJar::with_clock(Jar::new(), now));
    let client = reqwest::Client::builder().cookie_provider(Arc::clone(&cookies)).build().expect("a client");
    let get = async |path: &str| {
        let response = client.get(format!("http://{address}{path}")).send().await.expect("an answer");
        response.text().await.expect("a text")
    };
    assert_eq!(get("/set").await, "a=1; b=2");
    assert_eq!(get("/show").await, "a=1; b=2");
    seconds.fetch_add(60, Ordering::SeqCst);
    assert_eq!(get("/show").await, "b=2");
    assert_eq!(cookies.write(Jar::end_session), 1);
    assert_eq!(get("/show").await, "");
    assert_eq!(cookies.read(Jar::len), 1);
}
