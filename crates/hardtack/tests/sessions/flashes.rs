//! Messages for the next page.

use std::collections::BTreeMap;

use axum::Router;
use axum::routing::get;
use hardtack::{MemoryStore, Session, Value};
use hardtack_jar::Browser;
use http::{Request, StatusCode};

use crate::observed;
use crate::support::{Visits, browser, kinds};

#[tokio::test]
async fn messages_are_shown_once_in_order_with_their_categories() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser
            .visit(&layer, |session| async move {
                session.flash("hi");
                session.flash_as("error", "bad");
            })
            .await;
        let shown =
            browser.visit(&layer, |session| async move { (session.flashes(), session.flashes()) }).await;
        let (first, again) = shown.value.unwrap();
        let pairs: Vec<_> =
            first.iter().map(|flash| (flash.category.as_str(), flash.message.as_str())).collect();
        assert_eq!(pairs, [("message", "hi"), ("error", "bad")], "{kind}");
        assert_eq!(first, again, "{kind}");
        let gone = browser.visit(&layer, |session| async move { session.flashes() }).await;
        assert_eq!(gone.value, Some(vec![]), "{kind}");
    }
}

#[tokio::test]
async fn a_message_left_while_others_are_shown_waits() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.flash("first") }).await;
    let other = browser.thief();
    other
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                assert_eq!(session.flashes().len(), 1);
                browser.visit(layer, |session| async move { session.flash("second") }).await;
            }
        })
        .await;
    let seen = browser.visit(&layer, |session| async move { session.flashes() }).await.value.unwrap();
    assert_eq!(seen.iter().map(|flash| flash.message.as_str()).collect::<Vec<_>>(), ["second"]);
}

#[tokio::test]
async fn a_message_left_after_the_first_look_waits_for_the_next_page() {
    for (kind, layer) in kinds() {
        let browser = browser();
        let now = browser
            .visit(&layer, |session| async move {
                session.flashes();
                session.flash("late");
                session.flashes().len()
            })
            .await;
        assert_eq!(now.value, Some(0), "{kind}");
        let next = browser.visit(&layer, |session| async move { session.flashes().len() }).await;
        assert_eq!(next.value, Some(1), "{kind}");
    }
}

#[tokio::test]
async fn a_head_request_uses_up_no_messages() {
    for (kind, layer) in kinds() {
        let page = async |session: Session| session.flashes().len().to_string();
        let app: Router = Router::new().route("/", get(page)).layer(layer.clone());
        let browser = Browser::new(app);
        browser.visit(&layer, |session| async move { session.flash("hi") }).await;
        for _ in 0..2 {
            let head = Request::head("/").body("").unwrap();
            assert_eq!(browser.send(head).await.unwrap().status(), StatusCode::OK, "{kind}");
        }
        assert_eq!(browser.get("/").await.unwrap().text(), "1", "{kind}");
        assert_eq!(browser.get("/").await.unwrap().text(), "0", "{kind}");
    }
}

#[tokio::test]
async fn messages_that_nobody_looks_at_do_not_grow_without_bound() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser
            .visit(&layer, |session| async move {
                for number in 0..4000 {
                    session.flash(number.to_string());
                }
            })
            .await;
        assert_eq!(layer.metrics().flashes_dropped, 4000 - 64, "{kind}");
        let seen = browser.visit(&layer, |session| async move { session.flashes() }).await.value.unwrap();
        assert_eq!((seen.len(), seen[0].message.as_str()), (64, "3936"), "{kind}");
    }
}

#[tokio::test]
async fn a_message_of_flasks_that_is_no_string_harms_no_other() {
    for (kind, layer) in kinds() {
        let browser = browser();
        let errors = BTreeMap::from([("name".to_owned(), Value::List(vec!["Required".into()]))]);
        let flask = vec![
            Value::Tuple(vec!["message".into(), "first".into()]),
            Value::Tuple(vec!["error".into(), Value::Dict(errors)]),
            Value::Tuple(vec![Value::Null, "no category".into()]),
        ];
        browser.visit(&layer, |session| async move { session.insert("_flashes", flask) }).await;
        browser.visit(&layer, |session| async move { session.flash("ours") }).await;
        let seen = browser.visit(&layer, |session| async move { session.flashes() }).await.value.unwrap();
        let messages: Vec<_> = seen.iter().map(|flash| flash.message.as_str()).collect();
        assert_eq!(messages, ["first", r#"{"name":["Required"]}"#, "no category", "ours"], "{kind}");
        let left = browser.visit(&layer, |session| async move { session.is_empty() }).await;
        assert_eq!(left.value, Some(true), "{kind}");
    }
}
