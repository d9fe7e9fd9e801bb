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

/// The templates, as seen from one request: they know its session, its cookies and its messages by themselves.
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
/// [The crate's page](crate) lists what a template knows. It needs a [`ViewLayer`](crate::ViewLayer) and, of the marker
/// `K`, a [`SessionLayer`](hardtack::SessionLayer). The response varies by cookie only where the template has looked
/// into the session, and a template changes nothing, except that `get_flashed_messages()` takes the messages it shows.
///
/// A form is read to its end by this extractor, up to axum's `DefaultBodyLimit` (2 MiB if nothing was said; more is a
/// 413) and 10,000 fields. Put it before `Form` among a handler's arguments.
pub struct View<K = Main> {
    environment: Arc<Environment<'static>>,
    session: Session<K>,
    request: Value,
}

impl<K: 'static> View<K> {
    /// A page from a template. `context` is a [`context!`](crate::context) or any other map of MiniJinja's.
    ///
    /// # Errors
    ///
    /// If there is no such template, or if it fails. As a response the error is a 500, with a sentence in the log.
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
