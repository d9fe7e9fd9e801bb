use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hardtack::{AnyBackend, BackendSettings, Cookies, KeyRing, Session, SessionLayer};
use tower::{Layer, ServiceExt, service_fn};

use super::backend::Backend;

/// The name of the cookie that stores the visitor's choice of backend. The choice is not secret, so a plain cookie is
/// enough.
pub(crate) const BACKEND_COOKIE: &str = "kind";

/// The names of the session cookie. The tour uses the first one by default, and the second one with `--insecure-http`.
pub(crate) const SESSION_COOKIE_NAMES: [&str; 2] = ["__Host-session", "session"];

/// A session layer for each backend, of which each visitor chooses one.
///
/// The layers share one cookie name, because a session moves from one backend to another, and is never in two backends
/// at the same time.
#[derive(Debug, Clone)]
pub struct SessionLayers {
    default_backend: Backend,
    signed: SessionLayer<AnyBackend>,
    encrypted: SessionLayer<AnyBackend>,
    stored: SessionLayer<AnyBackend>,
    cookie_name: &'static str,
    key_source: Arc<str>,
}

/// The status of a response that failed because a session could not be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionUnavailable(pub(crate) StatusCode);

impl SessionLayers {
    /// Creates the layers for signed and encrypted sessions with `keys`. The layer for stored sessions is `stored`.
    /// `default_backend` applies to visitors who have not chosen a backend.
    pub fn new(
        default_backend: Backend,
        keys: KeyRing,
        stored: SessionLayer<impl BackendSettings>,
    ) -> Self {
        Self {
            default_backend,
            signed: SessionLayer::signed(keys.clone()).into_any(),
            encrypted: SessionLayer::encrypted(keys).into_any(),
            stored: stored.into_any(),
            cookie_name: SESSION_COOKIE_NAMES[0],
            key_source: "its caller".into(),
        }
    }

    /// Omits `Secure` from cookies, for browsers that refuse `Secure` cookies from `http://localhost`.
    #[must_use]
    pub fn insecure_http(mut self) -> Self {
        self.signed = self.signed.insecure_http();
        self.encrypted = self.encrypted.insecure_http();
        self.stored = self.stored.insecure_http();
        self.cookie_name = SESSION_COOKIE_NAMES[1];
        self
    }

    /// Sets the phrase that says where the key came from, such as "the environment". A page of the tour shows this
    /// phrase.
    #[must_use]
    pub fn with_key_source(mut self, source: impl Into<Arc<str>>) -> Self {
        self.key_source = source.into();
        self
    }

    /// Checks the settings of all three layers.
    ///
    /// # Errors
    ///
    /// Returns an error about the first contradiction in the settings.
    pub fn check(mut self) -> Result<Self, hardtack::Error> {
        self.signed = self.signed.check()?;
        self.encrypted = self.encrypted.check()?;
        self.stored = self.stored.check()?;
        Ok(self)
    }

    /// Returns the backend for visitors who have not chosen one.
    pub(crate) fn default_backend(&self) -> Backend {
        self.default_backend
    }

    /// Returns the name of the session cookie.
    pub(crate) fn cookie_name(&self) -> &'static str {
        self.cookie_name
    }

    /// Returns whether cookies are set without `Secure`.
    pub(crate) fn is_insecure(&self) -> bool {
        self.cookie_name == SESSION_COOKIE_NAMES[1]
    }

    /// Returns the phrase that says where the key came from.
    pub(crate) fn key_source(&self) -> &str {
        &self.key_source
    }

    /// Returns the backend that the sender of a request chose, or the default.
    pub(crate) fn chosen_backend(&self, headers: &HeaderMap) -> Backend {
        let cookies = Cookies::parse(headers.get_all(header::COOKIE));
        cookies
            .get(BACKEND_COOKIE)
            .and_then(|backend| backend.parse().ok())
            .unwrap_or(self.default_backend)
    }

    pub(crate) fn layer(&self, backend: Backend) -> &SessionLayer<AnyBackend> {
        match backend {
            Backend::Signed => &self.signed,
            Backend::Encrypted => &self.encrypted,
            Backend::Stored => &self.stored,
        }
    }

    /// Opens the session that a request's headers identify, calls `use_session` on it, and saves it. Returns the result
    /// of `use_session` and the response headers for the browser.
    pub(crate) async fn with_session<R>(
        &self,
        backend: Backend,
        headers: &HeaderMap,
        use_session: impl Fn(&Session) -> R,
    ) -> Result<(R, HeaderMap), SessionUnavailable> {
        let (use_session, result) = (&use_session, &Mutex::new(None));
        let service = service_fn(|request: Request<()>| async move {
            let (parts, ()) = request.into_parts();
            match Session::open(&parts.extensions, &parts.headers).await {
                Ok(session) => {
                    let value = use_session(&session);
                    if let Ok(mut result) = result.lock() {
                        *result = Some(value);
                    }
                    Ok::<_, std::convert::Infallible>(().into_response())
                }
                Err(rejection) => Ok(rejection.into_response()),
            }
        });
        let mut request = Request::new(());
        *request.headers_mut() = headers.clone();
        let response = match self.layer(backend).layer(service).oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let result = result.lock().ok().and_then(|mut result| result.take());
        match result {
            Some(value) if response.status().is_success() => {
                Ok((value, response.headers().clone()))
            }
            _ => Err(SessionUnavailable(response.status())),
        }
    }
}

/// Serves a request with the session layer that its sender chose. Handlers can read the backend from the request's
/// extensions.
pub(crate) async fn serve_with_chosen_backend(
    State(layers): State<SessionLayers>,
    mut request: Request,
    next: Next,
) -> Response {
    let backend = layers.chosen_backend(request.headers());
    request.extensions_mut().insert(backend);
    match layers.layer(backend).layer(next).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
