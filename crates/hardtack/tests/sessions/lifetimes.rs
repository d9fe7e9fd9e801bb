//! When sessions end, to the second.

use std::time::Duration;

use hardtack::{Lifetime, MemoryStore, SessionLayer};
use http::StatusCode;

use crate::support::{Browser, Clock, Spy, keys};

async fn lives(layer: &SessionLayer, browser: &mut Browser) -> bool {
    browser.send(layer, |session| async move { session.contains("a") }).await.value.unwrap()
}

async fn begin(layer: &SessionLayer) -> Browser {
    let mut browser = Browser::default();
    browser.send(layer, |session| async move { session.insert("a", 1) }).await;
    browser
}

#[tokio::test]
async fn a_stored_session_ends_when_it_is_idle() {
    let clock = Clock::default();
    let times = Lifetime::new().idle(Duration::from_secs(100)).touch_after(Duration::ZERO);
    let layer = SessionLayer::stored(MemoryStore::new()).lifetime(times).clock(clock.now());
    let mut browser = begin(&layer).await;
    for _ in 0..5 {
        clock.turn(99);
        assert!(lives(&layer, &mut browser).await);
    }
    clock.turn(100);
    assert!(!lives(&layer, &mut browser).await);
    assert_eq!(layer.counts().expired, 1);
}

#[tokio::test]
async fn a_stored_session_ends_at_its_deadline_however_it_is_used_or_renewed() {
    let clock = Clock::default();
    let times = Lifetime::new().idle(Duration::from_secs(100)).absolute(Duration::from_secs(250));
    let layer = SessionLayer::stored(MemoryStore::new()).lifetime(times).clock(clock.now());
    let mut browser = begin(&layer).await;
    for _ in 0..2 {
        clock.turn(99);
        browser.send(&layer, |session| async move { session.renew() }).await;
        assert!(lives(&layer, &mut browser).await);
    }
    clock.turn(51);
    assert!(lives(&layer, &mut browser).await);
    clock.turn(1);
    assert!(!lives(&layer, &mut browser).await);
}

#[tokio::test]
async fn reading_touches_at_most_once_a_fraction() {
    let (clock, spy) = (Clock::default(), Spy::default());
    let layer = SessionLayer::stored(spy.clone()).idle_timeout(Duration::from_secs(2400)).clock(clock.now());
    let mut browser = begin(&layer).await;
    for _ in 0..50 {
        clock.turn(10);
        assert!(lives(&layer, &mut browser).await);
    }
    // 500 seconds, a touch at most every hundred.
    assert_eq!(layer.counts().touched, 5);
    assert_eq!(spy.calls(), 1 + 50 + 5);
}

#[tokio::test]
async fn a_signed_session_ends_so_long_after_its_last_write() {
    let clock = Clock::default();
    let layer = SessionLayer::signed(keys()).max_age(Duration::from_secs(100)).clock(clock.now());
    let mut browser = begin(&layer).await;
    clock.turn(60);
    assert!(lives(&layer, &mut browser).await);
    browser.send(&layer, |session| async move { session.insert("b", 1) }).await;
    clock.turn(100);
    assert!(lives(&layer, &mut browser).await);
    clock.turn(1);
    assert!(!lives(&layer, &mut browser).await);
}

#[tokio::test]
async fn an_encrypted_session_has_a_deadline_besides() {
    let clock = Clock::default();
    let layer = SessionLayer::encrypted(keys())
        .max_age(Duration::from_secs(100))
        .absolute_timeout(Duration::from_secs(150))
        .clock(clock.now());
    let mut browser = begin(&layer).await;
    clock.turn(90);
    browser.send(&layer, |session| async move { session.insert("b", 1) }).await;
    clock.turn(59);
    assert!(lives(&layer, &mut browser).await);
    clock.turn(2);
    assert!(!lives(&layer, &mut browser).await);
}

#[tokio::test]
async fn an_expired_session_is_not_answered_with_a_removal() {
    let clock = Clock::default();
    let layer = SessionLayer::stored(MemoryStore::new()).clock(clock.now());
    let browser = begin(&layer).await;
    clock.turn(24 * 3600);
    let reply = browser.late(StatusCode::OK, &layer, |session| async move { session.is_empty() }).await;
    assert_eq!(reply.value, Some(true));
    assert!(reply.set_cookie().is_empty());
}

#[tokio::test]
async fn a_permanent_session_tells_the_browser_and_is_not_forgotten_by_the_next_write() {
    let hour = Duration::from_secs(3600);
    let layers = [
        (SessionLayer::signed(keys()).max_age(hour), true),
        (SessionLayer::encrypted(keys()).max_age(hour), true),
        (SessionLayer::stored(MemoryStore::new()).absolute_timeout(hour), false),
    ];
    for (layer, resends) in layers {
        let layer = layer.clock(Clock::default().now());
        let mut browser = begin(&layer).await;
        let reply = browser.send(&layer, |session| async move { session.permanent() }).await;
        assert!(reply.set_cookie()[0].contains("; Max-Age=3600;"), "{:?}", reply.set_cookie());
        let reply = browser.send(&layer, |session| async move { session.insert("b", 1) }).await;
        assert_eq!(
            reply.set_cookie().first().map(|set| set.contains("; Max-Age=3600;")),
            resends.then_some(true)
        );
        let reply = browser.send(&layer, |session| async move { session.temporary() }).await;
        assert!(!reply.set_cookie()[0].contains("Max-Age"));
        assert!(lives(&layer, &mut browser).await);
    }
}
