//! Logouts, revocations, and late requests that must not undo them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hardtack::protocol::{Purpose, Record, SessionId};
use hardtack::store::Swap;
use hardtack::{BackendSettings, DeviceError, Devices, MemoryStore, Session, SessionLayer, SessionStore};
use hardtack_jar::{Browser, TestClock};
use http::StatusCode;

use crate::observed;
use crate::support::{Visits, answering, browser, kinds, session_cookie};

async fn logged_in(layer: &SessionLayer<impl BackendSettings>) -> Browser {
    let browser = browser();
    browser.visit(layer, |session| async move { session.log_in("jane") }).await;
    browser
}

#[tokio::test]
async fn o12_a_logout_removes_the_cookie_on_every_kind() {
    for (kind, layer) in kinds() {
        let browser = logged_in(&layer).await;
        let reply = browser.visit(&layer, |session| async move { session.log_out() }).await;
        let removal = "__Host-session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; Path=/; SameSite=Lax";
        assert_eq!(reply.page.set_cookies(), [removal], "{kind}");
        assert_eq!(session_cookie(&browser), None, "{kind}");
    }
}

#[tokio::test]
async fn a10_a_captured_id_is_dead_after_the_logout() {
    let layer = observed::stored(MemoryStore::new());
    let browser = logged_in(&layer).await;
    let captured = browser.thief();
    browser.visit(&layer, |session| async move { session.log_out() }).await;
    let seen = captured.late(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
}

#[tokio::test]
async fn n2_a_logout_while_a_writer_is_under_way_stays() {
    let layer = observed::stored(MemoryStore::new());
    let browser = logged_in(&layer).await;
    let writer = browser.thief();
    let reply = writer
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.update("n", |n: &mut i64| *n += 1);
                browser.visit(layer, |session| async move { session.log_out() }).await;
            }
        })
        .await;
    assert!(reply.page.set_cookies().is_empty());
    assert_eq!(layer.metrics().dropped, 1);
    let seen = writer.late(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
}

#[tokio::test]
async fn a_renewal_and_a_logout_at_once_leave_no_session() {
    let layer = observed::stored(MemoryStore::new());
    let browser = logged_in(&layer).await;
    let renewer = browser.thief();
    let reply = renewer
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.renew();
                browser.visit(layer, |session| async move { session.log_out() }).await;
            }
        })
        .await;
    renewer.take(&reply);
    let seen = renewer.late(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
    // The reverse case: the logout is late, and follows the renewal.
    let browser = logged_in(&layer).await;
    let late = browser.thief();
    late.late(&layer, |session| {
        let (layer, browser) = (&layer, &browser);
        async move {
            session.log_out();
            browser.visit(layer, |session| async move { session.renew() }).await;
        }
    })
    .await;
    let seen = browser.late(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
}

#[tokio::test]
async fn a_farewell_after_the_logout_begins_a_new_session() {
    for (kind, layer) in kinds() {
        let browser = logged_in(&layer).await;
        let before = browser.thief();
        browser
            .visit(&layer, |session| async move {
                session.insert("secret", 1);
                session.log_out();
                session.flash("Goodbye");
            })
            .await;
        assert_ne!(session_cookie(&browser), session_cookie(&before), "{kind}");
        let seen = browser
            .visit(&layer, |session| async move {
                (session.user(), session.contains("secret"), session.flashes().len())
            })
            .await;
        assert_eq!(seen.value, Some((None, false, 1)), "{kind}");
    }
}

#[tokio::test]
async fn a_logout_of_a_cleared_session_keeps_nothing_that_came_meanwhile() {
    let layer = observed::stored(MemoryStore::new());
    let browser = logged_in(&layer).await;
    let other = browser.thief();
    let reply = other
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.clear();
                session.log_out();
                session.flash("Goodbye");
                browser.visit(layer, |session| async move { session.insert("secret", "jane's") }).await;
            }
        })
        .await;
    browser.take(&reply);
    let seen = browser.visit(&layer, |session| async move { session.keys() }).await;
    assert_eq!(seen.value, Some(vec!["_flashes".to_owned()]));
}

#[tokio::test]
async fn a_logout_of_a_cleared_session_keeps_nothing_of_its_user() {
    type Handler = fn(&Session);
    let cleared: Handler = |session| {
        session.clear();
        session.insert("note", "jane's");
        session.log_out();
    };
    // The user logs in with the same request.
    let begun: Handler = |session| {
        session.log_in("jane");
        session.clear();
        session.insert("note", "jane's");
        session.log_out();
    };
    for (kind, layer) in kinds() {
        for (is_guest, handler) in [(false, cleared), (true, begun)] {
            let browser = if is_guest { browser() } else { logged_in(&layer).await };
            browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
            browser.visit(&layer, |session| async move { handler(&session) }).await;
            let seen = browser.visit(&layer, |session| async move { (session.user(), session.keys()) }).await;
            assert_eq!(seen.value, Some((None, Vec::new())), "{kind}, guest: {is_guest}");
        }
    }
}

