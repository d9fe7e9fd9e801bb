use axum::Router;
use axum::http::header;
use axum::routing::get;
use hardtack::protocol::{Purpose, SessionId};
use hardtack::store::Swap;
use hardtack::{
    AnyBackend, BackendSettings, Compression, Key, KeyRing, MemoryStore, Session, SessionLayer, SessionStore,
    SetCookie,
};
use hardtack_inspect::{Exchange, Inspector, Level};
use hardtack_jar::Severity;

use crate::browser::Browser;
use crate::wire::TOKEN;

const NAME: &str = "__Host-session";

fn keys(secret: &str) -> KeyRing {
    KeyRing::new(Key::new(secret).unwrap())
}

const NEW: &str = "the secret of this summer, long enough";
const OLD: &str = "the secret of last summer, long enough";

fn app(layer: SessionLayer<impl BackendSettings>, inspector: &Inspector) -> Router {
    Router::new()
        .route("/write", get(|session: Session| async move { session.insert("n", 42) }))
        .route(
            "/read",
            get(|session: Session| async move { session.get::<i64>("n").unwrap_or(0).to_string() }),
        )
        .route("/in", get(|session: Session| async move { session.log_in("jane") }))
        .route("/out", get(|session: Session| async move { session.log_out() }))
        .route("/renew", get(|session: Session| async move { session.renew() }))
        .route("/large", get(|session: Session| async move { session.insert("large", "x".repeat(2_800)) }))
        .route(
            "/fail",
            get(|session: Session| async move {
                session.insert("lost", 1);
                axum::http::StatusCode::INTERNAL_SERVER_ERROR
            }),
        )
        .route("/plain", get(|| async { SetCookie::new("fav_color", "blue") }))
        .route("/ignore", get(|| async {}))
        .layer(layer)
        .layer(inspector.clone())
}

fn last(inspector: &Inspector) -> Exchange {
    (*inspector.exchanges(None)[0]).clone()
}

/// Returns the verdict on a received cookie, and the summary of the session.
fn verdict_and_summary(exchange: &Exchange, cookie: &str) -> (&'static str, String) {
    let received = exchange.received.iter().find(|received| received.name == cookie).unwrap();
    let summary = exchange.sessions.first().and_then(|session| session.summary.clone()).unwrap_or_default();
    (received.verdict.short, summary)
}

#[tokio::test]
async fn stored_session_cookie_gets_a_verdict() {
    let inspector = Inspector::new().token(TOKEN);
    let app = app(SessionLayer::stored(MemoryStore::new()), &inspector);
    let mut browser = Browser::new(&app);
    browser.get("/write").await;
    assert_eq!(last(&inspector).sessions[0].summary.as_deref(), Some("Session created."));
    browser.get("/read").await;
    assert_eq!(verdict_and_summary(&last(&inspector), NAME), ("known", "Read, not written.".to_owned()));
    browser.get("/ignore").await;
    assert_eq!(verdict_and_summary(&last(&inspector), NAME), ("not checked", String::new()));
    browser.get("/fail").await;
    let failed = last(&inspector);
    assert_eq!(failed.sessions[0].summary.as_deref(), Some("Not saved: the response is a server error."));

    let before = browser.value(NAME);
    browser.get("/renew").await;
    assert!(verdict_and_summary(&last(&inspector), NAME).1.starts_with("Renewed"));
    let after = browser.value(NAME);
    browser.edit(NAME, &before);
    browser.get("/read").await;
    assert_eq!(verdict_and_summary(&last(&inspector), NAME).0, "forwarded");
    browser.edit(NAME, &after);
    browser.get("/in").await;
    let login = last(&inspector);
    assert_eq!(verdict_and_summary(&login, NAME).1, "Logged in: the session has a new id.");
    let changes: Vec<_> =
        login.sessions[0].changes.iter().map(|change| (change.key.as_str(), change.kind)).collect();
    assert_eq!(changes, [("_user_id", "added")]);
    let calls: Vec<_> = login.sessions[0].store_calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(calls[0], "load");
    assert!(calls.contains(&"create") && calls.contains(&"replace"), "{calls:?}");

    let ended = browser.value(NAME);
    browser.get("/out").await;
    let logout = last(&inspector);
    assert_eq!(verdict_and_summary(&logout, NAME).1, "Logged out: the session has ended.");
    assert_eq!(logout.set[0].decision.short, "removed");
    browser.get("/write").await;
    browser.edit(NAME, &ended);
    browser.get("/read").await;
    assert_eq!(verdict_and_summary(&last(&inspector), NAME).0, "ended");
    browser.edit(NAME, &"A".repeat(43));
    browser.get("/read").await;
    assert_eq!(verdict_and_summary(&last(&inspector), NAME).0, "unknown id");
    browser.edit(NAME, "nonsense");
    browser.get("/read").await;
    let (short, summary) = verdict_and_summary(&last(&inspector), NAME);
    assert_eq!((short, summary.as_str()), ("no id", "Cookie rejected: the session starts empty."));
    assert!(last(&inspector).has_refusals);
}

