use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::{Environment, Value};

use super::exchange::{Exchange, MessageHead, session_before_and_after};

/// The placeholder for the headers in a page. Visitors cannot insert it, because templates escape `<`.
const PLACEHOLDER: &str = "<!--headers-->";

/// The maximum length of a page. No page of the tour is longer.
const MAX_PAGE_BYTES: usize = 4 << 20;

/// The limits on the exchanges that are kept after a redirect until the browser requests the next page: their maximum
/// age, and the maximum numbers of browsers and of consecutive redirects.
const MAX_REDIRECT_AGE: Duration = Duration::from_secs(5);
const MAX_PENDING: usize = 64;
const MAX_REDIRECTS: usize = 2;

/// The state of [`show_headers`], which inserts the headers of a page's request and response into the page.
///
/// This middleware is the outermost layer. It is also outside the session layer, so that it shows the headers that were
/// actually sent.
#[derive(Clone)]
pub(crate) struct HeaderPanel {
    environment: Arc<Environment<'static>>,
    session_cookie: &'static str,
    /// A mutex from the standard library, because the critical sections are short and contain no `await`.
    pending: Arc<Mutex<VecDeque<PendingExchanges>>>,
}

/// Exchanges that ended in a redirect. They are kept for the page that the same browser requests next.
struct PendingExchanges {
    peer: SocketAddr,
    target: String,
    session: Option<String>,
    since: Instant,
    exchanges: Vec<Exchange>,
}

impl HeaderPanel {
    pub(crate) fn new(
        environment: Arc<Environment<'static>>,
        session_cookie: &'static str,
    ) -> Self {
        Self { environment, session_cookie, pending: Arc::default() }
    }

    /// Keeps exchanges for the page to which they redirect. Requests over the same connection come from the same
    /// browser, or from a proxy for several browsers, so the session must match too.
    fn keep(
        &self,
        peer: SocketAddr,
        exchanges: Vec<Exchange>,
        target: String,
        session: Option<String>,
    ) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|other| {
            other.peer != peer && other.since.elapsed() < MAX_REDIRECT_AGE
        });
        if pending.len() >= MAX_PENDING {
            pending.pop_front();
        }
        pending.push_back(PendingExchanges {
            peer,
            target,
            session,
            since: Instant::now(),
            exchanges,
        });
    }

    /// Removes and returns the exchanges that led to this request, if they are recent enough.
    fn take(
        &self,
        peer: SocketAddr,
        path: &str,
        session: Option<&str>,
    ) -> Vec<Exchange> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = pending.iter().position(|other| other.peer == peer) else {
            return Vec::new();
        };
        pending
            .remove(at)
            .filter(|pending| {
                pending.target == path
                    && pending.session.as_deref() == session
                    && pending.since.elapsed() < MAX_REDIRECT_AGE
            })
            .map_or_else(Vec::new, |pending| pending.exchanges)
    }

    fn render(&self, exchanges: &[Exchange]) -> String {
        let exchanges: Value = exchanges.iter().map(Exchange::to_template).collect();
        let rendered = self
            .environment
            .get_template("exchanges.html")
            .and_then(|template| template.render(context! { exchanges }));
        rendered.unwrap_or_else(|error| {
            tracing::error!(%error, "the headers of a page cannot be shown");
            String::new()
        })
    }
}

/// Serves a request, and inserts the headers of the request and the response into the page.
pub(crate) async fn show_headers(
    State(panel): State<HeaderPanel>,
    request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get()
        .map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| *peer);
    let path =
        request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let request_head = MessageHead::of_request(&request);
    let (before, after) =
        session_before_and_after(request.headers(), panel.session_cookie);
    let earlier =
        peer.map_or_else(Vec::new, |peer| panel.take(peer, &path, before.as_deref()));

    let mut response = next.run(request).await;
    // A page shows its own exchange, so a cache must not reuse it for another exchange. The session layer's `private`
    // only prevents shared caches from storing the page.
    let caching = response.headers().get(header::CACHE_CONTROL);
    if is_page(&response) && caching.is_none_or(|caching| caching == "private") {
        response.headers_mut().insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
    }
    let session = after(response.headers());
    let target = response
        .headers()
        .get(header::LOCATION)
        .and_then(|to| to.to_str().ok())
        // Browsers do not send the fragment.
        .and_then(|to| to.split('#').next())
        .map(str::to_owned);
    let exchange = Exchange {
        request: request_head,
        response: MessageHead::of_response(&response),
    };
    let exchanges: Vec<_> =
        earlier.into_iter().take(MAX_REDIRECTS).chain([exchange]).collect();
    match (peer, target) {
        (Some(peer), Some(target)) if response.status().is_redirection() => {
            panel.keep(peer, exchanges, target, session);
            response
        }
        _ if is_page(&response) => insert_panel(response, &panel, &exchanges).await,
        _ => response,
    }
}

fn is_page(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

async fn insert_panel(
    response: Response,
    panel: &HeaderPanel,
    exchanges: &[Exchange],
) -> Response {
    let (mut parts, body) = response.into_parts();
    // The length is also removed from a response to HEAD, although its body is empty and nothing is inserted.
    parts.headers.remove(header::CONTENT_LENGTH);
    let Ok(page) = to_bytes(body, MAX_PAGE_BYTES).await.map(Vec::from) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let Ok(page) = String::from_utf8(page) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let Some((before, after)) = page.split_once(PLACEHOLDER) else {
        return Response::from_parts(parts, Body::from(page));
    };
    let page = [before, &panel.render(exchanges), after].concat();
    Response::from_parts(parts, Body::from(page))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel() -> HeaderPanel {
        HeaderPanel::new(Arc::default(), "session")
    }

    fn peer(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    #[test]
    fn exchanges_that_led_to_a_page_are_shown_there_once_and_nowhere_else() {
        let exchange = || vec![Exchange::default()];
        let panel = panel();
        panel.keep(peer(1), exchange(), "/home".to_owned(), Some("a".to_owned()));
        assert_eq!(
            panel.take(peer(2), "/home", Some("a")).len(),
            0,
            "another connection"
        );
        assert_eq!(panel.take(peer(1), "/home", Some("a")).len(), 1);
        assert_eq!(
            panel.take(peer(1), "/home", Some("a")).len(),
            0,
            "it has been shown"
        );
        panel.keep(peer(1), exchange(), "/home".to_owned(), Some("a".to_owned()));
        assert_eq!(panel.take(peer(1), "/home", Some("b")).len(), 0, "another visitor");
        panel.keep(peer(1), exchange(), "/home".to_owned(), None);
        assert_eq!(panel.take(peer(1), "/", None).len(), 0, "another page");
    }

    #[test]
    fn at_most_max_pending_are_kept() {
        let panel = panel();
        for port in 0..200 {
            panel.keep(peer(port), Vec::new(), "/".to_owned(), None);
        }
        assert_eq!(panel.pending.lock().unwrap().len(), MAX_PENDING);
    }
}
