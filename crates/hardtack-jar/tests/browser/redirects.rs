use axum::Router;
use axum::body::Bytes;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{AppendHeaders, Html, IntoResponse};
use axum::routing::{any, get};
use hardtack_jar::{Browser, ErrorKind, JarChange, Refusal};

fn to(status: u16, location: &'static str) -> impl IntoResponse {
    (StatusCode::from_u16(status).expect("a status"), [(LOCATION, location)])
}

/// Responds with the method, the cookies, and the body of the request.
async fn echo(method: Method, headers: HeaderMap, body: Bytes) -> String {
    let cookies =
        headers.get("cookie").map(|cookies| String::from_utf8_lossy(cookies.as_bytes()).into_owned());
    format!("{method} {} {}", cookies.unwrap_or_default(), String::from_utf8_lossy(&body))
}

fn app() -> Router {
    Router::new()
        .route("/echo", any(echo))
        .route("/301", any(async || to(301, "/echo")))
        .route("/302", any(async || to(302, "echo")))
        .route("/303", any(async || to(303, "https://localhost/echo")))
        .route("/307", any(async || to(307, "/echo")))
        .route("/308", any(async || to(308, "/echo#part")))
        .route("/circle", any(async || to(302, "/circle")))
        .route("/created", any(async || to(201, "/echo")))
        .route(
            "/set",
            any(async || {
                (AppendHeaders([(SET_COOKIE, "a=1"), (SET_COOKIE, "b=2; Domain=com")]), to(302, "/set2"))
            }),
        )
        .route("/set2", any(async || (AppendHeaders([(SET_COOKIE, "c=3")]), to(302, "/echo"))))
        .route("/json", get(async || Html("[1, 2]")))
}

#[tokio::test]
async fn each_status_keeps_the_method_that_it_should() {
    for (path, after) in [
        ("/301", "GET  "),
        ("/302", "GET  "),
        ("/303", "GET  "),
        ("/307", "POST  x=1"),
        ("/308", "POST  x=1"),
    ] {
        let page = Browser::new(app()).post(path, &[("x", "1")]).await.expect("an answer");
        assert_eq!((page.path(), page.text().as_str()), ("/echo", after), "{path}");
        assert_eq!((page.redirects().len(), page.redirects()[0].url().path()), (1, path));
    }
    let page = Browser::new(app()).get("/308#own").await.expect("an answer");
    assert_eq!(page.url().as_str(), "https://localhost/echo#part");
    let page = Browser::new(app()).get("/301#own").await.expect("an answer");
    assert_eq!(page.url().as_str(), "https://localhost/echo#own");
    assert_eq!(Browser::new(app()).get("/created").await.expect("an answer").status(), 201);
}

#[tokio::test]
async fn each_redirect_can_set_cookies() {
    let browser = Browser::new(app());
    let page = browser.get("/set").await.expect("an answer");
    assert_eq!(page.text(), "GET a=1; c=3 ");
    let outcomes: Vec<_> =
        page.received().iter().map(|received| (received.line(), received.outcome())).collect();
    assert_eq!(
        outcomes,
        [
            ("a=1", Ok(JarChange::Added)),
            ("b=2; Domain=com", Err(Refusal::PublicSuffix)),
            ("c=3", Ok(JarChange::Added))
        ]
    );
    assert_eq!((browser.cookie("c").as_deref(), browser.cookie("b")), (Some("3"), None));
}

#[tokio::test]
async fn redirect_loops_end() {
    let error = Browser::new(app()).get("/circle").await.expect_err("a circle");
    assert_eq!(error.kind(), ErrorKind::Browser);
}

#[tokio::test]
async fn redirects_can_be_shown_instead() {
    let browser = Browser::new(app()).stop_at_redirects();
    let page = browser.post("/303", &[]).await.expect("an answer");
    assert_eq!(
        (page.status(), page.header("location")),
        (StatusCode::SEE_OTHER, Some("https://localhost/echo"))
    );
}

#[tokio::test]
async fn a_page_may_be_json() {
    let page = Browser::new(app()).get("/json").await.expect("an answer");
    assert_eq!(page.json::<Vec<u8>>().expect("a list"), [1, 2]);
    assert!(page.json::<String>().is_err());
}

#[tokio::test]
async fn a_server_on_a_network_is_visited_in_the_same_way() {
    // reqwest needs a provider if it is built with TLS. An error means that another test has installed one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app()).await });
    let browser = Browser::at(&origin).expect("a URL");
    assert_eq!(browser.get("/set").await.expect("an answer").text(), "GET a=1; c=3 ");
    // A 307 redirect repeats the method and the body.
    let page = browser.post("/307", &[("x", "1")]).await.expect("an answer");
    assert_eq!(page.text(), "POST a=1; c=3 x=1");
    assert!(Browser::at("localhost").is_err());
}