#[tokio::test]
async fn unreadable_record_is_distinguished_from_an_unknown_id() {
    let (inspector, store) = (Inspector::new().token(TOKEN), MemoryStore::new());
    let mut browser = Browser::new(&app(SessionLayer::stored(store.clone()), &inspector));
    browser.get("/write").await;
    let key = SessionId::parse(browser.value(NAME).as_bytes()).unwrap().store_key(&Purpose::default());
    let mut stored = store.load(&key).await.unwrap().unwrap();
    stored.record.data = b"nonsense"[..].into();
    assert_ne!(store.replace(&key, stored.version, &stored.record).await.unwrap(), Swap::Refused);
    browser.get("/read").await;
    assert_eq!(verdict_and_summary(&last(&inspector), NAME).0, "unreadable");
}

#[tokio::test]
async fn signed_or_encrypted_session_cookie_gets_a_verdict() {
    let kinds: [fn(KeyRing) -> SessionLayer<AnyBackend>; 2] =
        [|keys| SessionLayer::signed(keys).into_any(), |keys| SessionLayer::encrypted(keys).into_any()];
    for kind in kinds {
        let inspector = Inspector::new().token(TOKEN);
        let old = app(kind(keys(OLD)), &inspector);
        let between = Key::new("the secret of this spring, long enough").unwrap();
        let ring = keys(NEW).and_previous(between).and_previous(Key::new(OLD).unwrap());
        let rotated = app(kind(ring), &inspector);
        let new = app(kind(keys(NEW)), &inspector);
        let mut browser = Browser::new(&old);
        browser.get("/write").await;
        let of_old = browser.value(NAME);
        browser.get("/read").await;
        assert_eq!(verdict_and_summary(&last(&inspector), NAME).0, "verified");
        let mut elsewhere = Browser::new(&rotated);
        elsewhere.jar = browser.jar.clone();
        elsewhere.get("/read").await;
        assert_eq!(verdict_and_summary(&last(&inspector), NAME).0, "previous key");
        let sentence = &last(&inspector).received[0].verdict.sentence;
        assert!(sentence.contains("verified with previous key 2."), "{sentence}");
        let mut elsewhere = Browser::new(&new);
        elsewhere.jar = browser.jar.clone();
        elsewhere.get("/read").await;
        assert_eq!(verdict_and_summary(&last(&inspector), NAME).0, "not genuine");
        browser.edit(NAME, &of_old.replace(&of_old[..3], "AAA"));
        browser.get("/read").await;
        assert!(matches!(verdict_and_summary(&last(&inspector), NAME).0, "not genuine" | "malformed"));
        browser.edit(NAME, "nonsense");
        browser.get("/read").await;
        assert!(matches!(verdict_and_summary(&last(&inspector), NAME).0, "not genuine" | "malformed"));
    }
}

