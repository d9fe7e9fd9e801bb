use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hardtack::inspect::Observer;
use tower_layer::Layer;
use tower_service::Service;

use crate::inspector::Inspector;
use crate::inspector_state::ResponseHead;
use crate::pages;
use crate::request_head::RequestHead;

/// The service that the [`Inspector`] layer creates.
#[derive(Debug, Clone)]
pub struct InspectorService<S> {
    inner: S,
    inspector: Inspector,
}

impl<S> Layer<S> for Inspector {
    type Service = InspectorService<S>;

    fn layer(&self, inner: S) -> InspectorService<S> {
        self.log_address();
        InspectorService { inner, inspector: self.clone() }
    }
}

impl<S> Service<Request> for InspectorService<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response;
    type Error = S::Error;
    // The inspector is for development, so the cost of a box for each request does not matter.
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if let Some(rest) = self.inspector.own_path(&request) {
            let response = pages::respond(&self.inspector, &request, rest);
            return Box::pin(async move { Ok(response) });
        }
        let pending = PendingExchange::new(self.inspector.clone(), &request);
        request.extensions_mut().insert(pending.observer.clone());
        let response = self.inner.call(request);
        Box::pin(async move {
            let response = response.await?;
            pending.finish(response.status(), response.headers());
            Ok(response)
        })
    }
}

/// A request in progress. Dropping it without a response records that there was none.
struct PendingExchange {
    inspector: Inspector,
    head: RequestHead,
    observer: Observer,
    start: Instant,
    is_recorded: bool,
}

impl PendingExchange {
    fn new(inspector: Inspector, request: &Request) -> Self {
        let (head, observer) = (RequestHead::new(request), Observer::new());
        Self { inspector, head, observer, start: Instant::now(), is_recorded: false }
    }

    fn finish(mut self, status: StatusCode, headers: &HeaderMap) {
        self.record(Some(status), headers);
    }

    fn record(&mut self, status: Option<StatusCode>, headers: &HeaderMap) {
        self.is_recorded = true;
        let micros = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let response = ResponseHead { status, headers, traces: self.observer.traces(), micros };
        self.inspector.record(&self.head, &response);
    }
}

impl Drop for PendingExchange {
    fn drop(&mut self) {
        if !self.is_recorded {
            self.record(None, &HeaderMap::new());
        }
    }
}
