//! The stream of events: each event is emitted once, when the outcome that it reports is final.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use hardtack::{
    AnyBackend, BackendSettings, EventKind, MemoryStore, Session, SessionEvent, SessionLayer, StoreOperation,
};
use hardtack_jar::{Browser, TestClock};
use http::Request;

use crate::observed;
use crate::support::{Spy, Visits, Watch, browser, kinds, session_cookie};

/// The events of a layer, as a subscriber received them.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn subscribe<B: BackendSettings>(&self, layer: SessionLayer<B>) -> SessionLayer<B> {
        let seen = self.clone();
        layer.on_event(move |event| seen.0.lock().unwrap().push(name_of(event.kind()).to_owned()))
    }

    /// Returns the events since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn name_of(kind: &EventKind<'_>) -> &'static str {
    match kind {
        EventKind::Loaded { .. } => "loaded",
        EventKind::Missed { .. } => "missed",
        EventKind::Unreadable { .. } => "unreadable",
        EventKind::Rejected { .. } => "rejected",
        EventKind::Expired { .. } => "expired",
        EventKind::Created { .. } => "created",
        EventKind::Written { .. } => "written",
        EventKind::Merged { .. } => "merged",
        EventKind::Conflict { .. } => "conflict",
        EventKind::Dropped { .. } => "dropped",
        EventKind::Late { .. } => "late",
        EventKind::FlashesDropped { .. } => "flashes dropped",
        EventKind::Crowded { .. } => "crowded",
        EventKind::Abandoned { .. } => "abandoned",
        EventKind::LogoutLost { .. } => "logout lost",
        EventKind::Touched { .. } => "touched",
        EventKind::Renewed { .. } => "renewed",
        EventKind::LoggedIn { .. } => "logged in",
        EventKind::LoggedOut { .. } => "logged out",
        EventKind::Ended { .. } => "ended",
        EventKind::Listed { .. } => "listed",
        EventKind::Revoked { .. } => "revoked",
        EventKind::StoreFailed { .. } => "store failed",
        EventKind::UpdateFailed { .. } => "update failed",
        _ => panic!("an event without a name here: {kind:?}"),
    }
}

/// Returns the three kinds of session with a subscriber each.
fn observed() -> [(&'static str, SessionLayer<AnyBackend>, Seen); 3] {
    kinds().map(|(kind, layer)| {
        let seen = Seen::default();
        (kind, seen.subscribe(layer), seen)
    })
}

#[tokio::test]
async fn each_step_of_a_sessions_life_is_one_event() {
    for (kind, layer, seen) in observed() {
        let is_stored = kind == "stored";
        let browser = browser();
        let expect = |what: &str, stored: &[&str], in_cookie: &[&str]| {
            assert_eq!(seen.take(), if is_stored { stored } else { in_cookie }, "{kind}: {what}");
        };
        browser.visit(&layer, |session| async move { session.keys() }).await;
        expect("a visit without a cookie", &[], &[]);
        browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        expect("a first write", &["created"], &["created"]);
        browser.visit(&layer, |session| async move { session.keys() }).await;
        expect("a read", &["loaded"], &["loaded"]);
        browser.visit(&layer, |session| async move { session.insert("a", 2) }).await;
        expect("a write", &["loaded", "written"], &["loaded", "written"]);
        browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
        let login = ["loaded", "written", "logged in"];
        expect("a login", &login, &login);
        browser.visit(&layer, |session| async move { session.renew() }).await;
        // A session kept in its cookie has no id that could change; only its cookie is written again.
        expect("a renewal", &["loaded", "written", "renewed"], &["loaded", "written"]);
        let copy = browser.thief();
        browser
            .visit(&layer, |session| async move {
                session.log_out();
                session.insert("b", 1);
            })
            .await;
        let kept = ["loaded", "written", "logged out"];
        expect("a logout after which something is written", &kept, &kept);
        copy.visit(&layer, |session| async move { session.keys() }).await;
        expect("a copy of the cookie from before", &["missed"], &["loaded"]);
        browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
        seen.take();
        browser.visit(&layer, |session| async move { session.log_out() }).await;
        expect("a logout", &["loaded", "ended", "logged out"], &["loaded", "logged out", "ended"]);
        browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        seen.take();
        browser.visit(&layer, |session| async move { session.destroy() }).await;
        expect("the end of a guest's session", &["loaded", "ended"], &["loaded", "ended"]);
        assert_eq!(layer.metrics().logged_in, 2, "{kind}");
        assert_eq!(layer.metrics().logged_out, 2, "{kind}");
    }
}

#[tokio::test]
async fn cookies_that_lead_to_no_session_are_one_event_each() {
    for (kind, layer, seen) in observed() {
        let app: Router = Router::new()
            .route("/", get(async |session: Session| session.len().to_string()))
            .layer(layer.clone());
        let request =
            Request::get("/").header("cookie", "__Host-session=x; __Host-session=y").body("").unwrap();
        Browser::new(app).send(request).await.unwrap();
        assert_eq!(seen.take(), ["rejected", "rejected"], "{kind}");
    }
    let clock = TestClock::new();
    for (kind, layer) in kinds() {
        let seen = Seen::default();
        let layer = seen.subscribe(layer.clock(clock.reader()));
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        let copy = browser.thief();
        clock.advance(Duration::from_secs(40 * 86_400));
        seen.take();
        copy.visit(&layer, |session| async move { session.keys() }).await;
        assert_eq!(seen.take(), ["expired"], "{kind}");
    }
}

#[tokio::test]
async fn requests_that_meet_are_reported_with_what_became_of_their_writes() {
    let seen = Seen::default();
    let layer = seen.subscribe(observed::stored(MemoryStore::new()));
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 0) }).await;
    seen.take();
    browser
        .thief()
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.insert("a", 2);
                browser.visit(layer, |session| async move { session.insert("a", 1) }).await;
            }
        })
        .await;
    assert_eq!(seen.take(), ["loaded", "loaded", "written", "conflict", "written", "merged"]);
    browser
        .thief()
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.insert("a", 3);
                browser.visit(layer, |session| async move { session.destroy() }).await;
            }
        })
        .await;
    assert_eq!(seen.take(), ["loaded", "loaded", "ended", "conflict", "dropped"]);
}

