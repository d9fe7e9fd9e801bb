//! Two sessions, for visitors and administrators: `cargo run -p hardtack --example two_sessions`, then open
//! http://localhost:3008. Each session has its own cookie and settings.

use std::time::Duration;

use axum::response::{Html, Redirect};
use axum::{Router, routing::get, routing::post};
use hardtack::{MemoryStore, SameSite, Session, SessionLayer, User};

/// The marker of the second session. Without a marker, `Session` and `User` refer to the first session.
struct Admin;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let visitors = SessionLayer::stored(MemoryStore::new());
    let admins = SessionLayer::stored(MemoryStore::new())
        .named::<Admin>("admin")
        .same_site(SameSite::Strict)
        .idle_timeout(Duration::from_secs(15 * 60))
        .login_path("/");
    let app = Router::new()
        .route("/", get(home))
        .route("/admin", get(console))
        .route("/admin/login", post(log_in))
        .route("/admin/logout", post(log_out))
        .layer(visitors)
        .layer(admins);
    let listener = tokio::net::TcpListener::bind("localhost:3008").await?;
    Ok(axum::serve(listener, app).await?)
}

async fn home(session: Session) -> Html<String> {
    let visits = session.update("visits", |n: &mut u64| {
        *n += 1;
        *n
    });
    let button = r#"<form method="post" action="/admin/login"><button>Log in as root</button></form>"#;
    Html(format!("<p>Visit number {visits}</p>{button}"))
}

/// Shows a page for administrators only. Their logins and logouts do not change the visitor's session.
async fn console(admin: User<Admin>) -> Html<String> {
    let button = r#"<form method="post" action="/admin/logout"><button>Log out</button></form>"#;
    Html(format!("<h1>Console of {}</h1>{button}", admin.id()))
}

async fn log_in(admin: Session<Admin>) -> Redirect {
    admin.log_in("root"); // after checking the password
    Redirect::to("/admin")
}

async fn log_out(admin: Session<Admin>) -> Redirect {
    admin.log_out();
    Redirect::to("/")
}
