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

use crate::pages::trim_input;
use crate::pages::{Activity, ChecklistItem, Page, templates};
use crate::sessions::Backend;

pub(crate) const PAGE: Page = Page {
    path: "/devices",
    title: "Your devices",
    summary: "Where you are logged in: name a device, log one out, or log out all others.",
    routes: |_| {
        Router::new()
            .route("/devices", get(devices))
            .route("/devices/name", post(name_device))
            .route("/devices/end", post(end_device))
            .route("/devices/end-others", post(end_others))
    },
    source: include_str!("devices.rs"),
    rust_functions: &["devices", "name_device", "end_device", "end_others"],
    flask_functions: &["devices"],
    templates: templates!["authentication/devices.html"],
    checklist: &[ChecklistItem::new(
        "d5",
        Activity::Do,
        "log in with two browsers, and end one from the other",
    )],
    is_personal: true,
    requires_login: true,
    ..Page::DEFAULTS
};

async fn devices(
    session: Session,
    view: View,
    Extension(backend): Extension<Backend>,
) -> Result<Response, ViewError> {
    let (status, devices) = match session.devices().await {
        Ok(devices) => (StatusCode::OK, devices.iter().map(to_template).collect()),
        Err(DeviceError::Unsupported | DeviceError::NotLoggedIn)
            if session.user().is_none() =>
        {
            (StatusCode::UNAUTHORIZED, Vec::new())
        }
        Err(DeviceError::Unsupported) => (StatusCode::OK, Vec::new()),
        Err(error) => return Ok(error.into_response()),
    };
    let devices = Value::from(devices);
    let page = view.render(
        "authentication/devices.html",
        context! { devices, user => session.user(), has_device_list => backend == Backend::Stored },
    );
    Ok((status, page?).into_response())
}

#[derive(Deserialize)]
struct NameForm {
    label: String,
}

#[derive(Deserialize)]
struct EndForm {
    device: String,
}

async fn name_device(session: Session, Form(form): Form<NameForm>) -> Redirect {
    session.name_device(trim_input(&form.label));
    Redirect::to("/devices")
}

async fn end_device(
    session: Session,
    Form(form): Form<EndForm>,
) -> Result<Redirect, DeviceError> {
    if let Ok(device) = form.device.parse::<DeviceHandle>() {
        session.end_device(&device).await?;
    }
    Ok(Redirect::to("/devices"))
}

async fn end_others(session: Session) -> Result<Redirect, DeviceError> {
    let ended = session.end_others().await?;
    session.flash(format!("Logged out elsewhere: {ended}"));
    Ok(Redirect::to("/devices"))
}

/// Shortens a label that is a `User-Agent`. A label that the user chose is not changed.
fn short_label(label: &str) -> String {
    if !label.starts_with("Mozilla/") {
        return label.to_owned();
    }
    let first_of = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| label.contains(mark)).map(|(_, name)| *name)
    };
    // The order matters, because the `User-Agent` of a browser can also contain names further down in the list. For
    // example, Edge also sends `Chrome/` and `Safari/`.
    let browser = first_of(&[
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first_of(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "a Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => "A browser".to_owned(),
    }
}

fn to_template(device: &Device) -> Value {
    context! {
        handle => device.handle.to_string(),
        label => device.label.as_deref().map(short_label),
        since => DateTime::from(device.created_at).to_string(),
        seen => DateTime::from(device.last_seen).to_string(),
        is_current => device.is_current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_by_its_short_name() {
        for (label, name) in [
            ("the kitchen tablet", "the kitchen tablet"),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            ("Mozilla/5.0", "A browser"),
        ] {
            assert_eq!(short_label(label), name);
        }
    }
}
