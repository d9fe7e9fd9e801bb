//! An application that is watched: `cargo run -p hardtack-inspect --example inspect`, then open /inspect beside it.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use hardtack::{MemoryStore, Session, SessionLayer};
use hardtack_inspect::Inspector;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/", get(home))
        .layer(SessionLayer::stored(MemoryStore::new()))
        .layer(Inspector::new().show_values());
    let listener = tokio::net::TcpListener::bind("localhost:3006").await?;
    println!("http://localhost:3006 and http://localhost:3006/inspect");
    // The inspector is shown to this machine alone, so it has to know who asks.
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

async fn home(session: Session) -> String {
    let visits = session.update("visits", |n: &mut u64| {
        *n += 1;
        *n
    });
    format!("Visit number {visits}")
}
