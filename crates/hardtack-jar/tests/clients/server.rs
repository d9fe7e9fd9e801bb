use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::http::header::{DATE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, Redirect};
use axum::routing::{get, post};
use hardtack_jar::{Jar, SharedJar};

/// Starts a server. `/show` responds with the request's `Cookie` header.
pub(crate) async fn serve() -> SocketAddr {
    let show = |headers: HeaderMap| async move {
        let cookies = headers.get("cookie").map_or(&b""[..], |cookies| cookies.as_bytes());
        String::from_utf8_lossy(cookies).into_owned()
    };
    let set = || async {
        (AppendHeaders([(SET_COOKIE, "a=1; Path=/; Max-Age=60"), (SET_COOKIE, "b=2")]), Redirect::to("/show"))
    };
    let denied = || async { (StatusCode::UNAUTHORIZED, AppendHeaders([(SET_COOKIE, "tries=1; Path=/")])) };
    let again = || async { Redirect::temporary("/login") };
    // The server's clock is two hours behind that of `jar`.
    let behind = || async {
        AppendHeaders([
            (DATE, "Tue, 14 Nov 2023 20:13:20 GMT"),
            (SET_COOKIE, "hour=1; Expires=Tue, 14 Nov 2023 21:13:20 GMT"),
        ])
    };
    let app = Router::new()
        .route("/set", get(set))
        .route("/login", post(set))
        .route("/again", get(again).post(again))
        .route("/loop", get(|| async { Redirect::to("/loop") }))
        .route("/denied", get(denied))
        .route("/behind", get(behind))
        .route("/bad", get(|| async { AppendHeaders([(SET_COOKIE, "all=secret; Domain=com")]) }))
        .route("/show", get(show));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Returns a jar, and its clock in seconds since 1970, which is set to Tue, 14 Nov 2023 22:13:20 GMT.
pub(crate) fn jar() -> (SharedJar, Arc<AtomicU64>) {
    let seconds = Arc::new(AtomicU64::new(1_700_000_000));
    let clock = Arc::clone(&seconds);
    let now = move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst));
    (SharedJar::with_clock(Jar::new(), now), seconds)
}
