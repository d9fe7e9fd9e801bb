//! Tests that use an application as a browser does: `cargo test -p hardtack --example testing`. No network is involved.

use axum::response::{Html, Redirect};
use axum::{Router, routing::get, routing::post};
use hardtack::{MemoryStore, Session, SessionLayer, Stored, User};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = app(SessionLayer::stored(MemoryStore::new()));
    let listener = tokio::net::TcpListener::bind("localhost:3011").await?;
    Ok(axum::serve(listener, app).await?)
}

fn app(sessions: SessionLayer<Stored>) -> Router {
    Router::new().route("/", get(home)).route("/logout", post(log_out)).layer(sessions)
}

async fn home(user: Option<User>) -> Html<String> {
    let button = r#"<form method="post" action="/logout"><button>Log out</button></form>"#;
    Html(user.map_or("Hello stranger".to_owned(), |user| format!("Hello {}{button}", user.id())))
}

async fn log_out(session: Session) -> Redirect {
    session.log_out();
    Redirect::to("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hardtack_jar::{Browser, TestClock};
    use std::time::Duration;

    #[tokio::test]
    async fn a_logout_ends_copies_of_the_cookie() -> Result<(), Box<dyn std::error::Error>> {
        let sessions = SessionLayer::stored(MemoryStore::new());
        let jane = Browser::new(app(sessions.clone()));
        // Logs Jane in without a form, in a handler behind the same layer.
        jane.within(&sessions, async |session: Session| session.log_in("jane")).await?;
        let thief = jane.thief(); // another browser with a copy of her cookies
        assert!(thief.get("/").await?.text().contains("Hello jane"));
        let form = jane.get("/").await?.form("/logout")?;
        assert_eq!(jane.submit(form).await?.text(), "Hello stranger");
        assert_eq!(thief.get("/").await?.text(), "Hello stranger");
        Ok(())
    }

    #[tokio::test]
    async fn a_login_ends_after_a_day_without_a_request() -> Result<(), Box<dyn std::error::Error>> {
        let clock = TestClock::new();
        let sessions = SessionLayer::stored(MemoryStore::new()).clock(clock.reader());
        let jane = Browser::new(app(sessions.clone())).clock(clock.reader());
        jane.within(&sessions, async |session: Session| session.log_in("jane")).await?;
        clock.advance(Duration::from_secs(24 * 60 * 60));
        assert_eq!(jane.get("/").await?.text(), "Hello stranger");
        Ok(())
    }
}
