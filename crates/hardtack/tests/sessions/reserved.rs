//! The key that stores who is logged in.

use std::collections::BTreeMap;

use hardtack::{DeviceError, Session, Value};

use crate::observed;
use crate::support::{Visits, browser, kinds};

const KEY: &str = "_user_id";

/// The name of a method, and a call to it.
type Write = (&'static str, fn(&Session));

#[tokio::test]
async fn no_write_but_a_login_makes_a_user() {
    let writes: [Write; 8] = [
        ("insert", |session| session.insert(KEY, 7)),
        ("insert text", |session| session.insert(KEY, "jane")),
        ("try_insert", |session| assert!(session.try_insert(KEY, "jane").is_err())),
        ("extend", |session| session.extend([("a", "x"), (KEY, "jane")])),
        ("write_from", |session| {
            assert!(session.write_from(&BTreeMap::from([("a", "x"), (KEY, "jane")])).is_err());
        }),
        ("update", |session| session.update(KEY, |user: &mut String| user.push_str("jane"))),
        ("try_update", |session| {
            assert!(session.try_update(KEY, |user: &mut String| user.push_str("jane")).is_err());
        }),
        ("remove", |session| assert!(!session.remove(KEY))),
    ];
    for (name, write) in writes {
        for (kind, layer) in kinds() {
            let guest = browser();
            let reply = guest
                .visit(&layer, |session| async move {
                    write(&session);
                    (session.user(), session.is_empty())
                })
                .await;
            assert_eq!(reply.value, Some((None, true)), "{name} {kind}");
            let user = browser();
            user.visit(&layer, |session| async move { session.log_in("ada") }).await;
            user.visit(&layer, |session| async move { write(&session) }).await;
            let seen = user.visit(&layer, |session| async move { (session.user(), session.keys()) }).await;
            assert_eq!(seen.value, Some((Some("ada".to_owned()), vec![KEY.to_owned()])), "{name} {kind}");
        }
    }
}

#[tokio::test]
async fn writing_what_was_read_changes_nothing() {
    for (kind, layer) in kinds() {
        let user = browser();
        user.visit(&layer, |session| async move { session.log_in("ada") }).await;
        user.visit(&layer, |session| async move {
            let mut whole: BTreeMap<String, Value> = session.iter().collect();
            whole.insert("theme".to_owned(), "dark".into());
            session.write_from(&whole).unwrap();
            session.extend(whole);
        })
        .await;
        let seen = user.visit(&layer, |session| async move { (session.user(), session.len()) }).await;
        assert_eq!(seen.value, Some((Some("ada".to_owned()), 2)), "{kind}");
    }
}

#[tokio::test]
async fn a_user_is_known_while_a_save_is_under_way_and_after_it() {
    for (kind, layer) in kinds() {
        let user = browser();
        user.visit(&layer, |session| async move { session.log_in("ada") }).await;
        let seen = user
            .visit(&layer, |session| async move {
                session.insert("a", 1);
                let mut save = Box::pin(session.save());
                let mut seen = Vec::new();
                std::future::poll_fn(|context| {
                    let saved = save.as_mut().poll(context);
                    seen.push(session.user());
                    saved.map(|saved| saved.map(drop))
                })
                .await
                .unwrap();
                seen.push(session.user());
                seen
            })
            .await;
        assert!(seen.value.unwrap().iter().all(|user| user.as_deref() == Some("ada")), "{kind}");
    }
}

#[tokio::test]
async fn a_guest_who_logs_out_of_nothing_has_no_devices() {
    let layer = observed::stored(hardtack::MemoryStore::new());
    let reply = browser()
        .visit(&layer, |session| async move {
            session.insert(KEY, "jane");
            session.devices().await
        })
        .await;
    assert!(matches!(reply.value, Some(Err(DeviceError::NotLoggedIn))));
}
