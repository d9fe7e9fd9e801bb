//! A login with a form, and a page for users: `cargo run -p hardtack --example login`, then open http://localhost:3003 as jane, secret123.

use axum::Router;
use axum::extract::{Form, Query};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use hardtack::{MemoryStore, NextPath, Session, SessionLayer, User};
use serde::Deserialize;
use tower_http::csrf::CsrfLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sessions = SessionLayer::stored(MemoryStore::new()).login_path("/login");
    let app = Router::new()
        .route("/", get(home))
        .route("/login", get(login_page).post(log_in))
        .route("/logout", post(log_out))
        .layer(sessions)
        .layer(CsrfLayer::new());
    let listener = tokio::net::TcpListener::bind("localhost:3003").await?;
    Ok(axum::serve(listener, app).await?)
}

#[derive(Deserialize)]
struct Way {
    #[serde(default)]
    next: NextPath,
}

#[derive(Deserialize)]
struct Login {
    name: String,
    password: String,
}

/// Strangers never get here: they are sent to `/login?next=/`.
async fn home(user: User, session: Session) -> Html<String> {
    let messages: String =
        session.flashes().iter().map(|flash| format!("<p>{}</p>", flash.message)).collect();
    let button = r#"<form method="post" action="/logout"><button>Log out</button></form>"#;
    Html(format!("{messages}<h1>Hello {}</h1>{button}", user.id()))
}

/// The form is posted back to the current URL, including `?next=`.
async fn login_page() -> Html<&'static str> {
    Html(
        r#"<form method="post">
            <input name="name"> <input name="password" type="password"> <button>Log in</button>
        </form>"#,
    )
}

async fn log_in(session: Session, Query(way): Query<Way>, Form(login): Form<Login>) -> Response {
    // A real one looks up the hash of argon2, and compares off the async threads.
    if (login.name.as_str(), login.password.as_str()) != ("jane", "secret123") {
        return (StatusCode::UNAUTHORIZED, "Wrong name or password").into_response();
    }
    session.log_in(login.name);
    session.flash("Welcome back");
    Redirect::to(way.next.as_str()).into_response()
}

async fn log_out(session: Session) -> Redirect {
    session.log_out();
    Redirect::to("/")
}
