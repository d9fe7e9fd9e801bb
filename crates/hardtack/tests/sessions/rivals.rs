//! Several genuine cookies with one name, as after a change of the cookie's domain or path.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use hardtack::{AnyBackend, BackendSettings, MemoryStore, Session, SessionLayer};
use hardtack_jar::{Browser, TestClock};
use http::{Request, StatusCode, header};

use crate::observed;
use crate::support::{Visits, browser, keys, seen_with, session_cookie};

/// Returns the kinds of session whose cookies contain the time of writing, with the given clock.
fn in_cookies(clock: &TestClock) -> [(&'static str, SessionLayer<AnyBackend>); 2] {
    [
        ("signed", observed::signed(keys()).clock(clock.reader()).into_any()),
        ("encrypted", observed::encrypted(keys()).clock(clock.reader()).into_any()),
    ]
}

/// Returns the cookie of a session in which `a` has this value, as it appears in a header.
async fn cookie_with(layer: &SessionLayer<impl BackendSettings>, a: i64) -> String {
    let browser = browser();
    browser.visit(layer, |session| async move { session.insert("a", a) }).await;
    format!("__Host-session={}", session_cookie(&browser).unwrap())
}

#[tokio::test]
async fn o10_of_several_genuine_cookies_the_newest_counts() {
    let clock = TestClock::new();
    for (kind, layer) in in_cookies(&clock) {
        let mut cookies = Vec::new();
        for a in 1..=3 {
            cookies.push(cookie_with(&layer, a).await);
            clock.advance(Duration::from_secs(1));
        }
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
            let header = order.map(|at| cookies[at].as_str()).join("; __Host-session=junk; ");
            let seen = seen_with(&header, &layer).await;
            assert_eq!(seen, (StatusCode::OK, "Some(3)".to_owned()), "{kind} {order:?}");
        }
    }
}

#[tokio::test]
async fn r12_of_two_cookies_of_one_second_the_first_counts() {
    let clock = TestClock::new();
    for (kind, layer) in in_cookies(&clock) {
        let (one, two) = (cookie_with(&layer, 1).await, cookie_with(&layer, 2).await);
        assert_eq!(seen_with(&format!("{one}; {two}"), &layer).await.1, "Some(1)", "{kind}");
        assert_eq!(seen_with(&format!("{two}; {one}"), &layer).await.1, "Some(2)", "{kind}");
    }
}

#[tokio::test]
async fn r11_several_cookie_headers_are_read_as_one() {
    let clock = TestClock::new();
    for (kind, layer) in in_cookies(&clock) {
        let old = cookie_with(&layer, 1).await;
        clock.advance(Duration::from_secs(1));
        let new = cookie_with(&layer, 2).await;
        let page = async |session: Session| format!("{:?}", session.get::<i64>("a"));
        let app: Router = Router::new().route("/", get(page)).layer(layer.clone());
        let app = Browser::new(app);
        for pairs in [[&old, &new], [&new, &old]] {
            let mut request = Request::get("/").header(header::COOKIE, "a=1");
            for pair in pairs {
                request = request.header(header::COOKIE, pair);
            }
            let page = app.thief().send(request.body("").unwrap()).await.unwrap();
            assert_eq!(page.text(), "Some(2)", "{kind}");
        }
    }
}

#[tokio::test]
async fn no_more_than_eight_cookies_of_the_name_are_verified() {
    let clock = TestClock::new();
    for (kind, layer) in in_cookies(&clock) {
        let cookie = cookie_with(&layer, 1).await;
        let before = layer.metrics();
        let header = vec![cookie.as_str(); 100].join("; ");
        assert_eq!(seen_with(&header, &layer).await.1, "Some(1)", "{kind}");
        assert_eq!(layer.metrics().verified - before.verified, 8, "{kind}");
    }
}

#[tokio::test]
async fn like_flask_only_the_first_cookie_counts() {
    let clock = TestClock::new();
    let layer = observed::signed(keys()).like_flask().cookie_name("session").clock(clock.reader());
    let mut cookies = Vec::new();
    for a in 1..=2 {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("a", a) }).await;
        cookies.push(format!("session={}", browser.cookie("session").unwrap()));
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(seen_with(&format!("{}; {}", cookies[0], cookies[1]), &layer).await.1, "Some(1)");
    assert_eq!(seen_with(&format!("{}; {}", cookies[1], cookies[0]), &layer).await.1, "Some(2)");
}

/// Returns the `Set-Cookie` headers of a page, for a client that sends exactly these cookies.
async fn answer_to(
    cookies: &str,
    layer: &SessionLayer<impl BackendSettings>,
    handler: fn(Session),
) -> Vec<String> {
    let page = async move |session: Session| handler(session);
    let app: Router = Router::new().route("/", get(page)).layer(layer.clone());
    let request = Request::get("/").header(header::COOKIE, cookies).body("").unwrap();
    let page = Browser::new(app).send(request).await.unwrap();
    page.set_cookies().into_iter().map(Into::into).collect()
}

