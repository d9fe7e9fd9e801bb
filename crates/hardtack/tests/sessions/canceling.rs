//! Requests that get no response because they were canceled, their handler panicked, or the client disconnected. Each
//! case in the documentation of `ResponseFuture` has one test.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::{any, get};
use hardtack::protocol::{Owner, Purpose};
use hardtack::{BackendSettings, MemoryStore, Metrics, Session, SessionLayer, SessionStore};
use hardtack_jar::Browser;
use http::{Request, Response, StatusCode};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::observed;
use crate::support::{Spy, Visits, browser, keys, kinds, session_cookie};

/// How a request ends without a response from the session layer.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// The request's future is dropped.
    Dropped,
    /// A `TimeoutLayer` outside the session layer cancels the request.
    TimedOut,
    /// The handler panics, and a `CatchPanicLayer` outside the session layer catches the panic.
    Panicked,
    /// The client closes the connection.
    Disconnected,
}

const WAYS: [Way; 4] = [Way::Dropped, Way::TimedOut, Way::Panicked, Way::Disconnected];

const NEVER: Duration = Duration::from_secs(3600);

/// Signals when the future that owns it is dropped.
struct Gone(Arc<Notify>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Sends a browser's request whose handler changes the session and never responds.
async fn cut_off(
    way: Way,
    layer: &SessionLayer<impl BackendSettings>,
    browser: &Browser,
    mutation: fn(&Session),
) {
    let (reached, gone) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let signals = (Arc::clone(&reached), Arc::clone(&gone));
    let handler = move |session: Session| {
        let (reached, gone) = signals.clone();
        async move {
            let _gone = Gone(gone);
            mutation(&session);
            reached.notify_one();
            assert_ne!(way, Way::Panicked, "as the test wants");
            pending::<()>().await;
        }
    };
    let app = Router::new().route("/", any(handler)).layer(layer.clone());
    let cookie = session_cookie(browser).unwrap_or_default();
    let cookie = format!("__Host-session={cookie}");
    let request = Request::get("/").header("cookie", &cookie).body(Body::empty()).unwrap();
    match way {
        Way::Dropped => tokio::select! {
            _ = app.oneshot(request) => unreachable!("the handler never answers"),
            () = reached.notified() => {}
        },
        Way::TimedOut => {
            tokio::time::pause();
            let app = app.layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, NEVER));
            assert_eq!(app.oneshot(request).await.unwrap().status(), StatusCode::REQUEST_TIMEOUT);
            tokio::time::resume();
        }
        Way::Panicked => {
            let response = app.layer(CatchPanicLayer::new()).oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        }
        Way::Disconnected => {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = tokio::spawn(async move { axum::serve(listener, app).await });
            let mut client = TcpStream::connect(address).await.unwrap();
            let text = format!("GET / HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n");
            client.write_all(text.as_bytes()).await.unwrap();
            reached.notified().await;
            drop(client);
            gone.notified().await;
            server.abort();
        }
    }
}

fn panics() {
    panic!("as the test wants");
}

/// Waits until background work has made a condition true.
async fn until(what: impl Fn() -> bool) {
    let done = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(300), done).await.expect("it is done within minutes");
}

async fn user(layer: &SessionLayer<impl BackendSettings>, browser: &Browser) -> Option<String> {
    browser.thief().visit(layer, |session| async move { session.user() }).await.value.unwrap()
}

async fn keys_of(layer: &SessionLayer<impl BackendSettings>, browser: &Browser) -> Vec<String> {
    browser.thief().visit(layer, |session| async move { session.keys() }).await.value.unwrap()
}

/// Returns a browser in which Jane is logged in.
async fn jane(layer: &SessionLayer<impl BackendSettings>) -> Browser {
    let browser = browser();
    browser.visit(layer, |session| async move { session.log_in("jane") }).await;
    browser
}

/// Returns what a canceled request added to the counters: abandoned requests, lost logouts, and ended sessions.
fn added(before: Metrics, layer: &SessionLayer<impl BackendSettings>) -> (u64, u64, u64) {
    let after = layer.metrics();
    assert_eq!(before.written, after.written, "nothing is written");
    assert_eq!(before.created, after.created, "nothing begins");
    (after.abandoned - before.abandoned, after.lost_logouts - before.lost_logouts, after.ended - before.ended)
}

