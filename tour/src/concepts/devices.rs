use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use hardtack::value::DateTime;
use hardtack::{Device, DeviceError, DeviceHandle, Session};
use hardtack_minijinja::minijinja::Value;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::kind::Kind;
use crate::short::short;

/// Where a user is logged in: to see, to name and to end.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/devices", get(devices))
        .route("/devices/name", post(name_device))
        .route("/devices/end", post(end_device))
        .route("/devices/end-others", post(end_others))
}

async fn devices(
    session: Session,
    view: View,
    Extension(kind): Extension<Kind>,
) -> Result<Response, ViewError> {
    let (status, list) = match session.devices().await {
        Ok(list) => (StatusCode::OK, list.iter().map(to_template).collect()),
        Err(DeviceError::Unsupported | DeviceError::NotLoggedIn) if session.user().is_none() => {
            (StatusCode::UNAUTHORIZED, Vec::new())
        }
        Err(DeviceError::Unsupported) => (StatusCode::OK, Vec::new()),
        Err(error) => return Ok(error.into_response()),
    };
    let list = Value::from(list);
    let page =
        view.render("devices.html", context! { list, user => session.user(), can => kind == Kind::Stored });
    Ok((status, page?).into_response())
}

#[derive(Deserialize)]
struct Named {
    label: String,
}

#[derive(Deserialize)]
struct Chosen {
    device: String,
}

async fn name_device(session: Session, Form(named): Form<Named>) -> Redirect {
    session.name_device(short(&named.label));
    Redirect::to("/devices")
}

async fn end_device(session: Session, Form(chosen): Form<Chosen>) -> Result<Redirect, DeviceError> {
    if let Ok(device) = chosen.device.parse::<DeviceHandle>() {
        session.end_device(&device).await?;
    }
    Ok(Redirect::to("/devices"))
}

async fn end_others(session: Session) -> Result<Redirect, DeviceError> {
    let ended = session.end_others().await?;
    session.flash(format!("Ended elsewhere: {ended}"));
    Ok(Redirect::to("/devices"))
}

fn to_template(device: &Device) -> Value {
    context! {
        handle => device.handle.to_string(),
        label => device.label.clone(),
        since => DateTime::from(device.created_at).to_string(),
        seen => DateTime::from(device.last_seen).to_string(),
        is_current => device.is_current,
    }
}
