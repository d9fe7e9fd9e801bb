//! A session shared with Flask: `SECRET_KEY=… cargo run -p hardtack --example flask`. Run `flask_app.py` in this folder
//! with the same key, then open http://localhost:3005 and http://localhost:5005 in turn.

use axum::Router;
use axum::routing::get;
use hardtack::{Session, SessionLayer, keys_from_env};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sessions = SessionLayer::signed(keys_from_env()?).like_flask().check()?;
    let app = Router::new().route("/", get(home)).layer(sessions);
    let listener = tokio::net::TcpListener::bind("localhost:3005").await?;
    Ok(axum::serve(listener, app).await?)
}

async fn home(session: Session) -> String {
    let visits = session.update("visits", |n: &mut u64| {
        *n += 1;
        *n
    });
    format!("Visit number {visits}, says Rust")
}
