//! The devices of a user: `cargo run -p hardtack --example devices`, then open http://localhost:3004 in two browsers.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, routing::get, routing::post};
use hardtack::{DeviceError, Devices, MemoryStore, Session, SessionLayer};
use hardtack_minijinja::minijinja::Environment;
use hardtack_minijinja::{View, ViewLayer, context};
use tower_http::csrf::CsrfLayer;

const PAGE: &str = r#"<ul>
{% for device in devices %}<li>{{ device.label }} {% if device.is_current %}(this one){% else %}
  <form method="post" action="/end/{{ device.handle }}"><button>Log out</button></form>
{% endif %}</li>{% endfor %}
</ul>
<form method="post" action="/end-others"><button>Log out all others</button></form>
<form method="post" action="/login"><button>Log in as Jane</button></form>"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut templates = Environment::new();
    templates.add_template("devices.html", PAGE)?;
    let app = Router::new()
        .route("/", get(devices))
        .route("/login", post(log_in))
        .route("/end/{device}", post(end))
        .route("/end-others", post(end_others))
        .layer(ViewLayer::new(templates))
        .layer(SessionLayer::stored(MemoryStore::new()))
        .layer(CsrfLayer::new());
    let listener = tokio::net::TcpListener::bind("localhost:3004").await?;
    Ok(axum::serve(listener, app).await?)
}

async fn devices(session: Session, view: View) -> Result<Response, DeviceError> {
    let devices = if session.user().is_some() { session.devices().await? } else { Devices::default() };
    // A label contains the name of a browser, which is untrusted input. The template escapes it.
    let devices = devices.iter().map(|device| {
        let (label, handle) = (device.label.as_deref(), device.handle.to_string());
        context! { label, handle, is_current => device.is_current }
    });
    Ok(view.render("devices.html", context! { devices => devices.collect::<Vec<_>>() }).into_response())
}

async fn log_in(session: Session) -> Redirect {
    session.log_in("jane");
    Redirect::to("/")
}

async fn end(session: Session, Path(device): Path<String>) -> Result<Redirect, DeviceError> {
    if let Ok(handle) = device.parse() {
        session.end_device(&handle).await?;
    }
    Ok(Redirect::to("/"))
}

async fn end_others(session: Session) -> Result<Redirect, DeviceError> {
    session.end_others().await?;
    Ok(Redirect::to("/"))
}
