//! Sessions in Redis or Valkey: `REDIS_URL=redis://localhost cargo run -p hardtack --example redis`, then open
//! http://localhost:3010. Several servers can share these sessions.

use axum::{Router, routing::get};
use hardtack::{Session, SessionLayer};
use hardtack_redis::RedisStore;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The schemes `redis-sentinel://` and `redis-cluster://` also work. With `rediss://`, the connection is encrypted.
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
