use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use minijinja::Environment;
use tower_layer::Layer;
use tower_service::Service;

use crate::form_body::FormBody;

/// A layer that makes templates available to the requests of a router. A [`View`](crate::View) renders these templates.
///
/// ```
/// use hardtack_minijinja::ViewLayer;
/// use hardtack_minijinja::minijinja::Environment;
///
/// let mut environment = Environment::new();
/// environment.add_template("page.html", "Hello {{ session.name }}")?;
/// let app: axum::Router = axum::Router::new().layer(ViewLayer::new(environment));
/// # Ok::<(), hardtack_minijinja::minijinja::Error>(())
/// ```
///
/// The body of a form (`application/x-www-form-urlencoded`) passes through as a stream. If the handler takes a `View`,
/// the whole body is read and stored instead, so that both `request.form` in the template and axum's `Form` after the
/// `View` can read it. Place any layer that replaces the body outside this one.
#[derive(Clone)]
#[must_use = "a layer does nothing until it is added to a service"]
pub struct ViewLayer {
    environment: Arc<Environment<'static>>,
}

/// The service that [`ViewLayer`] creates.
#[derive(Clone)]
pub struct ViewService<S> {
    inner: S,
    environment: Arc<Environment<'static>>,
}

/// The templates, stored in a request's extensions.
#[derive(Clone)]
pub(crate) struct Templates(pub(crate) Arc<Environment<'static>>);

impl ViewLayer {
    /// Creates a layer from an environment or from an `Arc` of an environment.
    pub fn new(environment: impl Into<Arc<Environment<'static>>>) -> Self {
        Self { environment: environment.into() }
    }
}

impl<S> Layer<S> for ViewLayer {
    type Service = ViewService<S>;

    fn layer(&self, inner: S) -> ViewService<S> {
        ViewService { inner, environment: Arc::clone(&self.environment) }
    }
}

impl<S: Service<Request>> Service<Request> for ViewService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        request.extensions_mut().insert(Templates(Arc::clone(&self.environment)));
        FormBody::share(&mut request);
        self.inner.call(request)
    }
}

impl fmt::Debug for ViewLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ViewLayer")
    }
}

impl<S> fmt::Debug for ViewService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ViewService")
    }
}
