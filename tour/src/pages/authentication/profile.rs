use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hardtack::{User, UserRejection};
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/profile",
    title: "Profile",
    summary: "Only for users who have logged in. Other visitors get a 401.",
    routes: |_| Router::new().route("/profile", get(profile)),
    source: include_str!("profile.rs"),
    rust_functions: &["profile"],
    flask_functions: &["profile"],
    templates: templates![
        "authentication/profile.html",
        "authentication/profile-unauthorized.html"
    ],
    is_personal: true,
    requires_login: true,
    ..Page::DEFAULTS
};

async fn profile(
    user: Result<User, UserRejection>,
    view: View,
) -> Result<Response, ViewError> {
    match user {
        Ok(user) => view
            .render("authentication/profile.html", context! { name => user.id() })
            .map(IntoResponse::into_response),
        Err(UserRejection::NotLoggedIn { .. }) => {
            let page =
                view.render("authentication/profile-unauthorized.html", context! {})?;
            Ok((StatusCode::UNAUTHORIZED, page).into_response())
        }
        Err(rejection) => Ok(rejection.into_response()),
    }
}
