//! Mistakes in a handler: nothing is stored silently, and no response claims success.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use hardtack::{ErrorKind, SaveError, Session};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::observed;
use crate::support::{Visits, browser, kinds};

/// The name of a method, and a call to it.
type Use = (&'static str, fn(&Session));

fn kind_of<T>(result: Result<T, hardtack::Error>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

#[tokio::test]
async fn an_update_that_reads_its_own_session_is_refused() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.extend([("total", 0), ("fee", 5)]) }).await;
        let reply = browser
            .visit(&layer, |session| async move {
                let handle = session.clone();
                let fee = move || handle.get::<u64>("fee").unwrap_or(0);
                session.update("total", move |total: &mut u64| *total += 100 + fee());
                session.insert("other", 1);
            })
            .await;
        assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR, "{kind}");
        let seen = browser.visit(&layer, |session| async move { session.iter().collect::<Vec<_>>() }).await;
        assert_eq!(
            seen.value.unwrap(),
            [("fee".to_owned(), 5.into()), ("total".to_owned(), 0.into())],
            "{kind}"
        );
    }
}

#[tokio::test]
async fn every_use_of_the_session_inside_its_update_is_refused() {
    let uses: [Use; 9] = [
        ("get", |session| assert_eq!(session.get::<u64>("fee"), None)),
        ("try_get", |session| assert_eq!(kind_of(session.try_get::<u64>("fee")), Some(ErrorKind::Session))),
        ("try_insert", |session| assert_eq!(kind_of(session.try_insert("a", &1)), Some(ErrorKind::Session))),
        ("insert", |session| session.insert("a", 1)),
        ("remove", |session| assert!(!session.remove("fee"))),
        ("keys", |session| assert!(session.keys().is_empty())),
        ("user", |session| assert_eq!(session.user(), None)),
        ("flash", |session| session.flash("hi")),
        ("log_in", |session| session.log_in("jane")),
    ];
    for (name, misuse) in uses {
        for (kind, layer) in kinds() {
            let browser = browser();
            browser.visit(&layer, |session| async move { session.insert("fee", 5) }).await;
            let reply = browser
                .visit(&layer, |session| async move {
                    let handle = session.clone();
                    session.try_update("total", move |total: &mut u64| {
                        misuse(&handle);
                        *total += 1;
                    })
                })
                .await;
            assert_eq!(kind_of(reply.value.unwrap()), Some(ErrorKind::Session), "{name} {kind}");
            assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR, "{name} {kind}");
            let seen = browser.visit(&layer, |session| async move { session.keys() }).await;
            assert_eq!(seen.value.unwrap(), ["fee"], "{name} {kind}");
        }
    }
}

#[tokio::test]
async fn an_update_inside_an_update_of_the_same_key_ends() {
    for (kind, layer) in kinds() {
        let runs = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&runs);
        let reply = browser()
            .visit(&layer, |session| async move {
                let handle = session.clone();
                session.update("n", move |n: &mut u64| {
                    count.fetch_add(1, Ordering::Relaxed);
                    handle.update("n", |n: &mut u64| *n += 1);
                    *n += 1;
                });
            })
            .await;
        assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR, "{kind}");
        assert_eq!(runs.load(Ordering::Relaxed), 1, "{kind}");
    }
}

