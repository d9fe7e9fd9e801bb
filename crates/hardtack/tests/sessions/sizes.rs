//! The maximum size of a session.

use hardtack::{MemoryStore, SaveError, SessionLayer, Stored};
use http::StatusCode;

use crate::observed;
use crate::support::{Visits, browser, keys};

fn small() -> SessionLayer<Stored> {
    observed::stored(MemoryStore::new()).max_size(100).check().unwrap()
}

#[tokio::test]
async fn a_stored_session_over_its_limit_is_not_stored_and_no_success() {
    let layer = small();
    let browser = browser();
    // `{"a":"…"}` has eight bytes plus the string.
    browser.visit(&layer, |session| async move { session.insert("a", "x".repeat(92)) }).await;
    let reply = browser.visit(&layer, |session| async move { session.insert("a", "x".repeat(93)) }).await;
    assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(reply.page.set_cookies(), [""; 0]);
    let reply = browser.visit(&layer, |session| async move { session.insert("b", 1) }).await;
    assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let seen = browser.visit(&layer, |session| async move { session.get::<String>("a") }).await;
    assert_eq!(seen.value.flatten().unwrap().len(), 92);
}

#[tokio::test]
async fn a_session_over_a_limit_that_was_lowered_can_be_read_and_shrink() {
    let store = std::sync::Arc::new(MemoryStore::new());
    let browser = browser();
    let before = observed::stored(std::sync::Arc::clone(&store));
    let fill = [("a", "x".repeat(500)), ("b", "x".repeat(500))];
    browser.visit(&before, |session| async move { session.extend(fill) }).await;
    let layer = observed::stored(store).max_size(100);
    let reply = browser.visit(&layer, |session| async move { session.remove("a") }).await;
    assert_eq!((reply.page.status(), reply.value), (StatusCode::OK, Some(true)));
    let reply = browser.visit(&layer, |session| async move { session.insert("c", 1) }).await;
    assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let seen = browser.visit(&layer, |session| async move { session.keys() }).await;
    assert_eq!(seen.value.unwrap(), ["b"]);
}

#[tokio::test]
async fn a_session_has_a_mebibyte_unless_told_otherwise() {
    let fill = |bytes: usize| {
        move |session: hardtack::Session| async move { session.insert("a", "x".repeat(bytes)) }
    };
    let layer = observed::stored(MemoryStore::new());
    let most = (1 << 20) - 8;
    assert_eq!(browser().visit(&layer, fill(most)).await.page.status(), StatusCode::OK);
    assert_eq!(
        browser().visit(&layer, fill(most + 1)).await.page.status(),
        StatusCode::INTERNAL_SERVER_ERROR
    );
    let unlimited = observed::stored(MemoryStore::new()).max_size(usize::MAX).check().unwrap();
    assert_eq!(browser().visit(&unlimited, fill(most + 1)).await.page.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_early_save_of_too_large_a_session_is_an_error() {
    let layers = [
        ("signed", observed::signed(keys()).into_any()),
        ("encrypted", observed::encrypted(keys()).into_any()),
        ("stored", observed::stored(MemoryStore::new()).max_size(4096).into_any()),
    ];
    for (kind, layer) in layers {
        // Random text does not compress.
        let noise: String = (0..150).map(|_| hardtack::generate_secret()).collect();
        let reply = browser()
            .visit(&layer, |session| async move {
                session.insert("a", noise.as_str());
                let saved = session.save().await;
                session.clear();
                saved
            })
            .await;
        let Some(Err(error @ SaveError::TooLarge(_))) = reply.value else { panic!("{kind}: it was saved") };
        assert!(error.to_string().contains("under `a`"), "{kind}: {error}");
        assert_eq!(reply.page.status(), StatusCode::OK, "{kind}");
    }
}

#[tokio::test]
async fn a_logout_goes_through_also_where_what_is_left_is_too_large() {
    let layer = small();
    let browser = browser();
    browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
    let copy = browser.thief();
    let reply = browser
        .visit(&layer, |session| async move {
            session.log_out();
            session.insert("farewell", "x".repeat(1000));
        })
        .await;
    assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let seen = copy.visit(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value, Some(None));
}

#[test]
fn a_limit_that_means_nothing_is_a_mistake_in_the_setup() {
    let layer = observed::stored(MemoryStore::new()).max_size(0);
    assert!(layer.check().unwrap_err().to_string().contains("usize::MAX"));
}
