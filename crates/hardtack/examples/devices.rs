//! Where a user is logged in, and a button to log out there: `cargo run -p hardtack --example devices`, then open http://localhost:3004 in two browsers.

use axum::Router;
use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use hardtack::{Device, DeviceError, Devices, MemoryStore, Session, SessionLayer};
use hardtack_minijinja::minijinja::{Environment, Value};
use hardtack_minijinja::{View, ViewLayer, context};
use serde::Deserialize;
use tower_http::csrf::CsrfLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut templates = Environment::new();
    templates.add_template("devices.html", PAGE)?;
    let app = Router::new()
        .route("/", get(devices))
        .route("/login", post(log_in))
        .route("/end", post(end))
        .route("/end-others", post(end_others))
        .layer(ViewLayer::new(templates))
        .layer(SessionLayer::stored(MemoryStore::new()))
        .layer(CsrfLayer::new());
    let listener = tokio::net::TcpListener::bind("localhost:3004").await?;
    Ok(axum::serve(listener, app).await?)
}

const PAGE: &str = r#"<ul>
{% for device in devices %}<li>{{ device.label }} {% if device.is_current %}(this one){% else %}
  <form method="post" action="/end"><button name="device" value="{{ device.handle }}">Log out</button></form>
{% endif %}</li>{% endfor %}
</ul>
<form method="post" action="/end-others"><button>Log out all others</button></form>
<form method="post" action="/login"><button>Log in as Jane</button></form>"#;

async fn devices(session: Session, view: View) -> Result<Response, DeviceError> {
    let devices = match session.devices().await {
        Err(DeviceError::NotLoggedIn) => Devices::default(),
        devices => devices?,
    };
    let devices: Vec<Value> = devices.iter().map(line).collect();
    Ok(view.render("devices.html", context! { devices }).into_response())
}

/// A browser's name is untrusted input. The template escapes it.
fn line(device: &Device) -> Value {
    let (label, handle) = (device.label.as_deref(), device.handle.to_string());
    context! { label, handle, is_current => device.is_current }
}

async fn log_in(session: Session) -> Redirect {
    session.log_in("jane");
    Redirect::to("/")
}

#[derive(Deserialize)]
struct End {
    device: String,
}

async fn end(session: Session, Form(end): Form<End>) -> Result<Redirect, DeviceError> {
    if let Ok(handle) = end.device.parse() {
        session.end_device(&handle).await?;
    }
    Ok(Redirect::to("/"))
}

async fn end_others(session: Session) -> Result<Redirect, DeviceError> {
    session.end_others().await?;
    Ok(Redirect::to("/"))
}
