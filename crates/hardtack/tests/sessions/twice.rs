//! A layer that is applied twice, and layers that conflict with each other.

use axum::Router;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use hardtack::{AnyBackend, BackendSettings, MemoryStore, Session, SessionLayer};
use hardtack_jar::{Browser, BrowserPage};
use http::{Request, StatusCode};
use tower::{Layer, ServiceExt, service_fn};

use crate::observed;
use crate::support::{Visits, keys, kinds};

/// Returns every kind of session, and one that follows Flask's rules.
fn all_kinds() -> Vec<(&'static str, SessionLayer<AnyBackend>)> {
    let mut all = Vec::from(kinds());
    all.push(("like Flask", observed::signed(keys()).like_flask().secure().into_any()));
    all
}

/// A middleware between two layers that writes before and after the handler.
async fn writes(session: Session, request: axum::extract::Request, next: Next) -> Response {
    session.insert("before", 1);
    let response = next.run(request).await;
    session.insert("after", 1);
    response
}

fn pages() -> Router {
    Router::new()
        .route(
            "/in",
            get(async |session: Session| {
                session.permanent();
                session.log_in("jane")
            }),
        )
        .route("/put", get(async |session: Session| session.insert("put", 1)))
        .route("/out", get(async |session: Session| session.destroy()))
        .route("/look", get(async |session: Session| format!("{:?} {:?}", session.user(), session.keys())))
}

