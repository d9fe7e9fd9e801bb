use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::routing::get;
use tower::{Layer, Service, ServiceExt};

/// The headers that a browser sends in addition to cookies.
const HEADERS: [(&str, &str); 15] = [
    ("host", "shop.example.com"),
    ("sec-ch-ua", r#""Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140""#),
    ("sec-ch-ua-mobile", "?0"),
    ("sec-ch-ua-platform", "\"Linux\""),
    ("upgrade-insecure-requests", "1"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    ),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-user", "?1"),
    ("sec-fetch-dest", "document"),
    ("referer", "https://shop.example.com/products/hardtack"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "en-GB,en;q=0.9,de;q=0.8"),
    ("priority", "u=0, i"),
];

/// A logged-in session: 230 bytes of JSON.
pub const SESSION: &str = r#"{"_user_id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","cart":[{"id":1042,"n":2},{"id":2718,"n":1}],"csrf_token":"8f14e45fceea167a5a36dedd4bea2543d01a2b7c","locale":"en-GB","name":"Ada King, Countess of Lovelace","visits":10000000000}"#;

/// The key that is read.
pub const READ: &str = "name";

/// The key that is written. Each request writes a different number with the same number of digits.
pub const WRITTEN: &str = "visits";

/// Returns a function that requests `/` as a browser that has logged in at `/login`.
pub fn browse(router: Router) -> Box<dyn FnMut()> {
    // As in `axum::serve`, the handlers are converted to services once, instead of for each request.
    let mut router = router.with_state(());
    let login = answer(&mut router, request("/login", &browser(None)));
    let set_cookie =
        login.headers().get(header::SET_COOKIE).map(|set| set.to_str().expect("a cookie is ASCII"));
    let cookie = set_cookie.and_then(|set| set.split(';').next());
    let headers = browser(cookie);
    Box::new(move || {
        let response = answer(&mut router, request("/", &headers));
        assert_eq!(response.status(), StatusCode::OK);
    })
}

/// Serves a router without layers.
pub fn bare() -> Box<dyn FnMut()> {
    browse(Router::new().route("/login", get(ok)).route("/", get(ok)))
}

/// Serves a router with an empty layer, which costs axum one more boxed service.
pub fn empty_layer() -> Box<dyn FnMut()> {
    browse(Router::new().route("/login", get(ok)).route("/", get(ok)).layer(Empty))
}

pub async fn ok() -> &'static str {
    "ok"
}

/// Returns the next number to write.
pub fn next_number() -> i64 {
    static NUMBER: AtomicI64 = AtomicI64::new(10_000_000_001);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// Returns the headers of a browser with a few unrelated cookies, and optionally the session's cookie among them.
fn browser(session: Option<&str>) -> HeaderMap {
    let session = session.map(|session| format!(" {session};")).unwrap_or_default();
    let cookies = format!(
        "_ga=GA1.1.1482031337.1700000000; consent=analytics%3Dno%26ads%3Dno;{session} theme=dark; \
         cf_clearance=Vf8mYQk2J1zq0xw9o2xv7Qm3l5dG7rY1n4sT6uW8xZ0-1700000000-1.2.1.1"
    );
    let fixed = HEADERS.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let cookies = HeaderValue::try_from(cookies).expect("cookies are ASCII");
    fixed.into_iter().chain([(header::COOKIE, cookies)]).collect()
}

fn request(path: &'static str, headers: &HeaderMap) -> Request {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = Uri::from_static(path);
    *request.headers_mut() = headers.clone();
    request
}

fn answer(router: &mut Router, request: Request) -> axum::response::Response {
    let mut service = router.as_service();
    let mut ready = pin!(service.ready());
    let Poll::Ready(Ok(service)) = ready.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        unreachable!("a router is always ready");
    };
    let Ok(response) = complete(service.call(request));
    response
}

/// Polls a future until it is ready, without sleeping, because nothing here waits for a network or a timer.
fn complete<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// A layer that only forwards requests.
#[derive(Clone)]
struct Empty;

/// The service that [`Empty`] creates.
#[derive(Clone)]
struct HandOn<S>(S);

impl<S> Layer<S> for Empty {
    type Service = HandOn<S>;

    fn layer(&self, inner: S) -> HandOn<S> {
        HandOn(inner)
    }
}

impl<S: Service<Request>> Service<Request> for HandOn<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> S::Future {
        self.0.call(request)
    }
}
