use std::sync::OnceLock;

use axum::http::StatusCode;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value};
use serde::Serialize;

/// Returns the template environment. The templates are part of the binary, and are parsed on first use.
fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        for (name, source) in TEMPLATES {
            if let Err(error) = environment.add_template(name, source) {
                tracing::error!(name, %error, "cannot parse a template of the inspector");
            }
        }
        environment
    })
}

const TEMPLATES: [(&str, &str); 11] = [
    ("layout.html", include_str!("../../templates/layout.html")),
    ("parts.html", include_str!("../../templates/parts.html")),
    ("filters.html", include_str!("../../templates/filters.html")),
    ("conversation.html", include_str!("../../templates/conversation.html")),
    ("turn.html", include_str!("../../templates/turn.html")),
    ("exchange.html", include_str!("../../templates/exchange.html")),
    ("exchange-body.html", include_str!("../../templates/exchange-body.html")),
    ("session.html", include_str!("../../templates/session.html")),
    ("node.html", include_str!("../../templates/node.html")),
    ("jar.html", include_str!("../../templates/jar.html")),
    ("warnings.html", include_str!("../../templates/warnings.html")),
];

pub(crate) const STYLE: &str =
    concat!(include_str!("../../templates/base.css"), include_str!("../../templates/inspect.css"));
pub(crate) const SCRIPT: &str = include_str!("../../templates/inspect.js");

/// Renders a page, or a part of a page.
pub(super) fn render(name: &str, context: Value) -> Result<String, StatusCode> {
    let rendered = environment().get_template(name).and_then(|template| template.render(context));
    rendered.map_err(|error| {
        tracing::error!(name, %error, "cannot render a page of the inspector");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

/// Converts a serializable value to a template value.
pub(super) fn to_template_value<T: Serialize>(part: &T) -> Value {
    Value::from(Serde(part))
}
