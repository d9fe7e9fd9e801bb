//! Concurrent requests lose nothing.

use hardtack::{MemoryStore, SaveError};
use http::StatusCode;
use tracing::Level;

use crate::observed;
use crate::support::{Logs, Visits, browser};

#[tokio::test]
async fn r15_two_requests_that_write_different_keys_keep_both() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 0) }).await;
    let other = browser.thief();
    other
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.insert("b", 2);
                browser.visit(layer, |session| async move { session.insert("a", 1) }).await;
            }
        })
        .await;
    let seen = browser
        .visit(&layer, |session| async move { (session.get::<i64>("a"), session.get::<i64>("b")) })
        .await;
    assert_eq!(seen.value, Some((Some(1), Some(2))));
    let counts = layer.metrics();
    assert_eq!((counts.merged, counts.conflicts, counts.overwritten), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_five_parallel_increments_make_twenty_five() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("n", 0) }).await;
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(25));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..25 {
        let (layer, tab, barrier) = (layer.clone(), browser.tab(), barrier.clone());
        tasks.spawn(async move {
            let work = |session: hardtack::Session| async move {
                session.update("n", |n: &mut i64| *n += 1);
                barrier.wait().await;
            };
            tab.visit(&layer, work).await.page.status()
        });
    }
    assert!(tasks.join_all().await.iter().all(|status| *status == StatusCode::OK));
    let seen = browser.visit(&layer, |session| async move { session.get::<i64>("n") }).await;
    assert_eq!(seen.value.flatten(), Some(25));
}

#[tokio::test]
async fn the_last_insert_of_one_key_wins_and_is_counted() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 0) }).await;
    let other = browser.thief();
    other
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.insert("a", 2);
                browser.visit(layer, |session| async move { session.insert("a", 1) }).await;
            }
        })
        .await;
    let seen = browser.visit(&layer, |session| async move { session.get::<i64>("a") }).await;
    assert_eq!(seen.value.flatten(), Some(2));
    assert_eq!(layer.metrics().overwritten, 1);
}

#[tokio::test]
async fn what_is_added_while_a_session_is_emptied_survives() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 0) }).await;
    let other = browser.thief();
    other
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.insert("b", 2);
                browser.visit(layer, |session| async move { session.clear() }).await;
            }
        })
        .await;
    let seen = browser.visit(&layer, |session| async move { session.keys() }).await;
    assert_eq!(seen.value, Some(vec!["b".to_owned()]));
}

#[tokio::test]
async fn a_merged_update_returns_what_it_computed_first() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("n", 0) }).await;
    let other = browser.thief();
    let add = |n: &mut i64| {
        *n += 1;
        *n
    };
    let reply = other
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                let first = session.update("n", add);
                browser.visit(layer, |session| async move { session.update("n", add) }).await;
                (first, session.update("n", add))
            }
        })
        .await;
    assert_eq!(reply.value, Some((1, 2)));
    let seen = browser.visit(&layer, |session| async move { session.get::<i64>("n") }).await;
    assert_eq!(seen.value.flatten(), Some(3));
}

#[tokio::test]
async fn an_update_that_cannot_run_again_saves_nothing_of_its_request() {
    let logs = Logs::capture();
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("n", 1) }).await;
    let reply = browser
        .tab()
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.insert("paid", true);
                session.try_update("n", |n: &mut i64| *n += 1).unwrap();
                browser.visit(layer, |session| async move { session.insert("n", "many") }).await;
            }
        })
        .await;
    assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(logs.with(Level::ERROR, "the update of `n` cannot run again").len(), 1);
    let seen = browser
        .visit(&layer, |session| async move { (session.get::<String>("n"), session.contains("paid")) })
        .await;
    assert_eq!(seen.value, Some((Some("many".to_owned()), false)));
    assert_eq!(layer.metrics().failed, 0, "the store works");
}

#[tokio::test]
async fn an_update_that_panics_when_it_runs_again_is_a_500_and_no_panic() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("n", 1) }).await;
    let reply = browser
        .tab()
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.update("n", |n: &mut i64| {
                    assert_eq!(*n, 1, "on purpose");
                    *n += 1;
                });
                browser.visit(layer, |session| async move { session.insert("n", 5) }).await;
            }
        })
        .await;
    assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let seen = browser.visit(&layer, |session| async move { session.get::<i64>("n") }).await;
    assert_eq!(seen.value, Some(Some(5)));
}

#[tokio::test]
async fn an_early_save_whose_update_cannot_run_again_says_so() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("n", 1) }).await;
    let reply = browser
        .tab()
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.update("n", |n: &mut i64| *n += 1);
                browser.visit(layer, |session| async move { session.insert("n", "many") }).await;
                matches!(session.save().await, Err(SaveError::UpdateFailed))
            }
        })
        .await;
    assert_eq!((reply.page.status(), reply.value), (StatusCode::INTERNAL_SERVER_ERROR, Some(true)));
    let seen = browser.visit(&layer, |session| async move { session.get::<String>("n") }).await;
    assert_eq!(seen.value.flatten().as_deref(), Some("many"));
}
