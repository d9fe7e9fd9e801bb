use std::hint::black_box;

use axum::Router;
use axum::routing::{MethodRouter, get};
use serde_json::{Map, Value};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::visit::{self, READ, SESSION, WRITTEN};

/// Serves a route with tower-sessions, configured as in its documentation.
pub fn serve(route: fn() -> MethodRouter) -> Box<dyn FnMut()> {
    let layer = SessionManagerLayer::new(MemoryStore::default());
    visit::browse(Router::new().route("/login", get(log_in)).route("/", route()).layer(layer))
}

async fn log_in(session: Session) {
    let content: Map<String, Value> = serde_json::from_str(SESSION).expect("the session is an object");
    for (key, value) in content {
        session.insert(&key, value).await.expect("memory does not fail");
    }
}

pub fn ignore() -> MethodRouter {
    get(visit::ok)
}

pub fn read() -> MethodRouter {
    get(async |session: Session| {
        let name: Option<String> = session.get(READ).await.expect("memory does not fail");
        assert!(black_box(name).is_some());
        "ok"
    })
}

pub fn write() -> MethodRouter {
    get(async |session: Session| {
        session.insert(WRITTEN, visit::next_number()).await.expect("memory does not fail");
        "ok"
    })
}
