//! Templates that read the session: `cargo run -p hardtack --example templates`, then open http://localhost:3007. The
//! templates also read the request and the flash messages.

use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::{Router, routing::get};
use hardtack::{MemoryStore, Session, SessionLayer};
use hardtack_minijinja::minijinja::Environment;
use hardtack_minijinja::{View, ViewError, ViewLayer, context};
use serde::Deserialize;

const NOTES: &str = r#"{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}
<h1>{{ title }}</h1>
<ul>{% for note in session.notes %}<li>{{ note }}</li>{% endfor %}</ul>
<form method="post" action="{{ request.path }}"><input name="note"><button>Add</button></form>"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut templates = Environment::new();
    // Values are escaped, because the name ends in `.html`.
    templates.add_template("notes.html", NOTES)?;
    let app = Router::new()
        .route("/", get(notes).post(add))
        .layer(ViewLayer::new(templates))
        .layer(SessionLayer::stored(MemoryStore::new()));
    let listener = tokio::net::TcpListener::bind("localhost:3007").await?;
    Ok(axum::serve(listener, app).await?)
}

async fn notes(view: View) -> Result<Html<String>, ViewError> {
    view.render("notes.html", context! { title => "Your notes" })
}

#[derive(Deserialize)]
struct Added {
    note: String,
}

async fn add(session: Session, Form(added): Form<Added>) -> Redirect {
    session.update("notes", move |notes: &mut Vec<String>| notes.push(added.note.clone()));
    session.flash("Added.");
    Redirect::to("/")
}
