use std::hint::black_box;
use std::time::Duration;

use axum::Router;
use axum::routing::{MethodRouter, get};
use hardtack::value::from_text;
use hardtack::{
    BackendSettings, Encrypted, Key, KeyRing, MemoryStore, Session, SessionLayer, Signed, Stored, User, Value,
};

use crate::visit::{self, READ, SESSION, WRITTEN};

/// Returns a layer for stored sessions, with the default settings.
pub fn memory() -> SessionLayer<Stored> {
    SessionLayer::stored(MemoryStore::new())
}

/// Returns a layer for signed sessions, with two keys and a maximum age.
pub fn signed() -> SessionLayer<Signed> {
    SessionLayer::signed(keys()).max_age(Duration::from_secs(14 * 24 * 3600))
}

/// Returns a layer for encrypted sessions, with two keys and a maximum age.
pub fn encrypted() -> SessionLayer<Encrypted> {
    SessionLayer::encrypted(keys()).max_age(Duration::from_secs(14 * 24 * 3600))
}

fn keys() -> KeyRing {
    let [current, old] =
        ["the secret that signs since this summer", "the secret that signed until this summer"];
    let key = |secret| Key::new(secret).expect("the secret is long enough");
    KeyRing::new(key(current)).and_previous(key(old))
}

pub fn serve(layer: SessionLayer<impl BackendSettings>, route: fn() -> MethodRouter) -> Box<dyn FnMut()> {
    visit::browse(application(layer, route))
}

/// Serves a route with a layer, inside the inspector.
#[cfg(feature = "inspect")]
pub fn serve_watched(
    layer: SessionLayer<impl BackendSettings>,
    route: fn() -> MethodRouter,
) -> Box<dyn FnMut()> {
    visit::browse(application(layer, route).layer(hardtack_inspect::Inspector::new()))
}

fn application(layer: SessionLayer<impl BackendSettings>, route: fn() -> MethodRouter) -> Router {
    Router::new().route("/login", get(log_in)).route("/", route()).layer(layer)
}

async fn log_in(session: Session) {
    let Ok(Value::Dict(content)) = Value::from_text(SESSION) else {
        unreachable!("the session is an object")
    };
    let user: String = from_text(&content["_user_id"].to_text()).expect("the user is a string");
    session.log_in(user);
    session.extend(content);
}

pub fn ignore() -> MethodRouter {
    get(visit::ok)
}

pub fn read() -> MethodRouter {
    get(async |session: Session| {
        let name: Option<String> = session.get(READ);
        assert!(black_box(name).is_some());
        "ok"
    })
}

pub fn user() -> MethodRouter {
    get(async |user: User| {
        assert!(!black_box(user).id().is_empty());
        "ok"
    })
}

pub fn write() -> MethodRouter {
    get(async |session: Session| {
        session.insert(WRITTEN, visit::next_number());
        "ok"
    })
}
