use axum::Router;
use axum::extract::Path;
use axum::response::Html;
use axum::routing::get;
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Page, Script, templates};

pub(crate) const PAGE: Page = Page {
    path: "/step-one",
    title: "Step one",
    summary: "What arrived in each of the seven ways.",
    routes: |_| {
        Router::new()
            .route("/step-one", get(step_one).post(step_one))
            .route("/step-one/{carried}", get(step_one))
    },
    source: include_str!("step_one.rs"),
    rust_functions: &["step_one"],
    flask_functions: &["step_one"],
    templates: templates!["state/step-one.html"],
    script: Script::InPart,
    ..Page::DEFAULTS
};

async fn step_one(
    view: View,
    path: Option<Path<String>>,
) -> Result<Html<String>, ViewError> {
    view.render(
        "state/step-one.html",
        context! { path => path.map(|Path(carried)| carried) },
    )
}