/// Cancels a request by Jane, for each kind of session and each way. Checks what the request adds to the counters if
/// the session is in its cookie and if it is stored, who is logged in afterward in each case, and that nothing else has
/// changed.
async fn row(
    mutation: fn(&Session),
    in_cookie: (u64, u64, u64),
    stored: (u64, u64, u64),
    users: [Option<&str>; 2],
) {
    for way in WAYS {
        for (kind, layer) in kinds() {
            let browser = jane(&layer).await;
            let before = layer.metrics();
            cut_off(way, &layer, &browser, mutation).await;
            let (expected, user_after) =
                if kind == "stored" { (stored, users[1]) } else { (in_cookie, users[0]) };
            until(|| layer.metrics().ended - before.ended == expected.2).await;
            assert_eq!(added(before, &layer), expected, "{kind} {way:?}");
            assert_eq!(user(&layer, &browser).await.as_deref(), user_after, "{kind} {way:?}");
            let keys = keys_of(&layer, &browser).await;
            assert_eq!(keys, if user_after.is_some() { vec!["_user_id"] } else { vec![] }, "{kind} {way:?}");
        }
    }
}

#[tokio::test]
async fn a_canceled_request_that_only_read_does_nothing() {
    row(|session| drop(session.user()), (0, 0, 0), (0, 0, 0), [Some("jane"); 2]).await;
}

#[tokio::test]
async fn changes_of_a_canceled_request_are_not_saved_and_counted() {
    row(|session| session.insert("a", 1), (1, 0, 0), (1, 0, 0), [Some("jane"); 2]).await;
    row(Session::clear, (1, 0, 0), (1, 0, 0), [Some("jane"); 2]).await;
}

#[tokio::test]
async fn a_canceled_renewal_leaves_the_id_as_it_is() {
    row(Session::renew, (1, 0, 0), (1, 0, 0), [Some("jane"); 2]).await;
}

#[tokio::test]
async fn n2_a_canceled_logout_is_finished_in_the_background_or_reported() {
    row(Session::log_out, (0, 1, 0), (0, 0, 1), [Some("jane"), None]).await;
    row(Session::destroy, (0, 1, 0), (0, 0, 1), [Some("jane"), None]).await;
}

#[tokio::test]
async fn what_is_written_after_a_canceled_logout_is_not_saved_and_counted() {
    let mutation = |session: &Session| {
        session.log_out();
        session.flash("Goodbye");
    };
    row(mutation, (1, 1, 0), (1, 0, 1), [Some("jane"), None]).await;
}

#[tokio::test]
async fn a_canceled_login_as_the_same_user_leaves_the_session_as_it_was() {
    row(|session| session.log_in("jane"), (1, 0, 0), (1, 0, 0), [Some("jane"); 2]).await;
}

#[tokio::test]
async fn a_canceled_login_as_another_user_ends_the_session_of_the_one_before() {
    row(|session| session.log_in("joe"), (1, 1, 0), (1, 0, 1), [Some("jane"), None]).await;
}

#[tokio::test]
async fn a_canceled_login_of_a_guest_leaves_no_session_and_keeps_the_guests() {
    for way in WAYS {
        for (kind, layer) in kinds() {
            let browser = browser();
            cut_off(way, &layer, &browser, |session| session.log_in("jane")).await;
            assert_eq!(added(Metrics::default(), &layer), (1, 0, 0), "{kind} {way:?}");
            browser.visit(&layer, |session| async move { session.insert("cart", 1) }).await;
            cut_off(way, &layer, &browser, |session| session.log_in("jane")).await;
            assert_eq!(layer.metrics().abandoned, 2, "{kind} {way:?}");
            assert_eq!(keys_of(&layer, &browser).await, ["cart"], "{kind} {way:?}");
        }
    }
}

#[tokio::test]
async fn a_canceled_request_without_a_session_does_nothing() {
    for (kind, layer) in kinds() {
        let browser = jane(&layer).await;
        let before = layer.metrics();
        let app = Router::new().route("/", get(async || pending::<()>().await)).layer(layer.clone());
        let app = app.layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, NEVER));
        tokio::time::pause();
        let response = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
        tokio::time::resume();
        assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(layer.metrics(), before, "{kind}");
        assert_eq!(user(&layer, &browser).await.as_deref(), Some("jane"), "{kind}");
    }
}

#[tokio::test]
async fn a_service_that_fails_is_as_a_canceled_request() {
    let layer = observed::stored(MemoryStore::new());
    let browser = jane(&layer).await;
    let failing = layer.layer(service_fn(|request: Request<()>| async move {
        let session: Session = Session::open(request.extensions(), request.headers()).await.unwrap();
        session.log_out();
        Err::<Response<()>, _>("broken")
    }));
    let cookie = format!("__Host-session={}", session_cookie(&browser).unwrap());
    let request = Request::get("/").header("cookie", cookie).body(()).unwrap();
    assert!(failing.oneshot(request).await.is_err());
    until(|| layer.metrics().ended == 1).await;
    assert_eq!(user(&layer, &browser).await, None);
}