#[tokio::test]
async fn o12_a_logout_is_final_although_the_browser_keeps_an_older_cookie() {
    let clock = TestClock::new();
    for (kind, layer) in in_cookies(&clock) {
        let old = cookie_with(&layer, 1).await;
        clock.advance(Duration::from_secs(1));
        let new = cookie_with(&layer, 2).await;
        clock.advance(Duration::from_secs(1));
        let set = answer_to(&format!("{old}; {new}"), &layer, |session| session.destroy()).await;
        // The new cookie replaces the newer one, outlives the browser, and marks the session as ended.
        let [set] = set.as_slice() else { panic!("{kind}: {set:?}") };
        assert!(set.contains("; Max-Age="), "{kind}: {set}");
        let after = set.split(';').next().unwrap();
        assert_eq!(seen_with(&format!("{old}; {after}"), &layer).await.1, "None", "{kind}");
    }
}

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A site whose session cookie is set for the whole domain by one application, and for one host by another.
struct Site {
    clock: TestClock,
    whole: SessionLayer<AnyBackend>,
    host: SessionLayer<AnyBackend>,
    /// The browser that sends both cookies.
    www: Browser,
    /// The browser that sends only the cookie of the whole domain.
    api: Browser,
}

impl Site {
    /// Creates a site whose sessions end when the browser closes.
    fn new(layer: fn() -> SessionLayer<AnyBackend>) -> Self {
        let clock = TestClock::new();
        let of = |domain| layer().cookie_name("sid").domain(domain).clock(clock.reader());
        let (whole, host) = (of("example.com"), of("www.example.com"));
        let www = browser().clock(clock.reader()).origin("https://www.example.com").unwrap();
        let api = www.tab_at("https://api.example.com").unwrap();
        Self { clock, whole, host, www, api }
    }

    /// Logs Jane in for the whole domain on day 0, and for the host on day 20. The session of day 0 is written again on
    /// day 21, so it is the newest. It expires on day 30.
    async fn with_rivals(layer: fn() -> SessionLayer<AnyBackend>) -> Self {
        let site = Self::new(layer);
        site.api.visit(&site.whole, |session| async move { session.log_in("jane") }).await;
        site.clock.advance(20 * DAY);
        site.www.visit(&site.host, |session| async move { session.log_in("jane") }).await;
        site.clock.advance(DAY);
        site.api.visit(&site.whole, |session| async move { session.insert("a", 1) }).await;
        site.clock.advance(DAY);
        assert_eq!(site.user().await.as_deref(), Some("jane"));
        site
    }

    /// Returns the user who is logged in for a request with both cookies.
    async fn user(&self) -> Option<String> {
        self.www.visit(&self.whole, |session| async move { session.user() }).await.value.flatten()
    }

    /// Restarts the browser, so that only cookies with an expiry remain.
    fn restart(&self) {
        self.www.with_jar(|jar| jar.end_session());
    }
}

/// The kinds that store the data in the cookie, with sessions that last 30 days.
const SEALED: [fn() -> SessionLayer<AnyBackend>; 2] = [
    || observed::signed(keys()).max_age(30 * DAY).into_any(),
    || observed::encrypted(keys()).max_age(30 * DAY).into_any(),
];

#[tokio::test]
async fn o12_a_logout_is_final_although_an_older_cookie_expires_after_the_session() {
    for layer in SEALED {
        let site = Site::with_rivals(layer).await;
        site.www.visit(&site.whole, |session| async move { session.destroy() }).await;
        for day in 23..60 {
            site.clock.advance(DAY);
            site.restart();
            assert_eq!(site.user().await, None, "day {day}");
        }
    }
}

#[tokio::test]
async fn o12_a_logout_that_leaves_a_message_is_final_beside_an_older_cookie() {
    for layer in SEALED {
        let site = Site::with_rivals(layer).await;
        let farewell = async |session: Session| {
            session.log_out();
            session.flash("See you");
        };
        site.www.visit(&site.whole, farewell).await;
        for day in 23..60 {
            site.clock.advance(DAY);
            site.restart();
            assert_eq!(site.user().await, None, "day {day}");
        }
    }
}

#[tokio::test]
async fn o12_what_a_guest_writes_after_a_logout_keeps_the_older_cookie_out() {
    for layer in SEALED {
        let site = Site::with_rivals(layer).await;
        site.www.visit(&site.whole, |session| async move { session.destroy() }).await;
        for day in 23..60 {
            site.clock.advance(DAY);
            site.www.visit(&site.whole, |session| async move { session.insert("day", 1) }).await;
            site.restart();
            assert_eq!(site.user().await, None, "day {day}");
        }
    }
}

#[tokio::test]
async fn o12_a_logout_in_the_second_of_the_login_is_final_beside_an_older_cookie() {
    for layer in SEALED {
        let site = Site::new(layer);
        // The host's cookie is the older one in the browser, which therefore sends it first.
        site.www.visit(&site.host, |session| async move { session.log_in("jane") }).await;
        site.api.visit(&site.whole, |session| async move { session.log_in("jane") }).await;
        site.www.visit(&site.whole, |session| async move { session.destroy() }).await;
        assert_eq!(site.user().await, None);
        // A signed cookie is still accepted in the second in which it expires.
        site.clock.advance(30 * DAY);
        assert_eq!(site.user().await, None);
    }
}

