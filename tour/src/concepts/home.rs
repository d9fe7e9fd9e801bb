use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use hardtack::{Session, User, UserRejection};
use hardtack_minijinja::{View, ViewError, context};

/// The pages that show who is logged in.
pub(crate) fn routes() -> Router {
    Router::new().route("/home", get(home)).route("/profile", get(profile))
}

async fn home(
    session: Session,
    user: Option<User>,
    view: View,
) -> Result<Html<String>, ViewError> {
    let visits = session.update("visits", |n: &mut u64| {
        *n += 1;
        *n
    });
    view.render("home.html", context! { visits, name => user.as_ref().map(User::id) })
}

async fn profile(
    user: Result<User, UserRejection>,
    view: View,
) -> Result<Response, ViewError> {
    match user {
        Ok(user) => view
            .render("profile.html", context! { name => user.id() })
            .map(IntoResponse::into_response),
        Err(UserRejection::NotLoggedIn { .. }) => {
            let page = view.render("stranger.html", context! {})?;
            Ok((StatusCode::UNAUTHORIZED, page).into_response())
        }
        Err(rejection) => Ok(rejection.into_response()),
    }
}