#[tokio::test]
async fn a_write_after_a_canceled_request_is_late() {
    static KEPT: Mutex<Option<Session>> = Mutex::new(None);
    for (kind, layer) in kinds() {
        let browser = jane(&layer).await;
        cut_off(Way::Dropped, &layer, &browser, |session| *KEPT.lock().unwrap() = Some(session.clone()))
            .await;
        let session = KEPT.lock().unwrap().take().unwrap();
        session.insert("a", 1);
        session.log_out();
        assert!(session.save().await.is_err(), "{kind}");
        assert_eq!(layer.metrics().late, 3, "{kind}");
        assert_eq!(keys_of(&layer, &browser).await, ["_user_id"], "{kind}");
    }
}

/// Cancels a request while its session is being written, by an early save or at the end of the request. Then releases
/// the store.
async fn cut_off_in_the_store(
    spy: &Spy,
    layer: &SessionLayer<impl BackendSettings>,
    browser: &Browser,
    mutation: fn(&Session),
    early: bool,
) {
    let work = move |session: Session| async move {
        mutation(&session);
        if early {
            let _ = session.save().await;
        }
    };
    spy.hold();
    let tab = browser.thief();
    tokio::select! {
        _ = tab.visit(layer, work) => unreachable!("the store is held"),
        () = spy.holds_one() => {}
    }
    spy.release();
}

#[tokio::test]
async fn a_commit_under_way_is_finished_in_the_background() {
    for early in [false, true] {
        let spy = Spy::default();
        let layer = observed::stored(spy.clone());
        let browser = jane(&layer).await;
        cut_off_in_the_store(&spy, &layer, &browser, |session| session.insert("a", 1), early).await;
        until(|| layer.metrics().written == 1).await;
        assert_eq!(keys_of(&layer, &browser).await, ["_user_id", "a"], "{early}");
        assert_eq!(layer.metrics().abandoned, 0, "{early}");
    }
}

#[tokio::test]
async fn a_logout_under_way_is_finished_in_the_background() {
    for early in [false, true] {
        let spy = Spy::default();
        let layer = observed::stored(spy.clone());
        let browser = jane(&layer).await;
        cut_off_in_the_store(&spy, &layer, &browser, |session| session.log_out(), early).await;
        until(|| layer.metrics().ended == 1).await;
        assert_eq!(user(&layer, &browser).await, None, "{early}");
        assert_eq!(layer.metrics().lost_logouts, 0, "{early}");
    }
}

#[tokio::test]
async fn a_login_under_way_is_finished_and_its_session_ended_again() {
    for early in [false, true] {
        let spy = Spy::default();
        let layer = observed::stored(spy.clone());
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("cart", 1) }).await;
        cut_off_in_the_store(&spy, &layer, &browser, |session| session.log_in("jane"), early).await;
        until(|| layer.metrics().abandoned == 1).await;
        assert!(
            spy.owned_by(&Purpose::default(), &Owner::new("jane"), None, 10).await.unwrap().is_empty(),
            "{early}"
        );
        // The guest's id no longer works, as after every login.
        assert!(keys_of(&layer, &browser).await.is_empty(), "{early}");
    }
}

#[tokio::test]
async fn a_new_session_under_way_is_ended_again() {
    let spy = Spy::default();
    let layer = observed::stored(spy.clone());
    cut_off_in_the_store(&spy, &layer, &browser(), |session| session.insert("a", 1), false).await;
    until(|| layer.metrics().abandoned == 1).await;
    assert_eq!(layer.metrics().created, 1);
}