#[tokio::test]
async fn an_update_that_cannot_run_again_is_one_event() {
    let seen = Seen::default();
    let layer = seen.subscribe(observed::stored(MemoryStore::new()));
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 0) }).await;
    seen.take();
    let other = browser.thief();
    other
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.update("a", |a: &mut u64| *a += 1);
                browser.visit(layer, |session| async move { session.insert("a", "text") }).await;
            }
        })
        .await;
    let events = seen.take();
    assert_eq!(events.iter().filter(|event| *event == "update failed").count(), 1, "{events:?}");
    assert!(!events.contains(&"store failed".to_owned()), "{events:?}");
    assert_eq!(layer.metrics().failed_updates, 1);
}

#[tokio::test]
async fn devices_and_sessions_that_are_ended_from_another_are_one_event() {
    let seen = Seen::default();
    let clock = TestClock::new();
    let layer = seen.subscribe(observed::stored(MemoryStore::new()).clock(clock.reader()));
    let [one, other, third] = [browser(), browser(), browser()];
    for browser in [&one, &other, &third] {
        browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
    }
    seen.take();
    one.visit(&layer, |session| async move { session.devices().await.unwrap().len() }).await;
    assert_eq!(seen.take(), ["loaded", "listed"]);
    one.visit(&layer, |session| async move {
        let devices = session.devices().await.unwrap();
        let device = devices.iter().find(|device| !device.is_current).unwrap();
        session.end_device(&device.handle).await.unwrap()
    })
    .await;
    assert_eq!(seen.take(), ["loaded", "listed", "revoked"]);
    one.visit(&layer, |session| async move { session.end_others().await.unwrap() }).await;
    assert_eq!(seen.take(), ["loaded", "revoked"]);
    one.visit(&layer, |session| async move { session.end_others().await.unwrap() }).await;
    assert_eq!(seen.take(), ["loaded", "revoked"], "nothing was left to end");
    assert_eq!(layer.metrics().revoked, 2);
    clock.advance(Duration::from_secs(2 * 3600));
    one.visit(&layer, |session| async move { session.keys() }).await;
    assert_eq!(seen.take(), ["loaded", "touched"]);
}

#[tokio::test]
async fn what_goes_wrong_is_one_event() {
    let (seen, watch) = (Seen::default(), Watch::default());
    let store = Spy::on(Arc::new(MemoryStore::new()), watch.clone());
    let layer = seen.subscribe(observed::stored(store));
    let browser = browser();
    browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
    seen.take();
    watch.break_down(true);
    let app: Router = Router::new()
        .route("/", get(async |session: Session| session.len().to_string()))
        .layer(layer.clone());
    let cookie = format!("__Host-session={}", session_cookie(&browser).unwrap());
    let request = Request::get("/").header("cookie", cookie).body("").unwrap();
    assert_eq!(Browser::new(app).send(request).await.unwrap().status(), 503);
    assert_eq!(seen.take(), ["store failed"], "loading");
    watch.break_down(false);
    browser
        .visit(&layer, |session| {
            let watch = watch.clone();
            async move {
                watch.break_down(true);
                assert!(session.devices().await.is_err());
                assert!(session.end_others().await.is_err());
                session.insert("a", 1);
            }
        })
        .await;
    assert_eq!(seen.take(), ["loaded", "store failed", "store failed", "store failed"]);
    watch.break_down(false);
    let mut kept = None;
    browser
        .visit(&layer, |session| {
            kept = Some(session.clone());
            async {}
        })
        .await;
    assert_eq!(seen.take(), ["loaded"]);
    kept.unwrap().insert("a", 1);
    assert_eq!(seen.take(), ["late"]);
}

