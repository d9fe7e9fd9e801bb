use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

/// Returns the routes of the stylesheet and the scripts.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/tour.css", get(async || asset(STYLE, "text/css; charset=utf-8")))
        .route("/tour.js", get(async || asset(SCRIPT, JAVASCRIPT)))
        .route("/panel.js", get(async || asset(PANEL_SCRIPT, JAVASCRIPT)))
}

/// The inspector's base stylesheet, followed by the tour's own. The base stylesheet is included by its path, because
/// the tour can be built without the inspector.
const STYLE: &str = concat!(
    include_str!("../../crates/hardtack-inspect/templates/base.css"),
    include_str!("../assets/tour.css")
);
const SCRIPT: &str = include_str!("../assets/tour.js");
/// The script that opens the inspector beside a page.
const PANEL_SCRIPT: &str = include_str!("../assets/panel.js");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

fn asset(text: &'static str, content_type: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")], text)
}
