//! An application with an inspector: run `cargo run -p hardtack-inspect --example inspect`, then open the address that
//! it prints.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use hardtack::{MemoryStore, Session, SessionLayer};
use hardtack_inspect::Inspector;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let inspector = Inspector::new().show_values();
    println!("http://localhost:3006 and {}", inspector.address("http://localhost:3006"));
    let app =
        Router::new().route("/", get(home)).layer(SessionLayer::stored(MemoryStore::new())).layer(inspector);
    let listener = tokio::net::TcpListener::bind("localhost:3006").await?;
    // The inspector answers only peers on this machine, so the server must report the address of each peer.
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

async fn home(session: Session) -> String {
    let visits = session.update("visits", |n: &mut u64| {
        *n += 1;
        *n
    });
    format!("Visit number {visits}")
}
