use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::routing::get;
use hardtack_jar::{Browser, Jar, TestClock};
use tokio::sync::Barrier;

async fn cookies(headers: HeaderMap) -> String {
    headers
        .get("cookie")
        .map(|cookies| String::from_utf8_lossy(cookies.as_bytes()).into_owned())
        .unwrap_or_default()
}

fn app() -> Router {
    Router::new()
        .route("/set/{name}", get(async |Path(name): Path<String>| [(SET_COOKIE, format!("{name}; Path=/"))]))
        .route(
            "/age/{seconds}",
            get(async |Path(age): Path<u64>| [(SET_COOKIE, format!("a=1; Path=/; Max-Age={age}"))]),
        )
        .route("/", get(cookies))
}

#[tokio::test]
async fn tabs_share_cookies_and_strangers_do_not() {
    let jane = Browser::new(app());
    jane.get("/set/a=1").await.expect("an answer");
    let tab = jane.tab();
    assert_eq!((tab.shown(), tab.get("/").await.expect("an answer").text().as_str()), (None, "a=1"));
    tab.get("/set/b=2").await.expect("an answer");
    assert_eq!(jane.get("/").await.expect("an answer").text(), "a=1; b=2");
    assert_eq!(tab.shown().expect("a page").path(), "/set/b=2");
    let joe = jane.stranger();
    assert_eq!(joe.get("/").await.expect("an answer").text(), "");
}

#[tokio::test]
async fn requests_of_two_tabs_are_under_way_at_once() {
    let barrier = Arc::new(Barrier::new(2));
    let app: Router =
        Router::new().route("/", get(move || async move { barrier.wait().await.is_leader().to_string() }));
    let jane = Browser::new(app);
    let tab = jane.tab();
    let (one, two) = tokio::join!(jane.get("/"), tab.get("/"));
    let mut leaders = [one.expect("an answer").text(), two.expect("an answer").text()];
    leaders.sort();
    assert_eq!(leaders, ["false", "true"]);
}

#[tokio::test]
async fn cookies_expire_by_the_clock_of_the_test() {
    let clock = TestClock::new();
    let jane = Browser::new(app()).clock(clock.reader());
    jane.get("/age/60").await.expect("an answer");
    clock.advance(Duration::from_secs(59));
    assert_eq!(jane.reload().await.expect("an answer").path(), "/age/60");
    clock.advance(Duration::from_secs(59));
    assert_eq!(jane.get("/").await.expect("an answer").text(), "a=1");
    clock.advance(Duration::from_secs(1));
    assert_eq!(jane.get("/").await.expect("an answer").text(), "");
}

#[tokio::test]
async fn a_test_reads_the_jar_and_closes_the_browser() {
    let mut jar = Jar::new();
    let clock = TestClock::new();
    let context = hardtack_jar::RequestContext::http("https://shop.example/").expect("a URL");
    jar.set(&context, "kept=1; Max-Age=600", clock.now()).expect("taken");
    let jane =
        Browser::new(app()).origin("https://shop.example").expect("a URL").clock(clock.reader()).jar(jar);
    jane.set_cookie("id=1; Secure").expect("taken");
    assert_eq!(jane.get("/").await.expect("an answer").text(), "kept=1; id=1");
    assert_eq!(jane.with_jar(Jar::end_session), 1);
    assert_eq!(jane.get("/").await.expect("an answer").text(), "kept=1");
    let error = jane.set_cookie("__Host-id=1").expect_err("refused").to_string();
    assert!(error.contains("`__Host-`") && error.contains("RFC 6265bis"), "{error}");
    assert!(jane.tab().reload().await.is_err());
}

#[tokio::test]
async fn a_thief_has_only_the_cookies_at_the_time_of_the_theft() {
    let jane = Browser::new(app());
    jane.get("/set/a=1").await.expect("an answer");
    let thief = jane.thief();
    jane.get("/set/b=2").await.expect("an answer");
    assert_eq!(thief.get("/").await.expect("an answer").text(), "a=1");
    thief.get("/set/a=3").await.expect("an answer");
    assert_eq!(jane.get("/").await.expect("an answer").text(), "a=1; b=2");
}

#[tokio::test]
async fn editing_a_cookie_keeps_its_attributes() {
    let clock = TestClock::new();
    let jane = Browser::new(app()).clock(clock.reader());
    jane.get("/age/60").await.expect("an answer");
    jane.edit_cookie("a", "2").expect("a cookie");
    assert_eq!(jane.cookie("a").as_deref(), Some("2"));
    assert!(jane.edit_cookie("b", "2").is_err());
    assert!(jane.edit_cookie("a", "x\ny").is_err());
    clock.advance(Duration::from_secs(60));
    assert_eq!(jane.cookie("a"), None);
}

#[tokio::test]
async fn cookies_are_taken_along_to_another_application_and_a_request_may_bring_its_own() {
    let jane = Browser::new(app());
    jane.get("/set/a=1").await.expect("an answer");
    let jane = jane.app(Router::new().route("/elsewhere", get(cookies)));
    assert_eq!(jane.get("/elsewhere").await.expect("an answer").text(), "a=1");
    let request =
        axum::http::Request::get("/elsewhere").header("cookie", "=;;b").body("").expect("a request");
    assert_eq!(jane.send(request).await.expect("an answer").text(), "=;;b");
}
