use std::fmt;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Html;
use hardtack::{Main, Session};
use http::request::Parts;
use minijinja::Environment;
use minijinja::value::{Value, merge_maps};

use crate::error::ViewError;
use crate::flashed::get_flashed_messages;
use crate::form_body::FormBody;
use crate::layer::Templates;
use crate::logout_form::logout_form;
use crate::rejection::ViewRejection;
use crate::request_object::RequestObject;
use crate::session_object::SessionObject;

/// An extractor that renders templates with access to the request's session, cookies, and messages.
///
/// ```
/// use axum::response::{Html, IntoResponse, Redirect, Response};
/// use hardtack::Session;
/// use hardtack_minijinja::{View, ViewError, context};
///
/// async fn page(view: View) -> Result<Html<String>, ViewError> {
///     view.render("page.html", context! {})
/// }
///
/// async fn login(session: Session, view: View) -> Result<Response, ViewError> {
///     let Some(user) = check_password() else {
///         let page = view.render("login.html", context! { error => "Invalid username or password" });
///         return page.map(IntoResponse::into_response);
///     };
///     session.log_in(user);
///     Ok(Redirect::to("/").into_response())
/// }
/// # fn check_password() -> Option<u64> { None }
/// ```
///
/// [The crate documentation](crate) lists the names that a template can use. A `View` needs a
/// [`ViewLayer`](crate::ViewLayer) and a [`SessionLayer`](hardtack::SessionLayer) with the marker `K`. The response has
/// `Vary: Cookie` if the template reads the session, but not if it reads only `request.cookies`. A template cannot
/// change the session, except that `get_flashed_messages()` removes the messages.
///
/// This extractor reads the whole form, up to axum's `DefaultBodyLimit` (2 MiB by default) and 10,000 fields. The
/// response to a larger form is a 413. Put `View` before `Form` in a handler's arguments.
pub struct View<K = Main> {
    environment: Arc<Environment<'static>>,
    session: Session<K>,
    request: Value,
}

impl<K: 'static> View<K> {
    /// Renders a template as HTML. `context` is the result of [`context!`](crate::context), or any other MiniJinja map.
    ///
    /// # Errors
    ///
    /// Returns an error if the template does not exist or fails to render. As a response, the error is a 500, and the
    /// cause is logged.
    pub fn render(&self, template: &str, context: impl Into<Value>) -> Result<Html<String>, ViewError> {
        let known = minijinja::context! {
            session => Value::from_object(SessionObject(self.session.clone())),
            request => self.request.clone(),
            get_flashed_messages => get_flashed_messages(&self.session),
            logout_form => logout_form(&self.session),
        };
        self.environment
            .get_template(template)
            .and_then(|page| page.render(merge_maps([known, context.into()])))
            .map(Html)
            .map_err(|error| ViewError::new(template, error))
    }
}

impl<S: Sync, K: 'static> FromRequestParts<S> for View<K> {
    type Rejection = ViewRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ViewRejection> {
        let Templates(environment) = parts.extensions.get().cloned().ok_or(ViewRejection::NoLayer)?;
        let session = Session::open_unaccessed(&parts.extensions, &parts.headers)
            .await
            .map_err(ViewRejection::Session)?;
        let form = FormBody::read(&parts.extensions).await?;
        Ok(Self { environment, session, request: Value::from_object(RequestObject::new(parts, form)) })
    }
}

impl<K> Clone for View<K> {
    fn clone(&self) -> Self {
        Self {
            environment: Arc::clone(&self.environment),
            session: self.session.clone(),
            request: self.request.clone(),
        }
    }
}

impl<K> fmt::Debug for View<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("View")
    }
}
