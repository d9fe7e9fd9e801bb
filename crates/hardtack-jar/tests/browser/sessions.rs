use std::time::Duration;

use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::{AnyBackend, BackendSettings, Key, KeyRing, MemoryStore, Session, SessionLayer, User};
use hardtack_jar::{Browser, TestClock};

fn keys() -> KeyRing {
    KeyRing::new(Key::new("a secret of more than sixteen bytes").expect("long enough"))
}

fn kinds() -> [SessionLayer<AnyBackend>; 3] {
    [
        SessionLayer::stored(MemoryStore::new()).into_any(),
        SessionLayer::signed(keys()).into_any(),
        SessionLayer::encrypted(keys()).into_any(),
    ]
}

fn app(sessions: &SessionLayer<impl BackendSettings>) -> Router {
    const LOGIN: &str = "<form method=post><input name=user></form>";
    Router::new()
        .route(
            "/visits",
            get(async |session: Session| {
                session
                    .update("visits", |n: &mut u64| {
                        *n += 1;
                        *n
                    })
                    .to_string()
            }),
        )
        .route(
            "/login",
            get(async || Html(LOGIN)).post(
                async |session: Session, axum::Form(form): axum::Form<Vec<(String, String)>>| {
                    session.log_in(form[0].1.clone());
                    Redirect::to("/profile")
                },
            ),
        )
        .route("/profile", get(async |user: User| user.id().to_owned()))
        .layer(sessions.clone())
}

#[tokio::test]
async fn a_test_reads_and_changes_a_session() {
    for sessions in kinds() {
        let jane = Browser::new(app(&sessions));
        jane.within(&sessions, async |session: Session| session.insert("visits", 41))
            .await
            .expect("a session");
        assert_eq!(jane.get("/visits").await.expect("an answer").text(), "42");
        let visits = jane.within(&sessions, async |session: Session| session.get::<u64>("visits")).await;
        assert_eq!(visits.expect("a session"), Some(42));
        let joe = jane.stranger();
        assert_eq!(joe.get("/visits").await.expect("an answer").text(), "1");
    }
}

#[tokio::test]
async fn a_login_works_with_and_without_the_form() {
    for sessions in kinds() {
        let jane = Browser::new(app(&sessions));
        assert_eq!(jane.get("/profile").await.expect("an answer").status(), 401);
        jane.within(&sessions, async |session: Session| session.log_in("jane")).await.expect("a session");
        assert_eq!(jane.get("/profile").await.expect("an answer").text(), "jane");

        let joe = jane.stranger();
        let form = joe.get("/login").await.expect("an answer").form("").expect("the form");
        let page = joe.submit(form.fill("user", "joe").expect("the field")).await.expect("an answer");
        assert_eq!((page.path(), page.text().as_str()), ("/profile", "joe"));
        assert_eq!(jane.tab().get("/profile").await.expect("an answer").text(), "jane");
    }
}

#[tokio::test]
async fn a_session_ends_by_the_clock_of_the_test() {
    let clock = TestClock::new();
    let sessions =
        SessionLayer::stored(MemoryStore::new()).clock(clock.reader()).idle_timeout(Duration::from_secs(600));
    let jane = Browser::new(app(&sessions)).clock(clock.reader());
    jane.within(&sessions, async |session: Session| session.log_in("jane")).await.expect("a session");
    clock.advance(Duration::from_secs(599));
    assert_eq!(jane.get("/profile").await.expect("an answer").text(), "jane");
    clock.advance(Duration::from_secs(601));
    assert_eq!(jane.get("/profile").await.expect("an answer").status(), 401);
}

#[tokio::test]
async fn errors_say_what_went_wrong() {
    let sessions = SessionLayer::stored(MemoryStore::new());
    let jane = Browser::new(app(&sessions));
    // The extractor fails, because this layer does not create a session.
    let identity = tower::layer::util::Identity::new();
    let error = jane.within(&identity, async |_: Session| ()).await.expect_err("no layer").to_string();
    assert!(error.starts_with("the extractor rejected the request with 500"), "{error}");
    // This session does not fit into a cookie, so it cannot be saved.
    let signed = SessionLayer::signed(keys());
    // The value consists of pseudorandom digits, because they hardly compress.
    let next = |seed: &u64| {
        Some(seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    let large: String =
        std::iter::successors(Some(1), next).take(400).map(|seed| format!("{seed:x}")).collect();
    let error = jane.within(&signed, async |session: Session| session.insert("x", large)).await;
    let error = error.expect_err("too large").to_string();
    assert!(error.starts_with("the handler ran, but the layer responded with 500"), "{error}");
}
