//! A session in its cookie, readable and tamper-evident, as Flask keeps it: `SECRET_KEY=$(openssl rand -hex 32) cargo run -p hardtack --example signed`, then open http://localhost:3001.

use axum::Router;
use axum::routing::get;
use hardtack::{Session, SessionLayer, keys_from_env};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sessions = SessionLayer::signed(keys_from_env()?); // SECRET_KEY
    let app = Router::new().route("/", get(home)).layer(sessions);
    let listener = tokio::net::TcpListener::bind("localhost:3001").await?;
    Ok(axum::serve(listener, app).await?)
}

async fn home(session: Session) -> String {
    let visits = session.update("visits", |n: &mut u64| {
        *n += 1;
        *n
    });
    format!("Visit number {visits}")
}