#[tokio::test]
async fn o12_a_logout_is_final_beside_a_cookie_of_a_server_whose_clock_is_ahead() {
    let site = Site::new(SEALED[1]);
    let ahead = {
        let now = site.clock.reader();
        site.host.clone().clock(move || now() + Duration::from_secs(30))
    };
    site.api.visit(&site.whole, |session| async move { session.log_in("jane") }).await;
    site.www.visit(&ahead, |session| async move { session.log_in("jane") }).await;
    site.www.visit(&site.whole, |session| async move { session.destroy() }).await;
    assert_eq!(site.user().await, None);
    site.www.visit(&site.whole, |session| async move { session.insert("a", 1) }).await;
    assert_eq!(site.user().await, None);
}

#[tokio::test]
async fn o12_a_logout_is_final_beside_a_cookie_of_a_deployment_with_longer_lifetimes() {
    let site = Site::new(SEALED[1]);
    let longer = observed::encrypted(keys())
        .cookie_name("sid")
        .domain("www.example.com")
        .max_age(90 * DAY)
        .absolute_timeout(90 * DAY)
        .clock(site.clock.reader());
    site.www.visit(&longer, |session| async move { session.log_in("jane") }).await;
    site.clock.advance(DAY);
    site.api.visit(&site.whole, |session| async move { session.log_in("jane") }).await;
    site.www.visit(&site.whole, |session| async move { session.destroy() }).await;
    for day in 2..100 {
        site.clock.advance(DAY);
        assert_eq!(site.user().await, None, "day {day}");
    }
}

#[tokio::test]
async fn a_login_beside_an_older_cookie_still_ends_with_the_browser() {
    for layer in SEALED {
        let site = Site::with_rivals(layer).await;
        let reply = site.www.visit(&site.whole, |session| async move { session.log_in("joan") }).await;
        assert!(!reply.page.set_cookies().concat().contains("Max-Age"), "{:?}", reply.page.set_cookies());
    }
}

#[tokio::test]
async fn r8_earlier_domains_and_paths_are_removed_with_the_cookie_and_when_it_is_set() {
    let kinds: [fn() -> SessionLayer<AnyBackend>; 4] = [
        || observed::signed(keys()).into_any(),
        || observed::encrypted(keys()).into_any(),
        || observed::stored(MemoryStore::new()).into_any(),
        || observed::signed(keys()).like_flask().secure().into_any(),
    ];
    for layer in kinds {
        let layer = layer()
            .cookie_name("sid")
            .domain("example.com")
            .formerly(None, "/")
            .formerly(Some("www.example.com"), "/app")
            .formerly(None, "/")
            .check()
            .unwrap();
        let shop = browser().origin("https://www.example.com/app").unwrap();
        shop.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        let reply = shop.visit(&layer, |session| async move { session.log_in("jane") }).await;
        let set = reply.page.set_cookies();
        let removal = "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; Path=/";
        assert!(set[0].starts_with(removal), "{set:?}");
        assert!(
            set[1].starts_with("sid=; Domain=www.example.com; Expires=") && set[1].contains("; Path=/app")
        );
        assert!(set[2].starts_with("sid=") && set[2].contains("; Domain=example.com; "), "{set:?}");
        assert_eq!(set.len(), 3, "{set:?}");
        let reply = shop.visit(&layer, |session| async move { session.destroy() }).await;
        let set = reply.page.set_cookies();
        assert_eq!(set.len(), 3, "{set:?}");
        assert!(set.iter().all(|set| set.starts_with("sid=; ")), "{set:?}");
    }
}

#[tokio::test]
async fn a_browser_with_a_cookie_from_before_a_deployment_is_logged_out_for_good() {
    let before = observed::encrypted(keys()).cookie_name("sid").domain("example.com");
    let after = observed::encrypted(keys())
        .cookie_name("sid")
        .domain("www.example.com")
        .formerly(Some("example.com"), "/");
    let clock = TestClock::new();
    let (before, after) = (before.clock(clock.reader()), after.clock(clock.reader()));
    let shop = browser().origin("https://www.example.com").unwrap();
    shop.visit(&before, |session| async move { session.log_in("jane") }).await;
    clock.advance(Duration::from_secs(1));
    shop.visit(&after, |session| async move { session.insert("a", 1) }).await;
    let seen = shop.visit(&after, |session| async move { (session.user(), session.get::<i64>("a")) }).await;
    assert_eq!(seen.value, Some((Some("jane".to_owned()), Some(1))));
    shop.visit(&after, |session| async move { session.destroy() }).await;
    assert_eq!(shop.visit(&after, |session| async move { session.user() }).await.value.flatten(), None);
    assert_eq!(shop.cookie("sid"), None);
}
