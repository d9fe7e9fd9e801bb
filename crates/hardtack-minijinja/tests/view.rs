//! Tests the values that templates can use, through a router.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Form;
use axum::response::{Html, Response};
use axum::routing::{get, post};
use hardtack::value::Markup;
use hardtack::{MemoryStore, Session, SessionLayer, Value};
use hardtack_jar::{Browser, BrowserPage};
use hardtack_minijinja::minijinja::Environment;
use hardtack_minijinja::{View, ViewError, ViewLayer, context};
use http::{HeaderMap, Request, StatusCode, header};
use serde::Deserialize;
use tower::ServiceExt;
use tower_http::csrf::CsrfLayer;

const FORM: &str = "application/x-www-form-urlencoded";

async fn page(view: View) -> Result<Html<String>, ViewError> {
    view.render("page.html", context! { title => "A <title>" })
}

async fn fill(session: Session) {
    session.insert("fav_number", 42);
    session.insert("script", "<script>alert(1)</script>");
    session.insert("safe", Value::Markup(Markup::new("<b>bold</b>")));
    session.insert("list", vec!["a", "b"]);
    session.insert("permanent", "a key of that name");
    session.flash("Saved <you>");
    session.flash_as("error", "Not saved");
}

#[derive(Deserialize)]
struct Login {
    name: String,
}

/// Responds with a form as the template reads it, and as axum's `Form` reads it.
async fn both(view: View, Form(login): Form<Login>) -> Result<String, ViewError> {
    let Html(page) = view.render("page.html", context! {})?;
    Ok(format!("{page} {}", login.name))
}

fn layers(template: &'static str) -> Router {
    let mut environment = Environment::new();
    environment.add_template("page.html", template).unwrap();
    Router::new()
        .route("/page", get(page).post(page))
        .route("/fill", post(fill))
        .route("/both", post(both))
        .nest("/inner", Router::new().route("/caf%C3%A9", get(page)))
        .layer(ViewLayer::new(environment))
}

fn app(template: &'static str) -> Router {
    layers(template).layer(SessionLayer::stored(MemoryStore::new()))
}

async fn send(app: &Router, request: Request<Body>) -> Response {
    app.clone().oneshot(request).await.unwrap()
}

