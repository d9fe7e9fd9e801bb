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

use crate::asked::Asked;
use crate::inspector::Inspector;
use crate::pages;
use crate::record::Answered;

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
            let answer = pages::answer(&self.inspector, &request, rest);
            return Box::pin(async move { Ok(answer) });
        }
        let watching = Watching::new(self.inspector.clone(), &request);
        request.extensions_mut().insert(watching.observer.clone());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = answer.await?;
            watching.answered(response.status(), response.headers());
            Ok(response)
        })
    }
}

/// A request in progress. Dropping it without a response records a request that was not answered.
struct Watching {
    inspector: Inspector,
    asked: Asked,
    observer: Observer,
    since: Instant,
    is_noted: bool,
}

impl Watching {
    fn new(inspector: Inspector, request: &Request) -> Self {
        let (asked, observer) = (Asked::of(request), Observer::new());
        Self { inspector, asked, observer, since: Instant::now(), is_noted: false }
    }

    fn answered(mut self, status: StatusCode, headers: &HeaderMap) {
        self.note(Some(status), headers);
    }

    fn note(&mut self, status: Option<StatusCode>, headers: &HeaderMap) {
        self.is_noted = true;
        let micros = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        let answered = Answered { status, headers, traces: self.observer.traces(), micros };
        self.inspector.note(&self.asked, &answered);
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        if !self.is_noted {
            self.note(None, &HeaderMap::new());
        }
    }
}