#[tokio::test]
async fn what_was_saved_early_is_kept() {
    let layer = observed::stored(MemoryStore::new());
    let browser = jane(&layer).await;
    let work = async |session: Session| {
        session.insert("a", 1);
        session.save().await.unwrap();
        session.insert("b", 1);
        panics();
    };
    let app = Router::new().route("/", get(work)).layer(layer.clone()).layer(CatchPanicLayer::new());
    let cookie = format!("__Host-session={}", session_cookie(&browser).unwrap());
    let request = Request::get("/").header("cookie", cookie).body(Body::empty()).unwrap();
    assert_eq!(app.oneshot(request).await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(keys_of(&layer, &browser).await, ["_user_id", "a"]);
    assert_eq!(layer.metrics().abandoned, 1);
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<()>, Infallible>>>>;

#[test]
fn without_a_runtime_a_lost_logout_is_reported() {
    let layer = observed::stored(MemoryStore::new());
    let poll = |answer: &mut Answer| answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    let mut logs_in = layer.layer(service_fn(|request: Request<()>| async move {
        let session: Session = Session::open(request.extensions(), request.headers()).await.unwrap();
        session.log_in("jane");
        Ok(Response::new(()))
    }));
    let mut answer: Answer = Box::pin(logs_in.call(Request::new(())));
    let Poll::Ready(Ok(response)) = poll(&mut answer) else { panic!("a store in memory does not wait") };
    let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let mut logs_out = layer.layer(service_fn(|request: Request<()>| async move {
        let session: Session = Session::open(request.extensions(), request.headers()).await.unwrap();
        session.log_out();
        pending().await
    }));
    let mut answer: Answer =
        Box::pin(logs_out.call(Request::get("/").header("cookie", cookie).body(()).unwrap()));
    assert!(poll(&mut answer).is_pending());
    drop(answer);
    assert_eq!((layer.metrics().lost_logouts, layer.metrics().ended), (1, 0));
}

#[test]
fn a_runtime_that_shuts_down_before_a_logout_is_done_reports_it() {
    let spy = Spy::default();
    let layer = observed::stored(spy.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let browser = jane(&layer).await;
        spy.hold();
        cut_off(Way::Dropped, &layer, &browser, Session::log_out).await;
        spy.holds_one().await;
    });
    drop(runtime);
    assert_eq!((layer.metrics().lost_logouts, layer.metrics().ended), (1, 0));
}

#[tokio::test]
async fn a_store_that_fails_a_logout_in_the_background_is_reported() {
    let spy = Spy::default();
    let layer = observed::stored(spy.clone());
    let browser = jane(&layer).await;
    // The logout moves to the background, and runs at the next await after this call.
    cut_off(Way::Dropped, &layer, &browser, Session::log_out).await;
    spy.break_down(true);
    until(|| layer.metrics().lost_logouts == 1).await;
    assert_eq!((layer.metrics().failed, layer.metrics().ended), (1, 0));
}

/// The change that a handler makes, and whether it is a logout.
type Mutation = (fn(&Session), bool);

/// If a layer inside the session layer cancels a request or catches a panic, the session layer still gets a response.
#[tokio::test]
async fn half_of_a_handler_is_not_saved_under_a_408_or_a_500_but_its_logout_is() {
    for (kind, layer) in kinds() {
        let mutations: [Mutation; 2] = [(Session::log_out, true), (|session| session.insert("a", 1), false)];
        for (mutation, is_logout) in mutations {
            let hangs = move |session: Session| async move {
                mutation(&session);
                pending::<()>().await;
            };
            let panics = move |session: Session| async move {
                mutation(&session);
                self::panics();
            };
            let timeout = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, NEVER);
            let app: Router = Router::new()
                .route("/hangs", get(hangs))
                .layer(timeout)
                .merge(Router::new().route("/panics", get(panics)).layer(CatchPanicLayer::new()))
                .layer(layer.clone());
            for path in ["/hangs", "/panics"] {
                let browser = jane(&layer).await;
                let cookie = format!("__Host-session={}", session_cookie(&browser).unwrap());
                let request = Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap();
                tokio::time::pause();
                let response = app.clone().oneshot(request).await.unwrap();
                tokio::time::resume();
                let ended = response
                    .headers()
                    .get("set-cookie")
                    .is_some_and(|set| set.to_str().unwrap().contains("Max-Age=0"));
                assert_eq!(ended, is_logout, "{kind} {path}");
                if !ended {
                    assert_eq!(keys_of(&layer, &browser).await, ["_user_id"], "{kind} {path}");
                } else if kind == "stored" {
                    assert_eq!(user(&layer, &browser).await, None, "{path}");
                }
            }
        }
    }
}

#[tokio::test]
async fn flask_saves_under_a_408() {
    let layer = observed::signed(keys()).like_flask();
    let hangs = async |session: Session| {
        session.insert("a", 1);
        pending::<()>().await;
    };
    let timeout = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, NEVER);
    let app: Router = Router::new().route("/", get(hangs)).layer(timeout).layer(layer);
    tokio::time::pause();
    let response = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    assert!(response.headers().contains_key("set-cookie"));
}