#[tokio::test]
async fn what_is_written_after_a_logout_survives_a_second_one() {
    for (kind, layer) in kinds() {
        for end in [Session::log_out as fn(&Session), Session::destroy] {
            let browser = logged_in(&layer).await;
            let farewell = |session: Session| async move {
                end(&session);
                session.flash("Goodbye");
                session.log_out();
            };
            browser.visit(&layer, farewell).await;
            let seen = browser.visit(&layer, |session| async move { session.flashes().len() }).await;
            assert_eq!(seen.value, Some(1), "{kind}");
        }
    }
}

#[tokio::test]
async fn a_session_in_its_cookie_keeps_no_name_of_its_device() {
    for (kind, layer) in kinds().into_iter().filter(|(kind, _)| *kind != "stored") {
        let browser = logged_in(&layer).await;
        let named = browser.visit(&layer, |session| async move { session.name_device("a laptop") }).await;
        assert!(named.page.set_cookies().is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn n2_a_server_error_does_not_undo_a_logout() {
    let layer = observed::stored(MemoryStore::new());
    let browser = logged_in(&layer).await;
    let captured = browser.thief();
    let failing = answering(StatusCode::INTERNAL_SERVER_ERROR, &layer, |session| session.log_out());
    let browser = browser.app(failing);
    assert_eq!(browser.get("/").await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(session_cookie(&browser), None);
    let seen = captured.late(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
}

#[tokio::test]
async fn a16_devices_are_listed_named_and_ended() {
    let clock = TestClock::new();
    let layer = observed::stored(MemoryStore::new()).clock(clock.reader());
    let phone = logged_in(&layer).await;
    clock.advance(Duration::from_secs(1));
    let tablet = logged_in(&layer).await;
    tablet.visit(&layer, |session| async move { session.name_device("the kitchen tablet") }).await;
    let devices =
        tablet.visit(&layer, |session| async move { session.devices().await.unwrap() }).await.value.unwrap();
    let shown: Vec<_> = devices.iter().map(|device| (device.label.as_deref(), device.is_current)).collect();
    assert_eq!(shown, [(Some("the kitchen tablet"), true), (None, false)]);

    let handle = devices[1].handle.to_string().parse().unwrap();
    let ended =
        tablet.visit(&layer, |session| async move { session.end_device(&handle).await.unwrap() }).await;
    assert_eq!(ended.value, Some(true));
    let seen = phone.visit(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
    let again =
        tablet.visit(&layer, |session| async move { session.end_device(&handle).await.unwrap() }).await;
    assert_eq!(again.value, Some(false));
    assert_eq!(layer.metrics().revoked, 1);
}

#[tokio::test]
async fn a12_all_other_devices_are_ended_and_nobody_elses() {
    let layer = observed::stored(MemoryStore::new());
    let (first, second, here) = (logged_in(&layer).await, logged_in(&layer).await, logged_in(&layer).await);
    let john = browser();
    john.visit(&layer, |session| async move { session.log_in("john") }).await;
    // A request from the first device is in progress, and finishes too late.
    let reply = first
        .late(&layer, |session| {
            let (layer, here) = (&layer, &here);
            async move {
                session.renew();
                let ended =
                    here.visit(layer, |session| async move { session.end_others().await.unwrap() }).await;
                assert_eq!(ended.value, Some(2));
            }
        })
        .await;
    assert!(reply.page.set_cookies().is_empty());
    for (browser, user) in [(first, None), (second, None), (here, Some("jane")), (john, Some("john"))] {
        let seen = browser.late(&layer, |session| async move { session.user() }).await;
        assert_eq!(seen.value.flatten().as_deref(), user);
    }
}

#[tokio::test]
async fn a16_nobody_ends_another_users_device() {
    let layer = observed::stored(MemoryStore::new());
    let jane = logged_in(&layer).await;
    let handle = jane
        .visit(&layer, |session| async move { session.devices().await.unwrap()[0].handle })
        .await
        .value
        .unwrap();
    let john = browser();
    john.visit(&layer, |session| async move { session.log_in("john") }).await;
    let ended = john.visit(&layer, |session| async move { session.end_device(&handle).await.unwrap() }).await;
    assert_eq!(ended.value, Some(false));
    let seen = jane.visit(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten().as_deref(), Some("jane"));
}

#[tokio::test]
async fn sessions_kept_in_cookies_say_that_they_know_no_devices() {
    for (kind, layer) in kinds() {
        let browser = logged_in(&layer).await;
        let devices =
            browser.visit(&layer, |session| async move { session.devices().await }).await.value.unwrap();
        match devices {
            Err(DeviceError::Unsupported) => assert_ne!(kind, "stored"),
            Ok(devices) => assert_eq!((kind, devices.len()), ("stored", 1)),
            Err(error) => panic!("{kind}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_stranger_has_no_devices() {
    let layer = observed::stored(MemoryStore::new());
    let devices = browser().visit(&layer, |session| async move { session.devices().await }).await;
    assert!(matches!(devices.value, Some(Err(DeviceError::NotLoggedIn))));
}

#[tokio::test]
async fn a12_log_out_everywhere_else_spares_a_session_that_another_tab_renews() {
    let layer = observed::stored(MemoryStore::new());
    let (here, other) = (logged_in(&layer).await, logged_in(&layer).await);
    let tab = here.thief();
    let ended = here
        .late(&layer, |session| {
            let (layer, tab) = (&layer, &tab);
            async move {
                assert_eq!(session.user().as_deref(), Some("jane"));
                tab.visit(layer, |session| async move { session.renew() }).await;
                session.end_others().await.unwrap()
            }
        })
        .await;
    assert_eq!(ended.value, Some(1));
    for (browser, user) in [(tab, Some("jane")), (other, None)] {
        let seen = browser.visit(&layer, |session| async move { session.user() }).await;
        assert_eq!(seen.value.flatten().as_deref(), user);
    }
}

#[tokio::test]
async fn a12_a_login_in_the_same_request_is_spared_with_what_it_continues() {
    let layer = observed::stored(MemoryStore::new());
    for saves in [false, true] {
        let (here, other) = (logged_in(&layer).await, logged_in(&layer).await);
        here.visit(&layer, |session| async move { session.insert("cart", 7) }).await;
        // The user changes the password.
        let ended = here
            .visit(&layer, |session| async move {
                session.log_in("jane");
                if saves {
                    session.save().await.unwrap();
                }
                let devices = session.devices().await.unwrap();
                let current = devices.iter().filter(|device| device.is_current).count();
                (session.end_others().await.unwrap(), current)
            })
            .await;
        assert_eq!(ended.value, Some((1, 1)));
        let seen =
            here.visit(&layer, |session| async move { (session.user(), session.get::<i64>("cart")) }).await;
        assert_eq!(seen.value, Some((Some("jane".to_owned()), Some(7))));
        let seen = other.visit(&layer, |session| async move { session.user() }).await;
        assert_eq!(seen.value.flatten(), None);
        here.visit(&layer, |session| async move { session.log_out() }).await;
    }
}

#[tokio::test]
async fn who_has_logged_in_is_told_by_the_record_and_not_by_the_data() {
    let store = Arc::new(MemoryStore::new());
    let layer = observed::stored(Arc::clone(&store));
    let jane = logged_in(&layer).await;
    let (id, now) = (SessionId::from_random([7; 32]), SystemTime::now());
    let record = Record::new(Purpose::default(), *br#"{"_user_id":"jane"}"#, now)
        .expires_at(now + Duration::from_secs(60))
        .deadline(now + Duration::from_secs(60));
    let created = store.create(&id.store_key(&Purpose::default()), &record).await.unwrap();
    assert_ne!(created, Swap::Refused);
    let forger = browser();
    forger.set_cookie(&format!("__Host-session={}; Path=/; Secure", id.to_text())).unwrap();
    let ended = forger
        .visit(&layer, |session| async move {
            (session.devices().await.is_err(), session.end_others().await.is_err())
        })
        .await;
    assert_eq!(ended.value, Some((true, true)));
    let seen = jane.visit(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten().as_deref(), Some("jane"));
}

#[tokio::test]
async fn a_user_with_many_sessions_sees_them_page_by_page() {
    let layer = observed::stored(MemoryStore::new());
    let here = logged_in(&layer).await;
    for _ in 0..2 * Devices::PAGE {
        logged_in(&layer).await;
    }
    let seen = here
        .visit(&layer, |session| async move {
            let (mut page, mut seen, mut lengths) =
                (session.devices().await.unwrap(), HashSet::new(), Vec::new());
            let mut current = 0;
            loop {
                lengths.push(page.len());
                seen.extend(page.iter().map(|device| device.handle));
                current += page.iter().filter(|device| device.is_current).count();
                let Some(next) = page.next_page() else { return (seen.len(), lengths, current) };
                let next = next.to_string().parse().unwrap();
                page = session.devices_after(&next).await.unwrap();
            }
        })
        .await;
    assert_eq!(seen.value, Some((201, vec![100, 100, 1], 1)));
}