#[tokio::test]
async fn expired_session_is_distinguished_from_a_forged_one() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, SystemTime};
    let layers: [fn() -> SessionLayer<AnyBackend>; 3] = [
        || SessionLayer::signed(keys(NEW)).into_any(),
        || SessionLayer::encrypted(keys(NEW)).into_any(),
        || SessionLayer::stored(MemoryStore::new()).into_any(),
    ];
    for layer in layers {
        let days = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&days);
        let turned = move || SystemTime::now() + Duration::from_secs(clock.load(Ordering::Relaxed) * 86_400);
        let inspector = Inspector::new().token(TOKEN);
        let app = app(layer().clock(turned), &inspector);
        let mut browser = Browser::new(&app);
        browser.get("/write").await;
        let lifetimes = &last(&inspector).sessions[0].lifetimes;
        assert!(
            !lifetimes.is_empty()
                && lifetimes
                    .iter()
                    .all(|lifetime| lifetime.left > 80_000 && lifetime.seconds >= lifetime.left)
        );
        days.store(40, Ordering::Relaxed);
        browser.get("/read").await;
        assert!(matches!(verdict_and_summary(&last(&inspector), NAME).0, "expired" | "unknown id"));
    }
}

#[tokio::test]
async fn other_cookies_are_known_changed_or_unknown() {
    let inspector = Inspector::new().token(TOKEN);
    let app = app(SessionLayer::stored(MemoryStore::new()), &inspector);
    let mut browser = Browser::new(&app);
    browser.get("/plain").await;
    assert_eq!(last(&inspector).set[0].decision.short, "kept");
    browser.get("/plain").await;
    let again = last(&inspector);
    assert_eq!(
        (verdict_and_summary(&again, "fav_color").0, again.set[0].decision.short),
        ("known", "unchanged")
    );
    assert_eq!(again.received[0].verdict.sentence, "Set by /plain in exchange 1, and unchanged since.");
    browser.edit("fav_color", "green");
    browser.get("/ignore").await;
    assert_eq!(verdict_and_summary(&last(&inspector), "fav_color").0, "changed");
    browser.jar.set(&crate::browser::access("/"), "stray=1", std::time::SystemTime::now()).unwrap();
    browser.get("/ignore").await;
    assert_eq!(verdict_and_summary(&last(&inspector), "stray").0, "unknown");
    let jar = inspector.jar_of(&axum::http::HeaderMap::from_iter([
        (header::COOKIE, "fav_color=green; stray=1".parse().unwrap()),
        (header::HOST, "localhost".parse().unwrap()),
    ]));
    assert!(jar.is_none(), "short values do not identify a browser");
}

#[tokio::test]
async fn warnings_say_what_to_do() {
    let short = KeyRing::new(Key::insecure_short("dev").unwrap());
    let inspector = Inspector::new().token(TOKEN);
    let app = app(
        SessionLayer::signed(short)
            .compression(Compression::Never)
            .insecure_http()
            .insecure_visible_to_scripts(),
        &inspector,
    );
    let mut browser = Browser::new(&app);
    browser.get("/large").await;
    let warnings = last(&inspector).warnings;
    for word in ["A secret key has only 3 bytes", "Scripts in the page can read it", "It is over 3 KiB"] {
        assert!(warnings.iter().any(|warning| warning.message.contains(word)), "{word}: {warnings:?}");
    }
    assert!(warnings.iter().all(|warning| !warning.fix.is_empty() && warning.subject == "session"));
    assert!(warnings.iter().any(|warning| warning.severity == Severity::Error));
    for number in 0..5 {
        browser.get("/write").await;
        browser.get(if number % 2 == 0 { "/large" } else { "/in" }).await;
    }
    let (_, page) = browser.get("/inspect/warnings").await;
    assert!(page.contains("openssl rand -hex 32"), "{page}");
}

#[tokio::test]
async fn session_that_every_request_writes_gets_a_warning() {
    let inspector = Inspector::new().token(TOKEN);
    let count = get(|session: Session| async move {
        session.update("n", |n: &mut u64| *n += 1);
    });
    let app = Router::new()
        .route("/", count)
        .layer(SessionLayer::stored(MemoryStore::new()))
        .layer(inspector.clone());
    let mut browser = Browser::new(&app);
    for _ in 0..4 {
        browser.get("/").await;
        assert!(last(&inspector).warnings.is_empty());
    }
    browser.get("/").await;
    assert!(last(&inspector).warnings[0].message.contains("each of the last 5 exchanges"));
}

