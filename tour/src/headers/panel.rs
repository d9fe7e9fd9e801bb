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

use super::exchange::{Exchange, Head, session_after};

/// The placeholder for the headers in a page. Visitors cannot insert it, because templates escape `<`.
const PLACE: &str = "<!--wire-->";

/// The maximum length of a page. No page of the tour is longer.
const MAX_PAGE: usize = 4 << 20;

/// The limits on exchanges that ended in a redirect and are kept for the page to which it leads: their age and their
/// number.
const SOON: Duration = Duration::from_secs(5);
const MAX_WAITING: usize = 64;
const MAX_REDIRECTS: usize = 2;

/// A layer that inserts the headers that were sent for a page into that page.
///
/// It is the outermost layer, outside the session layer too, so that it shows what was actually sent.
#[derive(Clone)]
pub(crate) struct Wire {
    environment: Arc<Environment<'static>>,
    session_cookie: &'static str,
    /// A plain mutex, because the critical sections are short and never span an await.
    waiting: Arc<Mutex<VecDeque<Waiting>>>,
}

/// Exchanges that ended in a redirect, for the page that the same browser requests next.
struct Waiting {
    peer: SocketAddr,
    leads_to: String,
    session: Option<String>,
    since: Instant,
    exchanges: Vec<Exchange>,
}

impl Wire {
    pub(crate) fn new(
        environment: Arc<Environment<'static>>,
        session_cookie: &'static str,
    ) -> Self {
        Self { environment, session_cookie, waiting: Arc::default() }
    }

    /// Keeps exchanges for the page that they lead to. The same connection means the same browser, or a proxy for
    /// several browsers, so the session must match too.
    fn keep(
        &self,
        peer: SocketAddr,
        exchanges: Vec<Exchange>,
        leads_to: String,
        session: Option<String>,
    ) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|other| other.peer != peer && other.since.elapsed() < SOON);
        if waiting.len() >= MAX_WAITING {
            waiting.pop_front();
        }
        waiting.push_back(Waiting {
            peer,
            leads_to,
            session,
            since: Instant::now(),
            exchanges,
        });
    }

    /// Returns the exchanges that led to this request, if it followed soon enough.
    fn take(
        &self,
        peer: SocketAddr,
        path: &str,
        session: Option<&str>,
    ) -> Vec<Exchange> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = waiting.iter().position(|other| other.peer == peer) else {
            return Vec::new();
        };
        waiting
            .remove(at)
            .filter(|led| {
                led.leads_to == path
                    && led.session.as_deref() == session
                    && led.since.elapsed() < SOON
            })
            .map_or_else(Vec::new, |led| led.exchanges)
    }

    fn panel(&self, exchanges: &[Exchange]) -> String {
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

/// Serves a request, and shows its headers in the page.
pub(crate) async fn shown(
    State(wire): State<Wire>,
    request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get()
        .map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| *peer);
    let path =
        request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let asked = Head::of_request(&request);
    let (before, after) = session_after(request.headers(), wire.session_cookie);
    let led =
        peer.map_or_else(Vec::new, |peer| wire.take(peer, &path, before.as_deref()));

    let mut response = next.run(request).await;
    // A page that shows one exchange must not be reused for another. The session layer's `private` only prevents
    // sharing it.
    let own = response.headers().get(header::CACHE_CONTROL);
    if is_page(&response) && own.is_none_or(|own| own == "private") {
        response.headers_mut().insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
    }
    let session = after(response.headers());
    let leads_to = response
        .headers()
        .get(header::LOCATION)
        .and_then(|to| to.to_str().ok())
        // Browsers do not send the fragment.
        .and_then(|to| to.split('#').next())
        .map(str::to_owned);
    let exchange = Exchange { asked, answered: Head::of_response(&response) };
    let exchanges: Vec<_> =
        led.into_iter().take(MAX_REDIRECTS).chain([exchange]).collect();
    match (peer, leads_to) {
        (Some(peer), Some(leads_to)) if response.status().is_redirection() => {
            wire.keep(peer, exchanges, leads_to, session);
            response
        }
        _ if is_page(&response) => with_panel(response, &wire, &exchanges).await,
        _ => response,
    }
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

async fn with_panel(
    response: Response,
    wire: &Wire,
    exchanges: &[Exchange],
) -> Response {
    let (mut parts, body) = response.into_parts();
    // Also applies to a response to HEAD, which has no body to insert anything into.
    parts.headers.remove(header::CONTENT_LENGTH);
    let Ok(page) = to_bytes(body, MAX_PAGE).await.map(Vec::from) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let Ok(page) = String::from_utf8(page) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let Some((before, behind)) = page.split_once(PLACE) else {
        return Response::from_parts(parts, Body::from(page));
    };
    let page = [before, &wire.panel(exchanges), behind].concat();
    Response::from_parts(parts, Body::from(page))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire() -> Wire {
        Wire::new(Arc::default(), "session")
    }

    fn peer(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    #[test]
    fn what_led_to_a_page_is_shown_there_once_and_nowhere_else() {
        let exchange = || vec![Exchange::default()];
        let wire = wire();
        wire.keep(peer(1), exchange(), "/home".to_owned(), Some("a".to_owned()));
        assert_eq!(
            wire.take(peer(2), "/home", Some("a")).len(),
            0,
            "another connection"
        );
        assert_eq!(wire.take(peer(1), "/home", Some("a")).len(), 1);
        assert_eq!(
            wire.take(peer(1), "/home", Some("a")).len(),
            0,
            "it has been shown"
        );
        wire.keep(peer(1), exchange(), "/home".to_owned(), Some("a".to_owned()));
        assert_eq!(wire.take(peer(1), "/home", Some("b")).len(), 0, "another visitor");
        wire.keep(peer(1), exchange(), "/home".to_owned(), None);
        assert_eq!(wire.take(peer(1), "/", None).len(), 0, "another page");
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let wire = wire();
        for port in 0..200 {
            wire.keep(peer(port), Vec::new(), "/".to_owned(), None);
        }
        assert_eq!(wire.waiting.lock().unwrap().len(), MAX_WAITING);
    }
}