async fn body(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

fn has_session_headers(headers: &HeaderMap) -> bool {
    [header::VARY, header::SET_COOKIE, header::CACHE_CONTROL].iter().any(|name| headers.contains_key(name))
}

/// Returns the body of the response to a visitor without cookies.
async fn shown(template: &'static str, request: Request<Body>) -> String {
    let response = send(&app(template), request).await;
    assert_eq!(response.status(), StatusCode::OK, "{template}");
    body(response).await
}

/// Returns a browser whose session contains values.
async fn full(template: &'static str) -> Browser {
    let browser = Browser::new(app(template));
    browser.post("/fill", &[]).await.unwrap();
    browser
}

/// Returns the response to a visitor whose session contains values.
async fn filled(template: &'static str) -> BrowserPage {
    full(template).await.get("/page").await.unwrap()
}

fn plain(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn form(path: &str, fields: &str) -> Request<Body> {
    Request::post(path).header(header::CONTENT_TYPE, FORM).body(Body::from(fields.to_owned())).unwrap()
}

#[tokio::test]
async fn a_template_reads_the_session_as_flasks_does() {
    let table = [
        (
            "{{ session.fav_number + 1 }} {{ session['fav_number'] }} {{ session.get('fav_number') }}",
            "43 42 42",
        ),
        (
            "{{ session.none is undefined }} {{ session.get('none') }} {{ session.get('none', 7) }}",
            "True None 7",
        ),
        ("{{ 'list' in session }} {{ 'none' in session }} {{ session.list[1] }}", "True False b"),
        ("{{ session.script }}", "&lt;script&gt;alert(1)&lt;&#x2f;script&gt;"),
        ("{{ session.safe }}", "<b>bold</b>"),
        ("{{ session.permanent }} {{ session['permanent'] }}", "False a key of that name"),
        ("{% for key in session %}{{ key }},{% endfor %}", "_flashes,fav_number,list,permanent,safe,script,"),
        ("{{ session.keys()|length }} {{ session.values()|length }} {{ session|length }}", "6 6 6"),
        (
            "{% for k, v in session.items() if k == 'fav_number' %}{{ k }}={{ v }}{% endfor %}",
            "fav_number=42",
        ),
        ("{{ 'full' if session else 'empty' }}", "full"),
        ("{% macro m() %}{{ session.fav_number }}{% endmacro %}{{ m() }}", "42"),
    ];
    for (template, expected) in table {
        let page = filled(template).await;
        assert_eq!(page.header("vary"), Some("Cookie"), "{template}");
        assert!(page.set_cookies().is_empty(), "{template}");
        assert_eq!(page.text(), expected, "{template}");
    }
    assert_eq!(shown("{{ 'full' if session else 'empty' }}", plain("/page")).await, "empty");
}

#[tokio::test]
async fn a_template_that_looks_at_nothing_adds_no_header() {
    for template in [
        "{{ title }}",
        "{{ request.path }} {{ request.cookies|length }}",
        "{% if false %}{{ session.x }}{% endif %}",
    ] {
        assert!(!has_session_headers(filled(template).await.headers()), "{template}");
    }
}

#[tokio::test]
async fn looking_starts_no_session() {
    let response = send(&app("{{ session.x }}{{ get_flashed_messages() }}"), plain("/page")).await;
    assert_eq!(response.headers()[header::VARY], "Cookie");
    assert!(!response.headers().contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn messages_are_shown_once() {
    const TWICE: &str = "{{ get_flashed_messages()|length }}{{ get_flashed_messages()|length }}";
    let browser = full(TWICE).await;
    for expected in ["22", "00"] {
        assert_eq!(browser.get("/page").await.unwrap().text(), expected);
    }
}

#[tokio::test]
async fn messages_come_with_their_categories_and_by_them() {
    let table = [
        ("{% for m in get_flashed_messages() %}{{ m }};{% endfor %}", "Saved &lt;you&gt;;Not saved;"),
        (
            "{% for c, m in get_flashed_messages(with_categories=true) %}{{ c }}:{{ m }};{% endfor %}",
            "message:Saved &lt;you&gt;;error:Not saved;",
        ),
        ("{% for m in get_flashed_messages(category_filter=['error']) %}{{ m }};{% endfor %}", "Not saved;"),
        (
            "{% for c, m in get_flashed_messages(true, ['message']) %}{{ c }}:{{ m }};{% endfor %}",
            "message:Saved &lt;you&gt;;",
        ),
        (
            "{{ get_flashed_messages(category_filter=['error'])|length }}{{ get_flashed_messages()|length }}",
            "12",
        ),
    ];
    for (template, expected) in table {
        assert_eq!(filled(template).await.text(), expected, "{template}");
    }
    let response = send(&app("{{ get_flashed_messages(with_category=true) }}"), plain("/page")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_template_reads_the_request() {
    let request = || {
        Request::get("/page?q=a+b&q=%3Ci%3E&n=1")
            .header(header::COOKIE, "fav_color=dark%20blue; a=1")
            .header(header::COOKIE, "x=<script>")
            .body(Body::empty())
            .unwrap()
    };
    let table = [
        ("{{ request.method }} {{ request.path }}", "GET &#x2f;page"),
        (
            "{{ request.args.q }} {{ request.args.getlist('q')[1] }} {{ request.args.get('m', 'none') }}",
            "a b &lt;i&gt; none",
        ),
        (
            "{{ request.cookies.fav_color }} {{ request.cookies.get('none', '<unset>') }}",
            "dark blue &lt;unset&gt;",
        ),
        (
            "{% for name, value in request.cookies.items() %}{{ name }}={{ value }};{% endfor %}",
            "fav_color=dark blue;a=1;x=&lt;script&gt;;",
        ),
        ("{{ request.form|length }}{{ request.form.q is undefined }}", "0True"),
        ("{{ request.nothing is undefined }}", "True"),
    ];
    for (template, expected) in table {
        assert_eq!(shown(template, request()).await, expected, "{template}");
    }
    assert_eq!(shown("{{ request.path }}", plain("/inner/caf%C3%A9")).await, "&#x2f;inner&#x2f;café");
}

#[tokio::test]
async fn a_template_and_a_handler_read_the_same_form() {
    const FIELDS: &str = "{{ request.form.name }} {{ request.form.getlist('name')|length }}";
    assert_eq!(shown(FIELDS, form("/both", "name=%3CAda%3E&x=1")).await, "&lt;Ada&gt; 1 <Ada>");
    assert_eq!(shown(FIELDS, form("/page", "name=a&name=b")).await, "a 2");
}

#[tokio::test]
async fn a_form_over_the_limit_is_413_where_a_view_reads_it() {
    let large = "a".repeat(2 * 1024 * 1024 + 1);
    assert_eq!(send(&app("x"), form("/page", &large)).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(send(&app("x"), form("/fill", &large)).await.status(), StatusCode::OK);
    let wider =
        app("{{ request.form.a|length }}").layer(axum::extract::DefaultBodyLimit::max(3 * 1024 * 1024));
    assert_eq!(body(send(&wider, form("/page", &format!("a={large}"))).await).await, "2097153");
}

#[tokio::test]
async fn what_the_handler_passes_goes_first() {
    async fn own(view: View) -> Result<Html<String>, ViewError> {
        view.render("page.html", context! { session => "mine" })
    }
    let mut environment = Environment::new();
    environment.add_template("page.html", "{{ session }} {{ request.method }}").unwrap();
    let app = Router::new()
        .route("/page", get(own))
        .layer(ViewLayer::new(environment))
        .layer(SessionLayer::stored(MemoryStore::new()));
    let response = send(&app, plain("/page")).await;
    assert!(!has_session_headers(response.headers()));
    assert_eq!(body(response).await, "mine GET");
}

#[tokio::test]
async fn a_session_of_another_marker_has_its_own_view() {
    struct Admin;
    async fn fill(session: Session<Admin>) {
        session.insert("x", "admin's");
    }
    async fn page(view: View<Admin>) -> Result<Html<String>, ViewError> {
        view.render("page.html", context! {})
    }
    let mut environment = Environment::new();
    environment.add_template("page.html", "{{ session.x }}").unwrap();
    let app = Router::new()
        .route("/fill", get(fill))
        .route("/page", get(page))
        .layer(ViewLayer::new(environment))
        .layer(SessionLayer::stored(MemoryStore::new()))
        .layer(SessionLayer::stored(MemoryStore::new()).named::<Admin>("admin"));
    let response = send(&app, plain("/fill")).await;
    let cookie =
        response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let request = Request::get("/page").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    assert_eq!(body(send(&app, request).await).await, "admin&#x27;s");
}

#[tokio::test]
async fn a_developers_mistake_is_a_500() {
    let no_sessions = layers("x");
    let no_templates =
        Router::new().route("/page", get(page)).layer(SessionLayer::stored(MemoryStore::new()));
    for app in [no_sessions, no_templates, app("{{ title.x.y }}"), app("{{ session.nothing() }}")] {
        let response = send(&app, plain("/page")).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(body(response).await, "");
    }
}

/// Returns an application with a page from the given template, a login, and a logout.
fn app_with_logout(template: &'static str) -> Router {
    layers(template)
        .route("/in", post(|session: Session| async move { session.log_in("jane") }))
        .route("/logout", post(|session: Session| async move { session.log_out() }))
        .layer(SessionLayer::stored(MemoryStore::new()))
        .layer(CsrfLayer::new())
}

#[tokio::test]
async fn a13_each_page_can_show_a_logout_to_whoever_has_logged_in() {
    let browser = Browser::new(app_with_logout("<nav>{{ logout_form() }}</nav>"));
    assert_eq!(browser.get("/page").await.unwrap().text(), "<nav></nav>");
    browser.post("/in", &[]).await.unwrap();
    let page = browser.get("/page").await.unwrap();
    assert_eq!(
        page.text(),
        r#"<nav><form action="/logout" method="post"><button>Log out</button></form></nav>"#
    );
    assert_eq!(page.header("vary"), Some("Cookie"));
    // The CSRF layer accepts a click on the button, and rejects a form from another site.
    let elsewhere = browser.tab_at("https://evil.example/").unwrap();
    let refused = elsewhere.post("https://localhost/logout", &[]).await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(browser.get("/page").await.unwrap().text().contains("Log out"));
    assert_eq!(browser.post("/logout", &[]).await.unwrap().status(), StatusCode::OK);
    assert_eq!(browser.get("/page").await.unwrap().text(), "<nav></nav>");
}

#[tokio::test]
async fn a13_the_logouts_path_and_text_are_escaped() {
    let template = r#"{{ logout_form('/out?a="b"&c', label="<b>Bye</b>") }}{{ logout_form(action="/x") }}"#;
    let browser = Browser::new(app_with_logout(template));
    browser.post("/in", &[]).await.unwrap();
    let text = browser.get("/page").await.unwrap().text();
    let (first, second) = text.split_once("</form>").unwrap();
    assert!(!first.contains("<b>") && !first.contains(r#""b""#), "{first}");
    assert!(first.contains("&lt;b&gt;Bye"), "{first}");
    assert_eq!(second, r#"<form action="/x" method="post"><button>Log out</button></form>"#);
}