#[tokio::test]
async fn every_kind_has_a_name_in_the_metrics_and_the_guide() {
    let guide = include_str!("../../docs/monitoring.md");
    let names: BTreeSet<_> = guide
        .split('`')
        .filter(|name| name.starts_with("hardtack_") && !name.contains('{'))
        .map(str::to_owned)
        .collect();
    assert_eq!(names.len(), 26, "{names:?}");
    #[cfg(feature = "metrics")]
    {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, hardtack::describe_metrics);
        let layer = observed::stored(MemoryStore::new());
        let _guard = metrics::set_default_local_recorder(&recorder);
        let browser = browser();
        browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
        browser.visit(&layer, |session| async move { session.log_out() }).await;
        let rendered = handle.render();
        for line in [
            "hardtack_sessions_created_total{session=\"session\"} 1",
            "hardtack_logins_total{session=\"session\"} 1",
            "hardtack_logouts_total{session=\"session\"} 1",
            "hardtack_store_duration_seconds_count{session=\"session\",operation=\"load\"} 1",
            "hardtack_store_duration_seconds_count{session=\"session\",operation=\"save\"} 2",
        ] {
            assert!(rendered.lines().any(|other| other == line), "{line}\n{rendered}");
        }
        for line in rendered.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let name = line.split(['{', ' ']).next().unwrap();
            let name = name.trim_end_matches("_count").trim_end_matches("_sum").to_owned();
            assert!(names.contains(&name), "{name} is not in the guide");
        }
    }
}

#[tokio::test]
async fn an_event_names_the_layer_the_session_the_user_and_the_duration() {
    struct Admin;
    type Facts = (&'static str, String, Option<String>, Option<String>, bool);
    let facts: Arc<Mutex<Vec<Facts>>> = Arc::default();
    let seen = Arc::clone(&facts);
    let subscriber = move |event: &SessionEvent<'_>| {
        let id = |id: Option<hardtack::protocol::LogId>| id.map(|id| id.to_string());
        seen.lock().unwrap().push((
            event.marker(),
            match event.kind() {
                EventKind::LoggedIn { user, .. } => format!("in {}", user.as_str()),
                EventKind::LoggedOut { user, .. } => format!("out {}", user.as_str()),
                kind => name_of(kind).to_owned(),
            },
            id(event.session()),
            id(event.session_before()),
            event.took().is_some(),
        ));
    };
    let layer = observed::stored(MemoryStore::new()).named::<Admin>("admin").on_event(subscriber);
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
    browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
    browser.visit(&layer, |session| async move { session.log_out() }).await;
    let facts = facts.lock().unwrap();
    assert!(facts.iter().all(|fact| fact.0.ends_with("Admin")), "{facts:?}");
    let what: Vec<_> = facts.iter().map(|fact| fact.1.as_str()).collect();
    assert_eq!(what, ["created", "loaded", "written", "in jane", "loaded", "ended", "out jane"]);
    let took: Vec<_> = facts.iter().map(|fact| fact.4).collect();
    assert_eq!(took, [true, true, true, false, true, true, false]);
    let [created, loaded, written, login, again, ended, logout] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!(created.2, loaded.2);
    assert_ne!(loaded.2, written.2, "a login gives a new id");
    assert_eq!((&login.2, &login.3), (&written.2, &created.2));
    assert_eq!((&again.2, &ended.2), (&written.2, &written.2));
    assert_eq!((&logout.2, &logout.3), (&None, &written.2));
}

#[tokio::test]
async fn a23_the_debug_form_of_an_event_redacts_the_user_and_shows_no_id() {
    for (kind, layer) in kinds() {
        let forms: Arc<Mutex<String>> = Arc::default();
        let seen = Arc::clone(&forms);
        let layer = layer.on_event(move |event| seen.lock().unwrap().push_str(&format!("{event:?}")));
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("cart", "gunpowder tea") }).await;
        let before = session_cookie(&browser).unwrap();
        browser.visit(&layer, |session| async move { session.log_in("jane-doe") }).await;
        let after = session_cookie(&browser).unwrap();
        browser.visit(&layer, |session| async move { session.log_out() }).await;
        let forms = forms.lock().unwrap();
        assert!(forms.contains("LoggedIn") && forms.contains("[redacted]"), "{kind}: {forms}");
        for secret in [&*before, &*after, "gunpowder", "jane-doe"] {
            assert!(!forms.contains(secret), "{kind}: {secret} in {forms}");
        }
    }
}

