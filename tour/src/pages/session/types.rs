use std::time::SystemTime;

use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::value::{Bytes, DateTime, Markup, Uuid};
use hardtack::{Session, Value};
use hardtack_minijinja::minijinja::Value as TemplateValue;
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/types",
    title: "Values keep their types",
    summary: "A date comes back as a date, a tuple as a tuple, bytes as bytes.",
    routes: |_| Router::new().route("/types", get(types).post(put_types)),
    source: include_str!("types.rs"),
    rust_functions: &["put_types", "types"],
    flask_functions: &["put_types"],
    templates: templates!["session/types.html"],
    ..Page::DEFAULTS
};

/// The keys of the values that the page stores, in the order in which the page shows them.
const KEYS: [&str; 11] = [
    "number", "price", "text", "truth", "nothing", "list", "tuple", "bytes", "moment",
    "uuid", "markup",
];

async fn types(session: Session, view: View) -> Result<Html<String>, ViewError> {
    let values = KEYS.iter().filter_map(|key| Some((key, session.get::<Value>(key)?)));
    let rows: TemplateValue = values
        .map(|(key, value)| context! { key => *key, type_name => value.kind(), text => value.to_text() })
        .collect();
    view.render("session/types.html", context! { rows })
}

async fn put_types(session: Session) -> Redirect {
    session.insert("number", 42);
    session.insert("price", 9.5);
    session.insert("text", "Jörg");
    session.insert("truth", true);
    session.insert("nothing", Value::Null);
    session.insert("list", vec![3, 1, 2]);
    session.insert("tuple", ("tea", 2));
    session.insert("bytes", Bytes::from(vec![0, 159, 255]));
    session.insert("moment", DateTime::from(SystemTime::now()));
    session.insert("uuid", Uuid::from_bytes(*b"hardtack's tour."));
    session.insert("markup", Markup::new("<b>bold</b>"));
    Redirect::to("/types")
}
