use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::browser_body::{BoxError, BrowserBody, collect};

pub(super) type ResponseFuture = Pin<Box<dyn Future<Output = Result<Response<Bytes>, BoxError>> + Send>>;

/// A client that sends requests to the application.
pub(super) trait HttpClient: Send + Sync {
    fn send(&self, request: Request<BrowserBody>) -> ResponseFuture;
}

/// A client of a service in this process.
pub(super) struct InProcessClient<S>(
    /// A mutex, because many services are not `Sync`. The lock is held only while the service is cloned.
    Mutex<S>,
);

impl<S> InProcessClient<S> {
    pub(super) fn new(service: S) -> Self {
        Self(Mutex::new(service))
    }
}

impl<S, B> HttpClient for InProcessClient<S>
where
    S: Service<Request<BrowserBody>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    fn send(&self, request: Request<BrowserBody>) -> ResponseFuture {
        let service = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(call(service, request))
    }
}

pub(super) async fn call<S, B>(
    mut service: S,
    request: Request<BrowserBody>,
) -> Result<Response<Bytes>, BoxError>
where
    S: Service<Request<BrowserBody>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body,
    B::Error: Into<BoxError>,
{
    poll_fn(|context| service.poll_ready(context)).await.map_err(Into::into)?;
    let (parts, body) = service.call(request).await.map_err(Into::into)?.into_parts();
    Ok(Response::from_parts(parts, collect(body).await?))
}

/// A client of a server on a network.
#[cfg(feature = "reqwest013")]
pub(super) struct NetworkClient(pub(super) reqwest::Client);

#[cfg(feature = "reqwest013")]
impl HttpClient for NetworkClient {
    fn send(&self, request: Request<BrowserBody>) -> ResponseFuture {
        let client = self.0.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let outgoing = client
                .request(parts.method, parts.uri.to_string())
                .headers(parts.headers)
                .body(body.into_bytes());
            let mut incoming = outgoing.send().await?;
            let mut response = Response::new(());
            *response.status_mut() = incoming.status();
            *response.headers_mut() = std::mem::take(incoming.headers_mut());
            let (parts, ()) = response.into_parts();
            Ok(Response::from_parts(parts, incoming.bytes().await?))
        })
    }
}