#[tokio::test]
async fn an_update_of_another_session_may_run_inside_one_and_is_still_told_apart() {
    struct Admin;
    use hardtack::MemoryStore;
    let main = observed::stored(MemoryStore::new());
    let admin = observed::stored(MemoryStore::new()).named::<Admin>("admin");
    let operator = browser();
    let (one, other) = (&main, &admin);
    let reply = operator
        .visit(one, |session| async move {
            browser()
                .visit(other, |admin: Session<Admin>| async move {
                    let (handle, inner) = (session.clone(), admin.clone());
                    let fine = session.try_update("n", move |n: &mut u64| {
                        inner.update("m", |m: &mut u64| *m += 1);
                        *n += 1;
                    });
                    let inner = admin.clone();
                    let misused = session.try_update("n", move |n: &mut u64| {
                        let handle = handle.clone();
                        inner.update("m", move |m: &mut u64| *m += u64::from(handle.contains("n")));
                        *n += 1;
                    });
                    (fine.is_ok(), misused.is_err())
                })
                .await
        })
        .await;
    let within = reply.value.unwrap();
    assert_eq!(within.value.unwrap(), (true, true));
    assert_eq!(within.page.status(), StatusCode::OK);
    assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn another_thread_may_use_the_session_while_an_update_runs() {
    for (kind, layer) in kinds() {
        let reply = browser()
            .visit(&layer, |session| async move {
                let (started, has_started) = mpsc::channel();
                let (go_on, may_go_on) = mpsc::channel();
                let handle = session.clone();
                let other = thread::spawn(move || {
                    has_started.recv().unwrap();
                    handle.insert("a", 1);
                    handle.update("n", |n: &mut u64| *n += 10);
                    go_on.send(()).unwrap();
                });
                let first = std::sync::Mutex::new(Some((started, may_go_on)));
                session.update("n", move |n: &mut u64| {
                    if let Some((started, may_go_on)) = first.lock().unwrap().take() {
                        started.send(()).unwrap();
                        may_go_on.recv().unwrap();
                    }
                    *n += 1;
                });
                other.join().unwrap();
                (session.get::<u64>("n"), session.get::<u64>("a"))
            })
            .await;
        assert_eq!(reply.value, Some((Some(11), Some(1))), "{kind}");
        assert_eq!(reply.page.status(), StatusCode::OK, "{kind}");
    }
}

#[tokio::test]
async fn an_update_whose_key_another_thread_changes_each_time_ends() {
    for (kind, layer) in kinds() {
        let reply = browser()
            .visit(&layer, |session| async move {
                let handle = session.clone();
                session.try_update("n", move |n: &mut u64| {
                    let handle = handle.clone();
                    let next = *n + 1;
                    thread::spawn(move || handle.insert("n", next)).join().unwrap();
                })
            })
            .await;
        assert_eq!(kind_of(reply.value.unwrap()), Some(ErrorKind::Session), "{kind}");
    }
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct OldCart {
    items: Vec<String>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct NewCart {
    items: Vec<String>,
    coupon: Option<String>,
    currency: String,
}

#[tokio::test]
async fn an_update_of_a_struct_that_gained_a_field_is_no_success() {
    for (kind, layer) in kinds() {
        let browser = browser();
        let old = OldCart { items: vec!["tea".to_owned()] };
        browser.visit(&layer, |session| async move { session.try_insert("cart", &old).unwrap() }).await;
        let add = |cart: &mut NewCart| cart.items.push("milk".to_owned());
        let reply = browser.visit(&layer, |session| async move { session.update("cart", add) }).await;
        assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR, "{kind}");
        // A handler that checks the result can choose its own response.
        let reply = browser.visit(&layer, |session| async move { session.try_update("cart", add) }).await;
        assert_eq!(kind_of(reply.value.unwrap()), Some(ErrorKind::Value), "{kind}");
        assert_eq!(reply.page.status(), StatusCode::OK, "{kind}");
        let seen = browser.visit(&layer, |session| async move { session.get::<OldCart>("cart") }).await;
        assert_eq!(seen.value.flatten().unwrap().items, ["tea"], "{kind}");
    }
}

#[tokio::test]
async fn nothing_is_saved_early_after_an_update_that_failed() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("a", "text") }).await;
        let reply = browser
            .visit(&layer, |session| async move {
                session.update("a", |n: &mut u64| *n += 1);
                session.insert("b", 1);
                session.save().await
            })
            .await;
        assert!(matches!(reply.value, Some(Err(SaveError::UpdateFailed))), "{kind}");
        assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR, "{kind}");
        let seen = browser.visit(&layer, |session| async move { session.keys() }).await;
        assert_eq!(seen.value.unwrap(), ["a"], "{kind}");
    }
}

#[tokio::test]
async fn a_logout_goes_through_beside_a_mistake() {
    let layer = observed::stored(hardtack::MemoryStore::new());
    let browser = browser();
    browser
        .visit(&layer, |session| async move {
            session.log_in("jane");
            session.insert("a", "text");
        })
        .await;
    let copy = browser.thief();
    let reply = browser
        .visit(&layer, |session| async move {
            session.update("a", |n: &mut u64| *n += 1);
            session.log_out();
            session.insert("b", 1);
        })
        .await;
    assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let seen = copy.visit(&layer, |session| async move { (session.user(), session.is_empty()) }).await;
    assert_eq!(seen.value, Some((None, true)));
}
