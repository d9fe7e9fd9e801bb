use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hardtack::{AnyBackend, BackendSettings, Cookies, KeyRing, Session, SessionLayer};
use tower::{Layer, ServiceExt, service_fn};

use super::kind::Kind;

/// The name of the cookie that stores the visitor's choice. The choice is not secret, so a plain cookie is enough.
pub(crate) const KIND_COOKIE: &str = "kind";

/// The names of the session cookie: the first over HTTPS or on localhost, the second with `--insecure-http`.
pub(crate) const COOKIE_NAMES: [&str; 2] = ["__Host-session", "session"];

/// Sessions of all three kinds, of which each visitor chooses one.
///
/// They share one cookie name: a session moves from one kind to another, and is never in two at the same time.
#[derive(Debug, Clone)]
pub struct Kinds {
    usual: Kind,
    signed: SessionLayer<AnyBackend>,
    encrypted: SessionLayer<AnyBackend>,
    stored: SessionLayer<AnyBackend>,
    cookie_name: &'static str,
    secret_from: Arc<str>,
}

/// The status of a response that failed because a session could not be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unkept(pub(crate) StatusCode);

impl Kinds {
    /// Creates the two kinds of cookie sessions from `keys`, and takes the third as given. `usual` applies to visitors
    /// who have not chosen a kind.
    pub fn new(
        usual: Kind,
        keys: KeyRing,
        stored: SessionLayer<impl BackendSettings>,
    ) -> Self {
        Self {
            usual,
            signed: SessionLayer::signed(keys.clone()).into_any(),
            encrypted: SessionLayer::encrypted(keys).into_any(),
            stored: stored.into_any(),
            cookie_name: COOKIE_NAMES[0],
            secret_from: "its caller".into(),
        }
    }

    /// Drops `Secure`, for browsers that refuse `Secure` cookies from `http://localhost`.
    #[must_use]
    pub fn insecure_http(mut self) -> Self {
        self.signed = self.signed.insecure_http();
        self.encrypted = self.encrypted.insecure_http();
        self.stored = self.stored.insecure_http();
        self.cookie_name = COOKIE_NAMES[1];
        self
    }

    /// Sets where the secret came from, for the page that shows it: "the environment".
    #[must_use]
    pub fn with_secret_from(mut self, place: impl Into<Arc<str>>) -> Self {
        self.secret_from = place.into();
        self
    }

    /// Checks the settings of all three kinds.
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

    /// Returns the kind for visitors who have not chosen one.
    pub(crate) fn usual(&self) -> Kind {
        self.usual
    }

    /// Returns the name of the session cookie.
    pub(crate) fn cookie_name(&self) -> &'static str {
        self.cookie_name
    }

    /// Returns whether cookies are set without `Secure`.
    pub(crate) fn is_insecure(&self) -> bool {
        self.cookie_name == COOKIE_NAMES[1]
    }

    /// Returns where the secret came from.
    pub(crate) fn secret_from(&self) -> &str {
        &self.secret_from
    }

    /// Returns the kind that the sender of a request chose.
    pub(crate) fn chosen(&self, headers: &HeaderMap) -> Kind {
        let cookies = Cookies::parse(headers.get_all(header::COOKIE));
        cookies
            .get(KIND_COOKIE)
            .and_then(|kind| kind.parse().ok())
            .unwrap_or(self.usual)
    }

    pub(crate) fn layer(&self, kind: Kind) -> &SessionLayer<AnyBackend> {
        match kind {
            Kind::Signed => &self.signed,
            Kind::Encrypted => &self.encrypted,
            Kind::Stored => &self.stored,
        }
    }

    /// Opens the session of the given kind that a request's headers identify, calls `act` on it, and saves it. Returns
    /// the result of `act` and the response headers for the browser.
    pub(crate) async fn visit<R>(
        &self,
        kind: Kind,
        headers: &HeaderMap,
        act: impl Fn(&Session) -> R,
    ) -> Result<(R, HeaderMap), Unkept> {
        let (act, result) = (&act, &Mutex::new(None));
        let service = service_fn(|request: Request<()>| async move {
            let (parts, ()) = request.into_parts();
            match Session::open(&parts.extensions, &parts.headers).await {
                Ok(session) => {
                    let acted = act(&session);
                    if let Ok(mut result) = result.lock() {
                        *result = Some(acted);
                    }
                    Ok::<_, std::convert::Infallible>(().into_response())
                }
                Err(rejection) => Ok(rejection.into_response()),
            }
        });
        let mut request = Request::new(());
        *request.headers_mut() = headers.clone();
        let answer = match self.layer(kind).layer(service).oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let acted = result.lock().ok().and_then(|mut result| result.take());
        match acted {
            Some(acted) if answer.status().is_success() => {
                Ok((acted, answer.headers().clone()))
            }
            _ => Err(Unkept(answer.status())),
        }
    }
}

/// Serves a request with the kind of session that its sender chose. Handlers can read the kind as an extension.
pub(crate) async fn by_choice(
    State(kinds): State<Kinds>,
    mut request: Request,
    next: Next,
) -> Response {
    let kind = kinds.chosen(request.headers());
    request.extensions_mut().insert(kind);
    match kinds.layer(kind).layer(next).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
