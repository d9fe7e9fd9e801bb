use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use hardtack::inspect::Observer;
use tower_layer::Layer;
use tower_service::Service;

use crate::access::{TokenSource, without_token};
use crate::exchanges::{RequestHead, ResponseHead};
use crate::inspector::Inspector;
use crate::pages::{PageQuery, PageRenderer, SCRIPT, STYLE, stream};
use crate::record::record_exchange;
use crate::state::SharedState;

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
    // The inspector is for development, so the cost of a boxed future for each request does not matter.
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if let Some(rest) = self.inspector.own_path(&request) {
            let response = respond(&self.inspector, &request, rest);
            return Box::pin(async move { Ok(response) });
        }
        let pending = PendingExchange::new(self.inspector.state().clone(), &request);
        request.extensions_mut().insert(pending.observer.clone());
        let response = self.inner.call(request);
        Box::pin(async move {
            let response = response.await?;
            pending.finish(response.status(), response.headers());
            Ok(response)
        })
    }
}

/// Answers a request for one of the inspector's pages. `path` is the part of the request's path after the inspector's
/// path.
fn respond(inspector: &Inspector, request: &Request, path: &str) -> Response {
    let access = inspector.peer_policy.check(request).and_then(|()| inspector.token.check(request));
    let mut response = match access {
        Ok(TokenSource::Cookie) => page(inspector, request, path.trim_matches('/')),
        Ok(TokenSource::Url) => move_token_to_cookie(inspector, request),
        Err(denied) => denied.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Headers that restrict what the inspector's pages can do in a browser, and which sites can embed or read them.
const SECURITY_HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'self'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

fn page(inspector: &Inspector, request: &Request, path: &str) -> Response {
    let (base, state, query) = (inspector.base(), inspector.state(), PageQuery::new(request));
    match path {
        "events" => stream(base, state, query),
        "inspect.css" => asset("text/css; charset=utf-8", STYLE),
        "inspect.js" => asset("text/javascript; charset=utf-8", SCRIPT),
        path => match (PageRenderer { base, state, query: &query }).render(path) {
            Ok(page) => Html(page).into_response(),
            Err(status) => status.into_response(),
        },
    }
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], Body::from(text)).into_response()
}

/// Returns a response that moves the token from the URL to a cookie.
fn move_token_to_cookie(inspector: &Inspector, request: &Request) -> Response {
    let mut response = Redirect::to(&without_token(request)).into_response();
    if let Some(cookie) = inspector.token.cookie(request, inspector.base()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A request in progress. If it is dropped before there is a response, the exchange is recorded without one.
struct PendingExchange {
    state: SharedState,
    head: RequestHead,
    observer: Observer,
    start: Instant,
    is_recorded: bool,
}

impl PendingExchange {
    fn new(state: SharedState, request: &Request) -> Self {
        let (head, observer) = (RequestHead::new(request), Observer::new());
        Self { state, head, observer, start: Instant::now(), is_recorded: false }
    }

    fn finish(mut self, status: StatusCode, headers: &HeaderMap) {
        self.record(Some(status), headers);
    }

    fn record(&mut self, status: Option<StatusCode>, headers: &HeaderMap) {
        self.is_recorded = true;
        let micros = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let response = ResponseHead { status, headers, traces: self.observer.traces(), micros };
        record_exchange(&mut self.state.lock(), &self.head, &response);
    }
}

impl Drop for PendingExchange {
    fn drop(&mut self) {
        if !self.is_recorded {
            self.record(None, &HeaderMap::new());
        }
    }
}
