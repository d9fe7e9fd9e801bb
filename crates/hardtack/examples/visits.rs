//! A session in a database: `cargo run -p hardtack --example visits`, then open http://localhost:3000.

use axum::Router;
use axum::routing::get;
use hardtack::{Session, SessionLayer};
use hardtack_sqlite::SqliteStore;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sessions = SessionLayer::stored(SqliteStore::open("sessions.db").await?);
    let app = Router::new().route("/", get(home)).layer(sessions);
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    Ok(axum::serve(listener, app).await?)
}

async fn home(session: Session) -> String {
    let visits = session.update("visits", |n: &mut u64| {
        *n += 1;
        *n
    });
    format!("Visit number {visits}")
}
