//! A session handle that is used after the response head has been sent: in a streaming body, a WebSocket, or
//! server-sent events.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use hardtack::{DeviceError, ErrorKind, MemoryStore, SaveError, Session, User};
use hardtack_jar::Browser;
use http::{Response, StatusCode};
use tower::{BoxError, Layer, ServiceExt, service_fn};

use crate::observed;
use crate::support::{Visits, browser, kinds};

#[tokio::test]
async fn a_handle_reads_the_session_as_it_was_when_the_head_was_sent() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser
            .visit(&layer, |session| async move {
                session.log_in("jane");
                session.permanent();
                session.insert("a", 1);
                session.flash("hi");
            })
            .await;
        for writes in [false, true] {
            let reply = browser
                .visit(&layer, |session| async move {
                    let shown = session.flashes();
                    if writes {
                        session.insert("b", 2);
                        session.update("a", |n: &mut i64| *n += 1);
                    }
                    (session, shown)
                })
                .await;
            let (session, shown) = reply.value.unwrap();
            let a = if writes { 2 } else { 1 };
            assert_eq!(session.user().as_deref(), Some("jane"), "{kind}");
            assert_eq!(session.get::<i64>("a"), Some(a), "{kind}");
            assert_eq!(session.try_get::<i64>("a").unwrap(), Some(a), "{kind}");
            assert_eq!(session.contains("b"), writes, "{kind}");
            let keys: &[&str] =
                if writes { &["_permanent", "_user_id", "a", "b"] } else { &["_permanent", "_user_id", "a"] };
            assert_eq!(session.keys(), keys, "{kind}");
            assert_eq!((session.len(), session.is_empty()), (keys.len(), false), "{kind}");
            assert!(session.is_permanent(), "{kind}");
            assert_eq!(session.flashes(), shown, "{kind}");
            // Reading does not count as a late write.
            assert_eq!(layer.metrics().late, 0, "{kind}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_done_any_more_is_an_error() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
        let session = browser.visit(&layer, |session| async move { session }).await.value.unwrap();
        let too_late = |result: Result<(), hardtack::Error>| {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Session, "{kind}");
        };
        too_late(session.try_insert("a", &1));
        too_late(session.try_update("a", |n: &mut i64| *n += 1));
        too_late(session.write_from(&std::collections::BTreeMap::from([("a", 1)])));
        assert!(matches!(session.save().await, Err(SaveError::TooLate)), "{kind}");
        for refused in [session.devices().await.map(drop), session.end_others().await.map(drop)] {
            match kind {
                "stored" => assert!(matches!(refused, Err(DeviceError::TooLate)), "{kind}"),
                _ => assert!(matches!(refused, Err(DeviceError::Unsupported)), "{kind}"),
            }
        }
        let late = layer.metrics().late;
        session.insert("a", 1);
        session.log_out();
        assert_eq!(layer.metrics().late, late + 2, "{kind}");
        assert_eq!((session.user().as_deref(), session.contains("a")), (Some("jane"), false), "{kind}");
    }
}

#[tokio::test]
async fn a_finished_request_opens_no_session() {
    for (kind, layer) in kinds() {
        let kept = std::sync::Mutex::new(None);
        let service = layer.layer(service_fn(|request: Request<Body>| {
            let (parts, _) = request.into_parts();
            *kept.lock().unwrap() = Some(parts);
            async { Ok::<_, BoxError>(Response::new(String::new())) }
        }));
        service.oneshot(Request::new(Body::empty())).await.unwrap();
        let parts = kept.into_inner().unwrap().unwrap();
        let opened: Result<Session, _> = Session::open(&parts.extensions, &parts.headers).await;
        let rejection = opened.unwrap_err();
        assert!(
            rejection.to_string().contains("this request's response head has been sent"),
            "{kind}: {rejection}"
        );
        assert!(!rejection.is_store_failure(), "{kind}");
        let opened: Result<Session, _> = Session::open_unaccessed(&parts.extensions, &parts.headers).await;
        assert!(opened.is_err(), "{kind}");
    }
}

#[tokio::test]
async fn an_update_that_is_replayed_after_the_head_still_may_not_read_its_session() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.extend([("n", 0), ("fee", 5)]) }).await;
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let (record, other) = (std::sync::Arc::clone(&seen), browser.thief());
    let reply = browser
        .visit(&layer, |session| {
            let layer = &layer;
            async move {
                let handle = session.clone();
                session.update("n", move |n: &mut i64| {
                    // The function reads another key only when it runs again.
                    if *n > 0 {
                        record
                            .lock()
                            .unwrap()
                            .push(handle.try_get::<i64>("fee").map_err(|error| error.kind()));
                    }
                    *n += 1;
                });
                other.visit(layer, |session| async move { session.insert("n", 100) }).await;
            }
        })
        .await;
    assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let refused = seen.lock().unwrap().clone();
    assert!(
        !refused.is_empty() && refused.iter().all(|seen| *seen == Err(ErrorKind::Session)),
        "{refused:?}"
    );
    let kept = browser.visit(&layer, |session| async move { session.get::<i64>("n") }).await;
    assert_eq!(kept.value.flatten(), Some(100));
}

#[tokio::test]
async fn a_route_behind_no_layer_has_no_session_where_it_is_optional() {
    async fn page(session: Option<Session>) -> String {
        session.map_or("no layer".to_owned(), |session| format!("{} keys", session.len()))
    }
    let bare: Router = Router::new().route("/", get(page));
    assert_eq!(Browser::new(bare.clone()).get("/").await.unwrap().text(), "no layer");
    for (kind, layer) in kinds() {
        let page = Browser::new(bare.clone().layer(layer)).get("/").await.unwrap();
        assert_eq!(page.text(), "0 keys", "{kind}");
    }
}

#[tokio::test]
async fn a_broken_store_is_a_rejection_also_where_the_session_is_optional() {
    let spy = crate::support::Spy::default();
    let layer = observed::stored(spy.clone());
    let page = async |session: Option<Session>| session.is_some().to_string();
    let app: Router = Router::new()
        .route("/", get(page))
        .route("/user", get(async |_: Option<User>| ""))
        .layer(layer.clone());
    let browser = Browser::new(app);
    browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
    spy.break_down(true);
    for path in ["/", "/user"] {
        assert_eq!(browser.get(path).await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    let wrong: Router = Router::new().route("/", get(page)).layer(observed::stored(spy).cookie_name("a b"));
    assert_eq!(Browser::new(wrong).get("/").await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
}
