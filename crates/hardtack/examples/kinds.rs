//! The kinds of session: `SECRET_KEY=$(openssl rand -hex 32) cargo run -p hardtack --example kinds -- signed`, or
//! `encrypted`, or `stored`, then open http://localhost:3001 twice to see what the browser stores.

use axum::http::HeaderMap;
use axum::{Router, routing::get};
use hardtack::{MemoryStore, Session, SessionLayer, keys_from_env};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sessions = match std::env::args().nth(1).as_deref() {
        // The data is in the cookie, readable and tamper-evident, in Flask's format.
        Some("signed") => SessionLayer::signed(keys_from_env()?).into_any(),
        // The data is in the cookie, unreadable.
        Some("encrypted") => SessionLayer::encrypted(keys_from_env()?).into_any(),
        // The data is on the server, and the cookie contains a random id.
        _ => SessionLayer::stored(MemoryStore::new()).into_any(),
    };
    let app = Router::new().route("/", get(home)).layer(sessions);
    let listener = tokio::net::TcpListener::bind("localhost:3001").await?;
    Ok(axum::serve(listener, app).await?)
}

async fn home(session: Session, headers: HeaderMap) -> String {
    let visits = session.update("visits", |n: &mut u64| {
        *n += 1;
        *n
    });
    let cookie = headers.get("cookie").and_then(|cookie| cookie.to_str().ok()).unwrap_or("no cookie");
    format!("The browser sent {cookie}\nVisit number {visits}")
}
