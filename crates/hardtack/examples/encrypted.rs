//! A session in its cookie, unreadable: `SECRET_KEY=$(openssl rand -hex 32) cargo run -p hardtack --example encrypted`, then open http://localhost:3002.

use axum::Router;
use axum::routing::get;
use hardtack::{Session, SessionLayer, keys_from_env};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sessions = SessionLayer::encrypted(keys_from_env()?); // SECRET_KEY
    let app = Router::new().route("/", get(home)).layer(sessions);
    let listener = tokio::net::TcpListener::bind("localhost:3002").await?;
    Ok(axum::serve(listener, app).await?)
}

async fn home(session: Session) -> String {
    let visits = session.update("visits", |n: &mut u64| {
        *n += 1;
        *n
    });
    format!("Visit number {visits}")
}
