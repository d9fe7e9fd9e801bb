//! The redirect for a visitor who is not logged in, for every position of the layer and the `User` extractor.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{any, get};
use hardtack::{MemoryStore, SessionLayer, Stored, User};
use hardtack_jar::Browser;
use http::StatusCode;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::observed;

async fn cart(user: User) -> String {
    user.id().to_owned()
}

fn routes() -> Router {
    Router::new().route("/cart", get(cart))
}

fn layer() -> SessionLayer<Stored> {
    observed::stored(MemoryStore::new()).login_path("/login").check().unwrap()
}

/// Returns the location to which a visitor is redirected if they request `path` without a login.
async fn sent_from(app: Router, path: &str) -> String {
    let page = Browser::new(app).stop_at_redirects().get(path).await.unwrap();
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    page.header("location").unwrap().to_owned()
}

const WHOLE: &str = "/login?next=/admin/cart%3Fx%3D1";

#[tokio::test]
async fn a_nested_router_sends_strangers_back_to_the_whole_path() {
    let placements: [(&str, Router); 5] = [
        ("outside", Router::new().nest("/admin", routes()).layer(layer())),
        ("inside", Router::new().nest("/admin", routes().layer(layer()))),
        (
            "on the route",
            Router::new().nest("/admin", Router::new().route("/cart", get(cart).layer(layer()))),
        ),
        ("as a service", Router::new().nest_service("/admin", routes().layer(layer()))),
        ("around a service", Router::new().nest_service("/admin", layer().layer(routes()))),
    ];
    for (placement, app) in placements {
        assert_eq!(sent_from(app, "/admin/cart?x=1").await, WHOLE, "{placement}");
    }
}

#[tokio::test]
async fn routers_nested_twice_send_strangers_back_to_the_whole_path() {
    let deep = |inner: Router| Router::new().nest("/eu", Router::new().nest("/admin", inner));
    for app in [deep(routes()).layer(layer()), deep(routes().layer(layer()))] {
        assert_eq!(sent_from(app, "/eu/admin/cart").await, "/login?next=/eu/admin/cart");
    }
    let merged = Router::new().merge(Router::new().nest("/admin", routes())).layer(layer());
    assert_eq!(sent_from(merged, "/admin/cart?x=1").await, WHOLE);
    let fallback = Router::new().nest("/admin", Router::new().fallback(any(cart))).layer(layer());
    assert_eq!(sent_from(fallback, "/admin/cart?x=1").await, WHOLE);
}

#[tokio::test]
async fn a_layer_outside_of_all_routers_remembers_the_path_that_a_service_cuts() {
    // A service that strips a prefix itself, without a router.
    let cutting = service_fn(|mut request: Request| async {
        *request.uri_mut() = "/cart?x=1".parse().unwrap();
        routes().oneshot(request).await
    });
    let mut service = layer().layer(cutting);
    let request = Request::get("/admin/cart?x=1").body(Body::empty()).unwrap();
    let response: Result<Response, Infallible> = service.call(request).await;
    assert_eq!(response.unwrap().headers()["location"], WHOLE);
}

#[tokio::test]
async fn the_way_back_is_added_to_the_query_of_the_login_path() {
    let layer = observed::stored(MemoryStore::new()).login_path("/login?lang=de").check().unwrap();
    let app = routes().layer(layer);
    assert_eq!(sent_from(app, "/cart").await, "/login?lang=de&next=/cart");
}

#[tokio::test]
async fn a_login_path_that_no_browser_could_follow_is_a_mistake_in_the_setup() {
    for path in ["login", "//elsewhere", "https://example.com/login", "/a\nb", "/login#form", "/login?next=/"]
    {
        let layer = observed::stored(MemoryStore::new()).login_path(path);
        assert!(layer.check().unwrap_err().to_string().contains("login_path"), "{path}");
    }
}
