//! Runs a test's own handler behind one of the application's layers.

use std::convert::Infallible;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum_core::extract::FromRequestParts;
use axum_core::response::IntoResponse;
use http::{Request, Response, StatusCode};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::browser::Browser;
use super::browser_body::{BoxError, BrowserBody};
use super::browser_page::BrowserPage;
use super::http_client::call;
use crate::error::{Error, ErrorKind};
use crate::request::RequestContext;

impl Browser {
    /// Runs your own handler behind one of the application's layers, with this browser's cookies, and stores the
    /// cookies that the response sets. With such a handler, a test can read or change a session, or log in without the
    /// form.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use hardtack::{MemoryStore, Session, SessionLayer, User};
    /// use hardtack_jar::Browser;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sessions = SessionLayer::stored(MemoryStore::new());
    /// let app: Router = Router::new()
    ///     .route("/profile", get(async |user: User| user.id().to_owned()))
    ///     .layer(sessions.clone());
    ///
    /// let jane = Browser::new(app);
    /// assert_eq!(jane.get("/profile").await?.status(), 401);
    ///
    /// jane.within(&sessions, async |session: Session| session.log_in("jane")).await?;
    /// assert_eq!(jane.get("/profile").await?.text(), "jane");
    ///
    /// let theme = jane.within(&sessions, async |session: Session| session.get::<String>("theme")).await?;
    /// assert_eq!(theme, None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The handler takes one extractor. `within` returns the value that the handler returns. Pass the application's
    /// layer or a clone of it, with the same store and keys.
    ///
    /// # Errors
    ///
    /// Fails if the extractor rejects the request, or if the layer responds with its own error, for example because a
    /// session could not be saved.
    pub async fn within<'a, L, R, E, F, Fut, T>(&self, layer: &L, handler: F) -> Result<T, Error>
    where
        L: Layer<HandlerService<'a>>,
        L::Service: Service<Request<BrowserBody>, Response = Response<R>>,
        <L::Service as Service<Request<BrowserBody>>>::Error: Into<BoxError>,
        R: Body,
        R::Error: Into<BoxError>,
        E: FromRequestParts<()> + Send,
        F: FnOnce(E) -> Fut + Send + 'a,
        Fut: Future<Output = T> + Send,
        T: Send + 'a,
    {
        let (page, returned) = self.try_within(layer, handler).await?;
        let status = page.status();
        match returned {
            Some(returned) if status == StatusCode::OK => Ok(returned),
            Some(_) => Err(Error::new(
                ErrorKind::Browser,
                format!("the handler ran, but the layer responded with {status}: see the log for the reason"),
            )),
            None => Err(Error::new(
                ErrorKind::Browser,
                format!(
                    "the extractor rejected the request with {status}: check that this is the application's own layer"
                ),
            )),
        }
    }

    /// Like [`within`](Self::within), but also returns the response and the cookies that it set, even if the status is
    /// an error. The handler's value is `None` if the handler did not run, for example because the extractor rejected
    /// the request.
    ///
    /// ```
    /// use hardtack::{MemoryStore, Session, SessionLayer, User};
    /// use hardtack_jar::Browser;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sessions = SessionLayer::stored(MemoryStore::new());
    /// let jane = Browser::new(axum::Router::new());
    /// let (page, user) = jane.try_within(&sessions, async |user: User| user.id().to_owned()).await?;
    /// assert_eq!((page.status().as_u16(), user), (401, None));
    ///
    /// let (page, _) = jane.try_within(&sessions, async |session: Session| session.log_in("jane")).await?;
    /// assert!(page.set_cookies()[0].starts_with("__Host-session="));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the layer's service fails.
    pub async fn try_within<'a, L, R, E, F, Fut, T>(
        &self,
        layer: &L,
        handler: F,
    ) -> Result<(BrowserPage, Option<T>), Error>
    where
        L: Layer<HandlerService<'a>>,
        L::Service: Service<Request<BrowserBody>, Response = Response<R>>,
        <L::Service as Service<Request<BrowserBody>>>::Error: Into<BoxError>,
        R: Body,
        R::Error: Into<BoxError>,
        E: FromRequestParts<()> + Send,
        F: FnOnce(E) -> Fut + Send + 'a,
        Fut: Future<Output = T> + Send,
        T: Send + 'a,
    {
        let returned = Arc::new(Mutex::new(None));
        let service = layer.layer(HandlerService::new(handler, Arc::clone(&returned)));
        let browser = self.context();
        let url = self.shown().filter(|shown| shown.origin() == browser.origin.origin());
        let url = url.as_ref().unwrap_or(&browser.origin);
        let context = RequestContext::url(url)?;
        let mut request = Request::new(BrowserBody::default());
        *request.uri_mut() = context.path().parse().map_err(|error| {
            Error::new(ErrorKind::Browser, "the URL is not valid in a request").with_source(error)
        })?;
        browser.jar().put_header(&context, request.headers_mut(), browser.now());
        let response = call(service, request).await.map_err(|error| {
            Error::new(ErrorKind::Browser, "the layer's service failed").with_source(error)
        })?;
        let page = browser.receive(&context, url, response);
        let returned = returned.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok((page, returned))
    }
}

/// The service that [`Browser::within`] puts behind a layer. It handles one request.
#[derive(Clone)]
pub struct HandlerService<'a>(Arc<Mutex<Option<Handler<'a>>>>);

type Handler<'a> = Box<dyn FnOnce(Request<BrowserBody>) -> HandlerFuture<'a> + Send + 'a>;
type HandlerFuture<'a> = Pin<Box<dyn Future<Output = Result<Response<BrowserBody>, Infallible>> + Send + 'a>>;

impl<'a> HandlerService<'a> {
    fn new<E, F, Fut, T>(handler: F, returned: Arc<Mutex<Option<T>>>) -> Self
    where
        E: FromRequestParts<()> + Send,
        F: FnOnce(E) -> Fut + Send + 'a,
        Fut: Future<Output = T> + Send,
        T: Send + 'a,
    {
        let respond = async move |request: Request<BrowserBody>| {
            let (mut parts, _) = request.into_parts();
            let mut response = Response::new(BrowserBody::default());
            // Keep only the rejection's status, because the rejection itself may not be `Send`.
            let extracted = E::from_request_parts(&mut parts, &()).await;
            match extracted.map_err(|rejection| rejection.into_response().status()) {
                Ok(extracted) => {
                    let value = handler(extracted).await;
                    *returned.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
                }
                Err(status) => *response.status_mut() = status,
            }
            Ok(response)
        };
        Self(Arc::new(Mutex::new(Some(Box::new(move |request| Box::pin(respond(request)))))))
    }
}

impl<'a> Service<Request<BrowserBody>> for HandlerService<'a> {
    type Response = Response<BrowserBody>;
    type Error = Infallible;
    type Future = HandlerFuture<'a>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<BrowserBody>) -> HandlerFuture<'a> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(handler) => handler(request),
            None => {
                let mut response = Response::new(BrowserBody::default());
                *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
                Box::pin(ready(Ok(response)))
            }
        }
    }
}

impl std::fmt::Debug for HandlerService<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HandlerService").finish_non_exhaustive()
    }
}