/// Returns the pages behind the layer twice, for each way of composing routers.
fn twice(layer: &SessionLayer<impl BackendSettings>) -> Vec<(&'static str, Router)> {
    let inner = || pages().layer(layer.clone());
    let routers = [
        ("nest", Router::new().nest("/app", inner())),
        ("nest_service", Router::new().nest_service("/app", inner())),
        ("merge", Router::new().merge(Router::new().nest("/app", pages()).layer(layer.clone()))),
        (
            "fallback",
            Router::new().fallback_service(Router::new().nest("/app", pages()).layer(layer.clone())),
        ),
        ("three", Router::new().nest("/app", inner().layer(layer.clone()))),
    ];
    let finish =
        |(way, router): (&'static str, Router)| (way, router.layer(from_fn(writes)).layer(layer.clone()));
    routers.into_iter().map(finish).collect()
}

async fn get_app(browser: &Browser, path: &str) -> BrowserPage {
    let page = browser.get(&format!("/app{path}")).await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    page
}

#[tokio::test]
async fn the_same_layer_twice_is_one_session() {
    for (kind, layer) in all_kinds() {
        for (way, app) in twice(&layer) {
            let browser = Browser::new(app);
            let page = get_app(&browser, "/put").await;
            assert_eq!(page.set_cookies().len(), 1, "{kind} {way}");
            let seen = get_app(&browser, "/look").await.text();
            assert_eq!(seen, r#"None ["after", "before", "put"]"#, "{kind} {way}");
        }
    }
}

#[tokio::test]
async fn o12_a_logout_inside_the_same_layer_twice_is_final() {
    for (kind, layer) in all_kinds() {
        for (way, app) in twice(&layer) {
            let browser = Browser::new(app);
            get_app(&browser, "/in").await;
            let seen = get_app(&browser, "/look").await.text();
            assert!(seen.starts_with(r#"Some("jane")"#), "{kind} {way}: {seen}");
            let page = get_app(&browser, "/out").await;
            assert_eq!(page.set_cookies().len(), 1, "{kind} {way}");
            let seen = get_app(&browser, "/look").await.text();
            assert!(seen.starts_with("None"), "{kind} {way}: {seen}");
        }
    }
}

#[tokio::test]
async fn o12_a_session_that_began_behind_one_layer_ends_behind_two() {
    for (kind, layer) in all_kinds() {
        let app =
            Router::new().nest("/app", pages().layer(layer.clone())).nest("/once", pages()).layer(layer);
        let browser = Browser::new(app);
        assert_eq!(browser.get("/once/in").await.unwrap().status(), StatusCode::OK);
        get_app(&browser, "/put").await;
        let seen = browser.get("/once/look").await.unwrap().text();
        assert!(seen.starts_with(r#"Some("jane")"#) && seen.contains("put"), "{kind}: {seen}");
        get_app(&browser, "/out").await;
        for path in ["/once/look", "/app/look"] {
            let seen = browser.get(path).await.unwrap().text();
            assert!(seen.starts_with("None"), "{kind} {path}: {seen}");
        }
    }
}

#[tokio::test]
async fn a_permanent_flask_session_is_refreshed_once_by_the_same_layer_twice() {
    let layer = observed::signed(keys()).like_flask().secure();
    let app = Router::new()
        .nest("/app", pages().route("/none", get(async || ())).layer(layer.clone()))
        .layer(layer);
    let browser = Browser::new(app);
    get_app(&browser, "/in").await;
    assert_eq!(get_app(&browser, "/none").await.set_cookies().len(), 1);
}

#[tokio::test]
async fn two_different_layers_with_one_marker_are_refused_by_the_handlers_inside_both() {
    let inner = observed::signed(keys()).cookie_name("__Host-inner");
    let outer = observed::stored(MemoryStore::new()).cookie_name("__Host-outer");
    let app = Router::new()
        .nest("/app", pages().route("/plain", get(async || "plain")).layer(inner.clone()))
        .route("/look", get(async |session: Session| format!("{:?}", session.keys())))
        .layer(from_fn(writes))
        .layer(outer.clone());
    let browser = Browser::new(app);
    assert_eq!(browser.get("/app/put").await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(inner.metrics(), hardtack::Metrics::default());
    // Routes that do not use the inner session work, and so does the outer session.
    assert_eq!(get_app(&browser, "/plain").await.text(), "plain");
    assert_eq!(browser.get("/look").await.unwrap().text(), r#"["after", "before"]"#);
}

/// Returns the error sentence that a handler behind these layers gets.
async fn told<K: 'static>(layers: impl FnOnce(Look) -> Look) -> String {
    let look: Look =
        tower::util::BoxCloneSyncService::new(service_fn(|request: Request<String>| async move {
            let session: Result<Session<K>, _> = Session::open(request.extensions(), request.headers()).await;
            Ok(http::Response::new(session.err().map(|error| error.to_string()).unwrap_or_default()))
        }));
    layers(look).oneshot(Request::new(String::new())).await.unwrap().into_body()
}

type Look =
    tower::util::BoxCloneSyncService<Request<String>, http::Response<String>, std::convert::Infallible>;

struct Admin;

#[tokio::test]
async fn what_is_wrong_with_two_layers_names_both_and_the_fix() {
    use tower::util::BoxCloneSyncService as Boxed;
    let shop = || observed::stored(MemoryStore::new()).cookie_name("__Host-shop");
    let sentence = told::<hardtack::Main>(|look| {
        let inner = Boxed::new(observed::signed(keys()).cookie_name("__Host-inner").layer(look));
        Boxed::new(shop().layer(inner))
    })
    .await;
    for part in ["`__Host-shop`", "`__Host-inner`", ".named::<Marker>", "hardtack::marker::Main"] {
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
    let sentence = told::<Admin>(|look| {
        let inner = Boxed::new(shop().named::<Admin>("admin").cookie_name("__Host-shop").layer(look));
        Boxed::new(shop().layer(inner))
    })
    .await;
    for part in ["`__Host-shop`", "Admin", ".cookie_name"] {
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
}

#[tokio::test]
async fn two_markers_with_one_cookie_name_are_refused_and_the_outer_session_is_not_replaced() {
    let outer = observed::stored(MemoryStore::new());
    let inner = observed::stored(MemoryStore::new()).named::<Admin>("admin").cookie_name("__Host-session");
    let app = Router::new()
        .route("/admin", get(async |session: Session<Admin>| session.insert("a", 1)))
        .route("/both", get(async |session: Session| session.insert("a", 1)))
        .layer(inner)
        .layer(outer.clone());
    let app = Browser::new(app);
    assert_eq!(app.get("/both").await.unwrap().status(), StatusCode::OK);
    let page = app.get("/admin").await.unwrap();
    assert_eq!((page.status(), page.set_cookies().len()), (StatusCode::INTERNAL_SERVER_ERROR, 0));
    let seen = app.visit(&outer, |session| async move { session.get::<i64>("a") }).await;
    assert_eq!(seen.value.flatten(), Some(1));
}

#[tokio::test]
async fn two_markers_with_two_cookie_names_are_two_sessions() {
    let outer = observed::stored(MemoryStore::new());
    let inner = observed::stored(MemoryStore::new()).named::<Admin>("admin");
    let both = async |session: Session, admin: Session<Admin>| {
        session.insert("a", 1);
        admin.insert("b", 2);
    };
    let app = Router::new()
        .route("/", get(both))
        .layer(inner.clone())
        .layer(outer.clone())
        .layer(inner)
        .layer(outer);
    assert_eq!(Browser::new(app).get("/").await.unwrap().set_cookies().len(), 2);
}

#[tokio::test]
async fn extensions_that_outlive_their_request_begin_a_session_of_their_own() {
    let layer = observed::stored(MemoryStore::new());
    let inner = layer.layer(service_fn(|request: Request<()>| async move {
        let session: Session = Session::open(request.extensions(), request.headers()).await.unwrap();
        session.insert("a", 1);
        Ok::<_, std::convert::Infallible>(http::Response::new(request.extensions().clone()))
    }));
    let first = inner.clone().oneshot(Request::new(())).await.unwrap();
    let mut again = Request::new(());
    *again.extensions_mut() = first.into_body();
    let second = inner.oneshot(again).await.unwrap();
    assert!(second.headers().contains_key("set-cookie"));
}