#[tokio::test]
async fn a_write_is_reported_after_the_store_has_acknowledged_it() {
    let watch = Watch::default();
    let seen = Seen::default();
    let layer = seen.subscribe(observed::stored(Spy::on(Arc::new(MemoryStore::new()), watch.clone())));
    watch.hold();
    let task = tokio::spawn({
        let layer = layer.clone();
        async move { browser().visit(&layer, |session| async move { session.insert("a", 1) }).await.page.status() }
    });
    watch.holds_one().await;
    assert_eq!(seen.take(), [""; 0]);
    watch.release();
    assert_eq!(task.await.unwrap(), 200);
    assert_eq!(seen.take(), ["created"]);
}

#[tokio::test]
async fn a_subscriber_may_use_the_session_and_panic() {
    for (kind, layer) in kinds() {
        let handle: Arc<Mutex<Option<Session>>> = Arc::default();
        let (seen, late) = (Seen::default(), Arc::clone(&handle));
        let layer = layer.on_event(move |event| {
            let session = late.lock().unwrap().clone();
            if let (Some(session), EventKind::Written { .. } | EventKind::Late { .. }) =
                (session, event.kind())
            {
                // No lock is held, and a late write does not cause an endless series of events.
                assert_eq!(session.get::<u64>("a"), Some(2));
                session.insert("a", 3);
                panic!("a subscriber panics");
            }
        });
        let layer = seen.subscribe(layer);
        let browser = browser();
        browser.try_within(&layer, |session: Session| async move { session.insert("a", 1) }).await.unwrap();
        let (page, _) = browser
            .try_within(&layer, |session: Session| {
                *handle.lock().unwrap() = Some(session.clone());
                async move { session.insert("a", 2) }
            })
            .await
            .unwrap();
        assert_eq!(page.status(), 200, "{kind}");
        // The late write inside the subscriber is counted, but not delivered.
        assert_eq!(seen.take(), ["created", "loaded", "written"], "{kind}");
        assert_eq!(layer.metrics().late, 1, "{kind}");
        *handle.lock().unwrap() = None;
        let read = browser.visit(&layer, |session| async move { session.get::<u64>("a") }).await;
        assert_eq!(read.value.flatten(), Some(2), "{kind}");
    }
}

#[tokio::test]
async fn a_failed_operation_is_named() {
    let operations: Arc<Mutex<Vec<StoreOperation>>> = Arc::default();
    let (seen, watch) = (Arc::clone(&operations), Watch::default());
    let layer =
        observed::stored(Spy::on(Arc::new(MemoryStore::new()), watch.clone())).on_event(move |event| {
            if let EventKind::StoreFailed { operation, .. } = event.kind() {
                seen.lock().unwrap().push(*operation);
            }
        });
    let browser = browser();
    browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
    browser
        .visit(&layer, |session| async move {
            watch.break_down(true);
            assert!(session.devices().await.is_err());
            assert!(session.end_others().await.is_err());
            session.insert("a", 1);
        })
        .await;
    let expected = [StoreOperation::List, StoreOperation::Revoke, StoreOperation::Save];
    assert_eq!(*operations.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_canceled_login_is_no_login_and_its_cleanup_no_logout() {
    let (seen, watch) = (Seen::default(), Watch::default());
    let layer = seen.subscribe(SessionLayer::stored(Spy::on(Arc::new(MemoryStore::new()), watch.clone())));
    watch.hold();
    let task = tokio::spawn({
        let layer = layer.clone();
        async move { browser().try_within(&layer, |session: Session| async move { session.log_in("jane") }).await }
    });
    watch.holds_one().await;
    task.abort();
    assert!(task.await.is_err());
    watch.release();
    while layer.metrics().ended == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(seen.take(), ["created", "abandoned", "ended"]);
}

#[tokio::test]
async fn a_guest_is_neither_renewed_before_there_is_a_session_nor_logged_out() {
    for (kind, layer, seen) in observed() {
        browser()
            .visit(&layer, |session| async move {
                session.renew();
                session.insert("a", 1);
            })
            .await;
        assert_eq!(seen.take(), ["created"], "{kind}");
        let browser = browser();
        browser
            .visit(&layer, |session| async move {
                session.log_out();
                session.insert("a", 1);
            })
            .await;
        assert_eq!(seen.take(), ["created"], "{kind}");
        browser.visit(&layer, |session| async move { session.log_out() }).await;
        let stored: &[&str] = &["loaded", "written", "renewed"];
        assert_eq!(seen.take(), if kind == "stored" { stored } else { &["loaded", "written"] }, "{kind}");
        browser
            .visit(&layer, |session| async move {
                session.log_in("jane");
                session.clear();
            })
            .await;
        let events = seen.take();
        assert_eq!(events.contains(&"logged in".to_owned()), kind == "stored", "{kind}: {events:?}");
    }
}