#[tokio::test]
async fn merges_and_conflicts_are_shown() {
    use axum::body::Body;
    use axum::extract::Request;
    use tower::ServiceExt;
    let inspector = Inspector::new().token(TOKEN);
    let layer = SessionLayer::stored(MemoryStore::new());
    let other = app(layer.clone(), &Inspector::new().token(TOKEN));
    // While this request is in progress, another request from the same browser writes the session.
    let between = get(move |session: Session, headers: axum::http::HeaderMap| async move {
        session.insert("m", 1);
        session.insert("n", 1);
        let mut request = Request::get("/write").body(Body::empty()).unwrap();
        *request.headers_mut() = headers;
        other.oneshot(request).await.unwrap();
    });
    let early = get(|session: Session| async move {
        session.insert("first", 1);
        session.save().await.unwrap();
        session.insert("second", 2);
    });
    let app = Router::new()
        .route("/between", between)
        .route("/early", early)
        .route("/in", get(|session: Session| async move { session.log_in("jane") }))
        .layer(layer)
        .layer(inspector.clone());
    let mut browser = Browser::new(&app);
    browser.get("/in").await;
    browser.get("/between").await;
    let session = last(&inspector).sessions[0].clone();
    assert_eq!((session.merges, session.conflicts, session.overwritten), (1, 1, 1));
    let summary = session.summary.unwrap();
    assert!(
        summary
            .starts_with("2 keys changed. Merged with the changes of another request (1 conflict). 1 value"),
        "{summary}"
    );
    assert_eq!(session.level, Level::Warning);
    let calls: Vec<_> = session.store_calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(calls, ["load", "replace, refused", "load", "replace"]);
    let (_, page) = browser.get("/inspect/session").await;
    assert!(page.contains("1 merge") && page.contains("1 conflict"), "{page}");

    browser.get("/early").await;
    let session = last(&inspector).sessions[0].clone();
    let changes: Vec<_> = session.changes.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(changes, ["first", "second"]);
    assert_eq!(session.store_calls.len(), 3);
}

#[tokio::test]
async fn missing_cookies_and_other_browsers_of_a_user_are_shown() {
    let inspector = Inspector::new().token(TOKEN);
    let app = app(SessionLayer::stored(MemoryStore::new()), &inspector);
    let (mut jane, mut elsewhere) = (Browser::new(&app), Browser::new(&app));
    jane.get("/in").await;
    jane.get("/plain").await;
    elsewhere.get("/in").await;
    let label = last(&inspector).visitor.name;
    let (_, page) = jane.get("/inspect/session?browser=this").await;
    assert!(page.contains(&format!("the same user, in browser {label}")), "{page}");
    let (_, page) = jane.get("/inspect/jar?browser=this").await;
    assert!(!page.contains("not sent"), "{page}");
    jane.jar.retain(|cookie| cookie.name() != b"fav_color");
    jane.get("/ignore").await;
    let (_, page) = jane.get("/inspect/jar?browser=this").await;
    assert!(page.contains("not sent"), "{page}");
}

#[tokio::test]
async fn request_without_a_response_is_shown() {
    let inspector = Inspector::new().token(TOKEN);
    let app = Router::new().route("/", get(std::future::pending::<()>)).layer(inspector.clone());
    let mut browser = Browser::new(&app);
    let answer = browser.get("/");
    assert!(tokio::time::timeout(std::time::Duration::from_millis(1), answer).await.is_err());
    let exchange = last(&inspector);
    assert_eq!((exchange.status, exchange.reason.as_str()), (0, "no response"));
}

#[tokio::test]
async fn flask_session_cookie_is_checked_as_flask_reads_it() {
    let inspector = Inspector::new();
    let app = app(SessionLayer::signed(keys(NEW)).like_flask(), &inspector);
    let mut browser = Browser::new(&app);
    browser.get("/write").await;
    let value = browser.value("session");
    browser.edit("session", &format!("\"\\{:03o}{}\"", value.as_bytes()[0], &value[1..]));
    browser.get("/read").await;
    assert_eq!(verdict_and_summary(&last(&inspector), "session").0, "verified");
    browser.edit("session", &format!("{value} x"));
    browser.get("/read").await;
    assert_eq!(verdict_and_summary(&last(&inspector), "session").0, "ignored");
}
