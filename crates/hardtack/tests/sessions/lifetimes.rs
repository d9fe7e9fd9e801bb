//! When sessions expire, to the second.

use std::time::Duration;

use hardtack::{BackendSettings, Lifetime, MemoryStore, SessionLayer};
use hardtack_jar::{Browser, TestClock};
use http::StatusCode;
use tracing::Level;

use crate::observed;
use crate::support::{Logs, Spy, Visits, browser, keys};

async fn lives(layer: &SessionLayer<impl BackendSettings>, browser: &Browser) -> bool {
    browser.visit(layer, |session| async move { session.contains("a") }).await.value.unwrap()
}

async fn begin(layer: &SessionLayer<impl BackendSettings>) -> Browser {
    let browser = browser();
    browser.visit(layer, |session| async move { session.insert("a", 1) }).await;
    browser
}

#[tokio::test]
async fn a8_a_stored_session_ends_when_it_is_idle() {
    let clock = TestClock::new();
    let times = Lifetime::new().idle(Duration::from_secs(100)).touch_after(Duration::ZERO);
    let layer = observed::stored(MemoryStore::new()).lifetime(times).clock(clock.reader());
    let browser = begin(&layer).await;
    for _ in 0..5 {
        clock.advance(Duration::from_secs(99));
        assert!(lives(&layer, &browser).await);
    }
    clock.advance(Duration::from_secs(100));
    assert!(!lives(&layer, &browser).await);
    assert_eq!(layer.metrics().expired, 1);
}

#[tokio::test]
async fn a9_a_stored_session_ends_at_its_deadline_however_it_is_used_or_renewed() {
    let clock = TestClock::new();
    let times = Lifetime::new().idle(Duration::from_secs(100)).absolute(Duration::from_secs(250));
    let layer = observed::stored(MemoryStore::new()).lifetime(times).clock(clock.reader());
    let browser = begin(&layer).await;
    for _ in 0..2 {
        clock.advance(Duration::from_secs(99));
        browser.visit(&layer, |session| async move { session.renew() }).await;
        assert!(lives(&layer, &browser).await);
    }
    clock.advance(Duration::from_secs(51));
    assert!(lives(&layer, &browser).await);
    clock.advance(Duration::from_secs(1));
    assert!(!lives(&layer, &browser).await);
}

#[tokio::test]
async fn reading_touches_at_most_once_a_fraction() {
    let (clock, spy) = (TestClock::new(), Spy::default());
    let layer = observed::stored(spy.clone()).idle_timeout(Duration::from_secs(2400)).clock(clock.reader());
    let browser = begin(&layer).await;
    for _ in 0..50 {
        clock.advance(Duration::from_secs(10));
        assert!(lives(&layer, &browser).await);
    }
    // Within 500 seconds, the session is touched at most once every 100 seconds.
    assert_eq!(layer.metrics().touched, 5);
    assert_eq!(spy.calls(), 1 + 50 + 5);
}

#[tokio::test]
async fn a29_a_signed_session_ends_so_long_after_its_last_write() {
    let clock = TestClock::new();
    let layer = observed::signed(keys()).max_age(Duration::from_secs(100)).clock(clock.reader());
    let browser = begin(&layer).await;
    clock.advance(Duration::from_secs(60));
    assert!(lives(&layer, &browser).await);
    browser.visit(&layer, |session| async move { session.insert("b", 1) }).await;
    clock.advance(Duration::from_secs(100));
    assert!(lives(&layer, &browser).await);
    clock.advance(Duration::from_secs(1));
    assert!(!lives(&layer, &browser).await);
}

#[tokio::test]
async fn a29_an_encrypted_session_has_a_deadline_besides() {
    let clock = TestClock::new();
    let layer = observed::encrypted(keys())
        .max_age(Duration::from_secs(100))
        .absolute_timeout(Duration::from_secs(150))
        .clock(clock.reader());
    let browser = begin(&layer).await;
    clock.advance(Duration::from_secs(90));
    browser.visit(&layer, |session| async move { session.insert("b", 1) }).await;
    clock.advance(Duration::from_secs(59));
    assert!(lives(&layer, &browser).await);
    clock.advance(Duration::from_secs(2));
    assert!(!lives(&layer, &browser).await);
}

