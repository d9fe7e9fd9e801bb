//! Logouts, revocations, and the late requests that try to undo them.

use hardtack::{DeviceError, MemoryStore, SessionLayer};
use http::StatusCode;

use crate::support::{Browser, Clock, kinds};

async fn logged_in(layer: &SessionLayer) -> Browser {
    let mut browser = Browser::default();
    browser.send(layer, |session| async move { session.log_in("jane") }).await;
    browser
}

#[tokio::test]
async fn a_logout_removes_the_cookie_on_every_kind() {
    for (kind, layer) in kinds() {
        let mut browser = logged_in(&layer).await;
        let reply = browser.send(&layer, |session| async move { session.log_out() }).await;
        let removal = "__Host-session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; Path=/; SameSite=Lax";
        assert_eq!(reply.set_cookie(), [removal], "{kind}");
        assert_eq!(browser.cookie, None, "{kind}");
    }
}

#[tokio::test]
async fn a_captured_id_is_dead_after_the_logout() {
    let layer = SessionLayer::stored(MemoryStore::new());
    let mut browser = logged_in(&layer).await;
    let captured = browser.clone();
    browser.send(&layer, |session| async move { session.log_out() }).await;
    let seen = captured.late(StatusCode::OK, &layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
}

#[tokio::test]
async fn a_logout_while_a_writer_is_under_way_stays() {
    let layer = SessionLayer::stored(MemoryStore::new());
    let mut browser = logged_in(&layer).await;
    let writer = browser.clone();
    let reply = writer
        .late(StatusCode::OK, &layer, |session| {
            let (layer, browser) = (&layer, &mut browser);
            async move {
                session.update("n", |n: &mut i64| *n += 1);
                browser.send(layer, |session| async move { session.log_out() }).await;
            }
        })
        .await;
    assert!(reply.set_cookie().is_empty());
    assert_eq!(layer.counts().dropped, 1);
    let seen = writer.late(StatusCode::OK, &layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
}

#[tokio::test]
async fn a_renewal_and_a_logout_at_once_leave_no_session() {
    let layer = SessionLayer::stored(MemoryStore::new());
    let mut browser = logged_in(&layer).await;
    let mut renewer = browser.clone();
    let reply = renewer
        .late(StatusCode::OK, &layer, |session| {
            let (layer, browser) = (&layer, &mut browser);
            async move {
                session.renew();
                browser.send(layer, |session| async move { session.log_out() }).await;
            }
        })
        .await;
    renewer.take(&reply);
    let seen = renewer.late(StatusCode::OK, &layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
    // And the other way round: the logout comes late, and follows the renewal.
    let mut browser = logged_in(&layer).await;
    let late = browser.clone();
    late.late(StatusCode::OK, &layer, |session| {
        let (layer, browser) = (&layer, &mut browser);
        async move {
            session.log_out();
            browser.send(layer, |session| async move { session.renew() }).await;
        }
    })
    .await;
    let seen = browser.late(StatusCode::OK, &layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
}

#[tokio::test]
async fn a_farewell_after_the_logout_begins_a_new_session() {
    for (kind, layer) in kinds() {
        let mut browser = logged_in(&layer).await;
        let before = browser.clone();
        browser
            .send(&layer, |session| async move {
                session.insert("secret", 1);
                session.log_out();
                session.flash("Goodbye");
            })
            .await;
        assert_ne!(browser, before, "{kind}");
        let seen = browser
            .send(&layer, |session| async move {
                (session.user(), session.contains("secret"), session.flashes().len())
            })
            .await;
        assert_eq!(seen.value, Some((None, false, 1)), "{kind}");
    }
}

#[tokio::test]
async fn a_logout_of_a_cleared_session_keeps_nothing_that_came_meanwhile() {
    let layer = SessionLayer::stored(MemoryStore::new());
    let mut browser = logged_in(&layer).await;
    let other = browser.clone();
    let reply = other
        .late(StatusCode::OK, &layer, |session| {
            let (layer, browser) = (&layer, &mut browser);
            async move {
                session.clear();
                session.log_out();
                session.flash("Goodbye");
                browser.send(layer, |session| async move { session.insert("secret", "jane's") }).await;
            }
        })
        .await;
    browser.take(&reply);
    let seen = browser.send(&layer, |session| async move { session.keys() }).await;
    assert_eq!(seen.value, Some(vec!["_flashes".to_owned()]));
}

#[tokio::test]
async fn a_server_error_does_not_undo_a_logout() {
    let layer = SessionLayer::stored(MemoryStore::new());
    let mut browser = logged_in(&layer).await;
    let captured = browser.clone();
    let failed = StatusCode::INTERNAL_SERVER_ERROR;
    browser.send_for(failed, &layer, |session| async move { session.log_out() }).await;
    assert_eq!(browser.cookie, None);
    let seen = captured.late(StatusCode::OK, &layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
}

#[tokio::test]
async fn devices_are_listed_named_and_ended() {
    let clock = Clock::default();
    let layer = SessionLayer::stored(MemoryStore::new()).clock(clock.now());
    let mut phone = logged_in(&layer).await;
    clock.turn(1);
    let mut tablet = logged_in(&layer).await;
    tablet.send(&layer, |session| async move { session.name_device("the kitchen tablet") }).await;
    let devices =
        tablet.send(&layer, |session| async move { session.devices().await.unwrap() }).await.value.unwrap();
    let shown: Vec<_> = devices.iter().map(|device| (device.label.as_deref(), device.is_current)).collect();
    assert_eq!(shown, [(Some("the kitchen tablet"), true), (None, false)]);

    let handle = devices[1].handle.to_string().parse().unwrap();
    let ended =
        tablet.send(&layer, |session| async move { session.end_device(&handle).await.unwrap() }).await;
    assert_eq!(ended.value, Some(true));
    let seen = phone.send(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
    let again =
        tablet.send(&layer, |session| async move { session.end_device(&handle).await.unwrap() }).await;
    assert_eq!(again.value, Some(false));
    assert_eq!(layer.counts().revoked, 1);
}

#[tokio::test]
async fn all_other_devices_are_ended_and_nobody_elses() {
    let layer = SessionLayer::stored(MemoryStore::new());
    let (first, second, mut here) =
        (logged_in(&layer).await, logged_in(&layer).await, logged_in(&layer).await);
    let mut john = Browser::default();
    john.send(&layer, |session| async move { session.log_in("john") }).await;
    // A request of the first device is under way, and comes too late.
    let reply = first
        .late(StatusCode::OK, &layer, |session| {
            let (layer, here) = (&layer, &mut here);
            async move {
                session.renew();
                let ended =
                    here.send(layer, |session| async move { session.end_others().await.unwrap() }).await;
                assert_eq!(ended.value, Some(2));
            }
        })
        .await;
    assert!(reply.set_cookie().is_empty());
    for (browser, user) in [(first, None), (second, None), (here, Some("jane")), (john, Some("john"))] {
        let seen = browser.late(StatusCode::OK, &layer, |session| async move { session.user() }).await;
        assert_eq!(seen.value.flatten().as_deref(), user);
    }
}

#[tokio::test]
async fn nobody_ends_another_users_device() {
    let layer = SessionLayer::stored(MemoryStore::new());
    let mut jane = logged_in(&layer).await;
    let handle = jane
        .send(&layer, |session| async move { session.devices().await.unwrap()[0].handle })
        .await
        .value
        .unwrap();
    let mut john = Browser::default();
    john.send(&layer, |session| async move { session.log_in("john") }).await;
    let ended = john.send(&layer, |session| async move { session.end_device(&handle).await.unwrap() }).await;
    assert_eq!(ended.value, Some(false));
    let seen = jane.send(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten().as_deref(), Some("jane"));
}

#[tokio::test]
async fn sessions_kept_in_cookies_say_that_they_know_no_devices() {
    for (kind, layer) in kinds() {
        let mut browser = logged_in(&layer).await;
        let devices =
            browser.send(&layer, |session| async move { session.devices().await }).await.value.unwrap();
        match devices {
            Err(DeviceError::Unsupported) => assert_ne!(kind, "stored"),
            Ok(devices) => assert_eq!((kind, devices.len()), ("stored", 1)),
            Err(error) => panic!("{kind}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_stranger_has_no_devices() {
    let layer = SessionLayer::stored(MemoryStore::new());
    let devices = Browser::default().send(&layer, |session| async move { session.devices().await }).await;
    assert!(matches!(devices.value, Some(Err(DeviceError::NotLoggedIn))));
}
