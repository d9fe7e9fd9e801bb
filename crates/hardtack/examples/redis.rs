//! Sessions in Redis or Valkey, shared by several servers: `REDIS_URL=redis://localhost cargo run -p hardtack --example redis`, then open http://localhost:3010.

use axum::{Router, routing::get};
use hardtack::{Session, SessionLayer};
use hardtack_redis::RedisStore;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `redis-sentinel://` and `redis-cluster://` work, too, and `rediss://` encrypts.
    let store = RedisStore::connect(&std::env::var("REDIS_URL")?).await?;
    let sessions = SessionLayer::stored(store);
    let app = Router::new().route("/", get(home)).layer(sessions);
    let listener = tokio::net::TcpListener::bind("localhost:3010").await?;
    Ok(axum::serve(listener, app).await?)
}

async fn home(session: Session) -> String {
    let visits = session.update("visits", |n: &mut u64| {
        *n += 1;
        *n
    });
    format!("Visit number {visits}, on any server")
}