#[tokio::test]
async fn an_expired_session_is_not_answered_with_a_removal() {
    let clock = TestClock::new();
    let layer = observed::stored(MemoryStore::new()).clock(clock.reader());
    let browser = begin(&layer).await;
    clock.advance(Duration::from_secs(24 * 3600));
    let reply = browser.late(&layer, |session| async move { session.is_empty() }).await;
    assert_eq!(reply.value, Some(true));
    assert!(reply.page.set_cookies().is_empty());
}

#[tokio::test]
async fn a_permanent_session_tells_the_browser_and_is_not_forgotten_by_the_next_write() {
    let hour = Duration::from_secs(3600);
    let layers = [
        (observed::signed(keys()).max_age(hour).into_any(), true),
        (observed::encrypted(keys()).max_age(hour).into_any(), true),
        (observed::stored(MemoryStore::new()).absolute_timeout(hour).into_any(), false),
    ];
    for (layer, resends) in layers {
        let layer = layer.clock(TestClock::new().reader());
        let browser = begin(&layer).await;
        let reply = browser.visit(&layer, |session| async move { session.permanent() }).await;
        assert!(reply.page.set_cookies()[0].contains("; Max-Age=3600;"), "{:?}", reply.page.set_cookies());
        let reply = browser.visit(&layer, |session| async move { session.insert("b", 1) }).await;
        assert_eq!(
            reply.page.set_cookies().first().map(|set| set.contains("; Max-Age=3600;")),
            resends.then_some(true)
        );
        let reply = browser.visit(&layer, |session| async move { session.temporary() }).await;
        assert!(!reply.page.set_cookies()[0].contains("Max-Age"));
        assert!(lives(&layer, &browser).await);
    }
}

#[tokio::test]
async fn a_missed_touch_is_an_answer_and_no_503() {
    let (clock, spy) = (TestClock::new(), Spy::default());
    let layer = observed::stored(spy.clone()).clock(clock.reader());
    let browser = begin(&layer).await;
    clock.advance(Duration::from_secs(2 * 3600));
    let look = |session: hardtack::Session| {
        let spy = spy.clone();
        async move {
            spy.break_down(true);
            session.contains("a")
        }
    };
    let reply = browser.visit(&layer, look).await;
    assert_eq!((reply.page.status(), reply.value), (StatusCode::OK, Some(true)));
    assert_eq!((layer.metrics().failed, layer.metrics().touched), (1, 0));
    // The next use is recorded again.
    spy.break_down(false);
    assert!(lives(&layer, &browser).await);
    assert_eq!(layer.metrics().touched, 1);
}

#[tokio::test]
async fn r16_max_age_is_capped_at_400_days() {
    let years = Duration::from_secs(10 * 365 * 24 * 3600);
    for age in [years, Duration::MAX] {
        let endless = Lifetime::new().idle(age).absolute(age);
        let layers = [
            observed::signed(keys()).max_age(age).into_any(),
            observed::encrypted(keys()).max_age(age).absolute_timeout(age).into_any(),
            observed::stored(MemoryStore::new()).lifetime(endless).into_any(),
        ];
        for layer in layers {
            let logs = Logs::capture();
            let layer = layer.clock(TestClock::new().reader()).check().unwrap();
            assert_eq!(logs.with(Level::WARN, "400 days").len(), 1);
            let reply = browser().visit(&layer, |session| async move { session.permanent() }).await;
            let set = reply.page.set_cookies()[0];
            assert!(set.contains("; Max-Age=34560000;"), "{set}");
        }
    }
}

#[tokio::test]
async fn a_flask_cookie_has_the_date_that_flask_gives_it_up_to_the_year_9999() {
    let ages = [
        (Duration::from_secs(500 * 24 * 3600), "Expires=Fri, 22 Feb 1980 00:00:00 GMT;"),
        (Duration::from_secs(u64::MAX), "Expires=Fri, 31 Dec 9999 23:59:59 GMT;"),
        (Duration::MAX, "Expires=Fri, 31 Dec 9999 23:59:59 GMT;"),
    ];
    for (age, expires) in ages {
        let now = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(3204 * 24 * 3600);
        let layer = observed::signed(keys()).like_flask().max_age(age).clock(move || now);
        let reply = browser().visit(&layer, |session| async move { session.permanent() }).await;
        let set = reply.page.set_cookies()[0];
        assert!(set.contains(expires), "{set}");
    }
}
