//! One live session, shared between a real Flask application and a Rust application.
//!
//! `./test` installs Flask, and sets `HARDTACK_PYTHON` to its Python.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Request, Response, StatusCode, header};
use axum::routing::get;
use hardtack::value::{BigInt, Bytes, DateTime, Markup, Uuid};
use hardtack::{Key, KeyRing, Session, SessionLayer, User, Value};
use hardtack_jar::Browser;

const SECRET: &str = "a secret of more than sixteen bytes";
const OLD_SECRET: &str = "an older secret, no longer signed with";

mod flask {
    use super::*;

    #[tokio::test]
    #[ignore = "needs Flask, which ./test installs"]
    async fn a_login_at_flask_is_a_login_here() {
        let flask = Flask::start(SECRET, "");
        let rust = rust(KeyRing::new(Key::new(SECRET).unwrap()));
        let mut visitor = Visitor::new();
        assert_eq!(visitor.rust(&rust, "/profile").await.0, StatusCode::UNAUTHORIZED);
        visitor.flask(&flask, "/login?user=j%C3%B6hn").await;
        assert_eq!(visitor.rust(&rust, "/profile").await, (StatusCode::OK, "jöhn".to_owned()));
        assert_eq!(visitor.rust(&rust, "/flashes").await.1, "greeting: Welcome");
        assert_eq!(visitor.flask(&flask, "/flashes").await, (StatusCode::OK, "[]\n".to_owned()));
        visitor.rust(&rust, "/logout").await;
        assert_eq!(visitor.flask(&flask, "/profile").await.0, StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    #[ignore = "needs Flask, which ./test installs"]
    async fn a_login_here_is_a_login_at_flask() {
        let flask = Flask::start(SECRET, "");
        let rust = rust(KeyRing::new(Key::new(SECRET).unwrap()));
        let mut visitor = Visitor::new();
        assert_eq!(visitor.flask(&flask, "/profile").await.0, StatusCode::UNAUTHORIZED);
        visitor.rust(&rust, "/login/jane").await;
        assert_eq!(visitor.flask(&flask, "/profile").await, (StatusCode::OK, "jane".to_owned()));
        assert_eq!(
            visitor.flask(&flask, "/flashes").await.1.replace([' ', '\n'], ""),
            r#"[["greeting","Welcome"]]"#
        );
        assert_eq!(visitor.rust(&rust, "/flashes").await.1, "");
        visitor.flask(&flask, "/logout").await;
        assert_eq!(visitor.rust(&rust, "/profile").await.0, StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    #[ignore = "needs Flask, which ./test installs"]
    async fn every_type_survives_both_ways() {
        let flask = Flask::start(SECRET, "");
        let rust = rust(KeyRing::new(Key::new(SECRET).unwrap()));
        let mut visitor = Visitor::new();
        assert_eq!(visitor.flask(&flask, "/put-types").await, (StatusCode::OK, "ok".to_owned()));
        assert_eq!(visitor.rust(&rust, "/check-types").await, (StatusCode::OK, "ok".to_owned()));
        // Rust writes the values again, and Flask reads them.
        assert_eq!(visitor.rust(&rust, "/put-types").await, (StatusCode::OK, "ok".to_owned()));
        assert_eq!(visitor.flask(&flask, "/check-types").await, (StatusCode::OK, "ok".to_owned()));

        let mut fresh = Visitor::new();
        assert_eq!(fresh.rust(&rust, "/put-types").await, (StatusCode::OK, "ok".to_owned()));
        assert_eq!(fresh.flask(&flask, "/check-types").await, (StatusCode::OK, "ok".to_owned()));
        assert_eq!(fresh.rust(&rust, "/check-types").await, (StatusCode::OK, "ok".to_owned()));
    }

    #[tokio::test]
    #[ignore = "needs Flask, which ./test installs"]
    async fn a_secret_can_be_replaced_on_both_sides() {
        let old = Key::new(OLD_SECRET).unwrap();
        let old_flask = Flask::start(OLD_SECRET, "");
        let new_flask = Flask::start(SECRET, "fallback-that-is-none");
        let old_rust = rust(KeyRing::new(old.clone()));
        let new_rust = rust(KeyRing::new(Key::new(SECRET).unwrap()).and_previous(old));

        // Flask signs the session with the old secret. Rust verifies it with that secret as a fallback, and the next
        // write signs it with the new secret.
        let mut visitor = Visitor::new();
        visitor.flask(&old_flask, "/login?user=john").await;
        assert_eq!(visitor.rust(&new_rust, "/profile").await, (StatusCode::OK, "john".to_owned()));
        assert_eq!(visitor.flask(&new_flask, "/profile").await.0, StatusCode::UNAUTHORIZED);
        visitor.rust(&new_rust, "/put-types").await;
        assert_eq!(visitor.flask(&new_flask, "/profile").await, (StatusCode::OK, "john".to_owned()));
        assert_eq!(visitor.flask(&old_flask, "/profile").await.0, StatusCode::UNAUTHORIZED);

        // The reverse case: Flask has the fallback.
        let both_flask = Flask::start(SECRET, OLD_SECRET.replace(' ', "_").as_str());
        let underscored = rust(KeyRing::new(Key::new(OLD_SECRET.replace(' ', "_")).unwrap()));
        let mut visitor = Visitor::new();
        visitor.rust(&underscored, "/login/jane").await;
        assert_eq!(visitor.flask(&both_flask, "/profile").await, (StatusCode::OK, "jane".to_owned()));

        // A side without the fallback cannot read the session.
        let mut visitor = Visitor::new();
        visitor.flask(&new_flask, "/login?user=john").await;
        assert_eq!(visitor.rust(&old_rust, "/profile").await.0, StatusCode::UNAUTHORIZED);
    }
}

fn rust(keys: KeyRing) -> Router {
    Router::new()
        .route("/login/{user}", get(login))
        .route("/profile", get(profile))
        .route("/flashes", get(flashes))
        .route("/logout", get(logout))
        .route("/put-types", get(put_types))
        .route("/check-types", get(check_types))
        .layer(SessionLayer::signed(keys).like_flask())
}

async fn login(session: Session, Path(user): Path<String>) {
    session.log_in(user);
    session.flash_as("greeting", "Welcome");
}

async fn profile(user: User) -> String {
    user.id().to_owned()
}

async fn flashes(session: Session) -> String {
    let flashes = session.flashes();
    flashes.iter().map(|flash| format!("{}: {}", flash.category, flash.message)).collect()
}

async fn logout(session: Session) {
    session.log_out();
}

/// Returns the values that `app.py` stores.
fn types() -> BTreeMap<&'static str, Value> {
    let inner = Value::Tuple(vec![3.5.into(), Value::Null]);
    let map = |key: &str, value: Value| Value::Dict([(key.to_owned(), value)].into());
    let big = "1606938044258990275541962092341162602522202993782792835301376";
    [
        ("tuple", Value::Tuple(vec![1.into(), "two".into(), inner])),
        ("list", Value::List(vec![1.into(), vec![2, 3].into(), map("k", "v".into())])),
        ("bytes", Bytes::new(b"\x00\xff raw").into()),
        (
            "uuid",
            Uuid::from_bytes(*b"\x12\x34\x56\x78\x12\x34\x56\x78\x12\x34\x56\x78\x12\x34\x56\x78").into(),
        ),
        ("datetime", DateTime::from_unix_seconds(1_704_164_645).unwrap().into()),
        ("markup", Markup::new("<b>bold</b>").into()),
        ("escaped", map(" t", vec![1, 2].into())),
        ("big", big.parse::<BigInt>().unwrap().into()),
        ("negative", i64::MIN.into()),
        ("text", "na\u{ef}ve \u{1f600} \u{7f} <&>".into()),
        ("truth", true.into()),
        ("nothing", Value::Null),
        ("float", 1e16.into()),
        ("small", 1e-7.into()),
        ("infinite", f64::NEG_INFINITY.into()),
    ]
    .into()
}

async fn put_types(session: Session) -> &'static str {
    session.extend(types());
    session.insert("nan", f64::NAN);
    "ok"
}

async fn check_types(session: Session) -> Result<&'static str, String> {
    for (key, value) in types() {
        let found: Option<Value> = session.get(key);
        if found.as_ref() != Some(&value) {
            return Err(format!("{key}: {found:?} is not {value:?}"));
        }
    }
    let nan: Option<f64> = session.get("nan");
    if nan.is_some_and(f64::is_nan) { Ok("ok") } else { Err("nan is a number".to_owned()) }
}

/// A browser that visits both applications under one host name. Cookies do not distinguish ports.
struct Visitor(Browser);

impl Visitor {
    fn new() -> Self {
        // Flask's cookie does not require HTTPS.
        Self(Browser::new(Router::new()).origin("http://localhost").unwrap())
    }

