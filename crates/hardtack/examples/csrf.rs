//! A form that only this site can submit: `cargo run -p hardtack --example csrf`, then open http://localhost:3006.

use axum::response::{Html, Redirect};
use axum::{Router, routing::get, routing::post};
use hardtack::{MemoryStore, Session, SessionLayer};
use tower_http::csrf::CsrfLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/", get(home))
        .route("/transfer", post(transfer))
        .layer(SessionLayer::stored(MemoryStore::new()))
        // Added last, so that a forged request is refused before its session is loaded.
        .layer(CsrfLayer::new());
    let listener = tokio::net::TcpListener::bind("localhost:3006").await?;
    Ok(axum::serve(listener, app).await?)
}

/// Shows a form without a token. Browsers add the header `Sec-Fetch-Site` to each request, and neither scripts nor
/// other sites can change it.
async fn home(session: Session) -> Html<String> {
    let sent: u64 = session.get("sent").unwrap_or(0);
    Html(format!(
        r#"<p>You have sent {sent} euros.</p>
        <form method="post" action="/transfer"><button>Send 10 more</button></form>"#
    ))
}

/// Handles a `POST`, because the request changes something, and the CSRF layer accepts every `GET`.
async fn transfer(session: Session) -> Redirect {
    session.update("sent", |sent: &mut u64| *sent += 10);
    Redirect::to("/")
}
