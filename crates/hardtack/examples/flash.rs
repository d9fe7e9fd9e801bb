//! A message on the next page: `cargo run -p hardtack --example flash`, then open http://localhost:3002 and press the
//! buttons.

use axum::response::{Html, Redirect};
use axum::{Router, routing::get, routing::post};
use hardtack::{Flash, MemoryStore, Session, SessionLayer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/", get(home))
        .route("/save", post(save))
        .route("/delete", post(delete))
        .layer(SessionLayer::stored(MemoryStore::new()));
    let listener = tokio::net::TcpListener::bind("localhost:3002").await?;
    Ok(axum::serve(listener, app).await?)
}

/// Shows each message once. Escape messages that contain a visitor's input; these do not.
async fn home(session: Session) -> Html<String> {
    let mut messages = String::new();
    for Flash { category, message, .. } in session.flashes() {
        messages += &format!(r#"<p class="{category}">{message}</p>"#);
    }
    Html(format!(
        r#"{messages}
        <form method="post" action="/save"><button>Save</button></form>
        <form method="post" action="/delete"><button>Delete</button></form>"#
    ))
}

async fn save(session: Session) -> Redirect {
    session.flash("Saved.");
    Redirect::to("/")
}

async fn delete(session: Session) -> Redirect {
    session.flash_as("error", "There is nothing to delete.");
    Redirect::to("/")
}