    async fn rust(&mut self, app: &Router, path: &str) -> (StatusCode, String) {
        self.visit(app.clone(), path).await
    }

    async fn flask(&mut self, flask: &Flask, path: &str) -> (StatusCode, String) {
        let port = flask.port;
        let app = Router::new().fallback(async move |request: Request<Body>| ask(port, &request));
        self.visit(app, path).await
    }

    async fn visit(&mut self, app: Router, path: &str) -> (StatusCode, String) {
        self.0 = self.0.tab().app(app);
        let page = self.0.get(path).await.unwrap();
        (page.status(), page.text())
    }
}

/// Forwards a request to a server.
fn ask(port: u16, request: &Request<Body>) -> Response<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let path = request.uri().path_and_query().unwrap();
    let cookie = request.headers().get(header::COOKIE);
    let cookie = cookie.map(|cookie| format!("Cookie: {}\r\n", cookie.to_str().unwrap())).unwrap_or_default();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n{cookie}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut response = Response::builder().status(head.split(' ').nth(1).unwrap());
    for set in head.lines().filter_map(|line| line.strip_prefix("Set-Cookie: ")) {
        response = response.header(header::SET_COOKIE, set);
    }
    response.body(body.to_owned()).unwrap()
}

/// A running Flask application, which is killed when dropped.
struct Flask {
    child: Child,
    port: u16,
}

impl Flask {
    fn start(secret: &str, fallbacks: &str) -> Self {
        let python = std::env::var("HARDTACK_PYTHON")
            .expect("HARDTACK_PYTHON names a Python that has Flask: run ./test");
        let mut child = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/flask/app.py"))
            .env("SECRET_KEY", secret)
            .env("FALLBACKS", fallbacks)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { port: line.trim().parse().expect("Flask prints its port"), child }
    }
}

impl Drop for Flask {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
