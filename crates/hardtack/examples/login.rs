//! A login: `cargo run -p hardtack --example login`, then open http://localhost:3003 and log in as jane, secret123.

use axum::extract::{Form, Query};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Router, routing::get, routing::post};
use hardtack::{MemoryStore, NextPath, Session, SessionLayer, User};
use serde::Deserialize;
use tower_http::csrf::CsrfLayer;

/// The login form, which is posted to the current URL, including `?next=`.
const FORM: &str = r#"<form method="post">
    <input name="name"> <input name="password" type="password"> <button>Log in</button>
</form>"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/", get(home))
        .route("/login", get(|| async { Html(FORM) }).post(log_in))
        .route("/logout", post(log_out))
        .layer(SessionLayer::stored(MemoryStore::new()).login_path("/login"))
        .layer(CsrfLayer::new());
    let listener = tokio::net::TcpListener::bind("localhost:3003").await?;
    Ok(axum::serve(listener, app).await?)
}

/// Greets the user. A visitor without a login is redirected to `/login?next=/`.
async fn home(user: User, session: Session) -> Html<String> {
    let shown: String = session.flashes().iter().map(|flash| format!("<p>{}</p>", flash.message)).collect();
    let button = r#"<form method="post" action="/logout"><button>Log out</button></form>"#;
    Html(format!("{shown}<h1>Hello {}</h1>{button}", user.id()))
}

#[derive(Deserialize)]
struct Login {
    name: String,
    password: String,
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    next: NextPath,
}

async fn log_in(session: Session, Query(after): Query<After>, Form(login): Form<Login>) -> Response {
    // A real program compares the password with a stored argon2 hash, on a blocking thread.
    if (login.name.as_str(), login.password.as_str()) != ("jane", "secret123") {
        return (StatusCode::UNAUTHORIZED, "Wrong name or password").into_response();
    }
    session.log_in(login.name);
    session.flash("Welcome back");
    Redirect::to(after.next.as_str()).into_response()
}

async fn log_out(session: Session) -> Redirect {
    session.log_out();
    Redirect::to("/")
}
