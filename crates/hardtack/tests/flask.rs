//! One session shared live between a real Flask and a Rust application.
//!
//! `./test` installs Flask and names its Python in `HARDTACK_PYTHON`.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Path;
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use hardtack::value::{BigInt, Bytes, DateTime, Markup, Uuid};
use hardtack::{Key, KeyRing, Session, SessionLayer, User, Value};
use tower::ServiceExt;

const SECRET: &str = "a secret of more than sixteen bytes";
const OLD_SECRET: &str = "an older secret, no longer signed with";

mod flask {
    use super::*;

    #[tokio::test]
    #[ignore = "needs Flask, which ./test installs"]
    async fn a_login_at_flask_is_a_login_here() {
        let flask = Flask::start(SECRET, "");
        let rust = rust(KeyRing::new(Key::new(SECRET).unwrap()));
        let mut browser = Browser::default();
        assert_eq!(browser.rust(&rust, "/profile").await.0, StatusCode::UNAUTHORIZED);
        browser.flask(&flask, "/login?user=j%C3%B6hn");
        assert_eq!(browser.rust(&rust, "/profile").await, (StatusCode::OK, "jöhn".to_owned()));
        assert_eq!(browser.rust(&rust, "/flashes").await.1, "greeting: Welcome");
        assert_eq!(browser.flask(&flask, "/flashes"), (200, "[]\n".to_owned()));
        browser.rust(&rust, "/logout").await;
        assert_eq!(browser.flask(&flask, "/profile").0, 401);
    }

    #[tokio::test]
    #[ignore = "needs Flask, which ./test installs"]
    async fn a_login_here_is_a_login_at_flask() {
        let flask = Flask::start(SECRET, "");
        let rust = rust(KeyRing::new(Key::new(SECRET).unwrap()));
        let mut browser = Browser::default();
        assert_eq!(browser.flask(&flask, "/profile").0, 401);
        browser.rust(&rust, "/login/jane").await;
        assert_eq!(browser.flask(&flask, "/profile"), (200, "jane".to_owned()));
        assert_eq!(
            browser.flask(&flask, "/flashes").1.replace([' ', '\n'], ""),
            r#"[["greeting","Welcome"]]"#
        );
        assert_eq!(browser.rust(&rust, "/flashes").await.1, "");
        browser.flask(&flask, "/logout");
        assert_eq!(browser.rust(&rust, "/profile").await.0, StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    #[ignore = "needs Flask, which ./test installs"]
    async fn every_type_survives_both_ways() {
        let flask = Flask::start(SECRET, "");
        let rust = rust(KeyRing::new(Key::new(SECRET).unwrap()));
        let mut browser = Browser::default();
        assert_eq!(browser.flask(&flask, "/put-types"), (200, "ok".to_owned()));
        assert_eq!(browser.rust(&rust, "/check-types").await, (StatusCode::OK, "ok".to_owned()));
        // Written again by the other side, and read by the first.
        assert_eq!(browser.rust(&rust, "/put-types").await, (StatusCode::OK, "ok".to_owned()));
        assert_eq!(browser.flask(&flask, "/check-types"), (200, "ok".to_owned()));

        let mut fresh = Browser::default();
        assert_eq!(fresh.rust(&rust, "/put-types").await, (StatusCode::OK, "ok".to_owned()));
        assert_eq!(fresh.flask(&flask, "/check-types"), (200, "ok".to_owned()));
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

        // Signed with the old secret at Flask, read with it as a fallback here, and signed anew at the next write.
        let mut browser = Browser::default();
        browser.flask(&old_flask, "/login?user=john");
        assert_eq!(browser.rust(&new_rust, "/profile").await, (StatusCode::OK, "john".to_owned()));
        assert_eq!(browser.flask(&new_flask, "/profile").0, 401);
        browser.rust(&new_rust, "/put-types").await;
        assert_eq!(browser.flask(&new_flask, "/profile"), (200, "john".to_owned()));
        assert_eq!(browser.flask(&old_flask, "/profile").0, 401);

        // The other way round: Flask has the fallback.
        let both_flask = Flask::start(SECRET, OLD_SECRET.replace(' ', "_").as_str());
        let underscored = rust(KeyRing::new(Key::new(OLD_SECRET.replace(' ', "_")).unwrap()));
        let mut browser = Browser::default();
        browser.rust(&underscored, "/login/jane").await;
        assert_eq!(browser.flask(&both_flask, "/profile"), (200, "jane".to_owned()));

        // Who has no fallback reads nothing.
        let mut browser = Browser::default();
        browser.flask(&new_flask, "/login?user=john");
        assert_eq!(browser.rust(&old_rust, "/profile").await.0, StatusCode::UNAUTHORIZED);
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

/// The values of `app.py`.
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

/// A browser that knows one cookie.
#[derive(Default)]
struct Browser {
    cookie: Option<String>,
}

impl Browser {
    async fn rust(&mut self, app: &Router, path: &str) -> (StatusCode, String) {
        let mut request = Request::get(path);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, format!("session={cookie}"));
        }
        let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        for set in response.headers().get_all(header::SET_COOKIE) {
            self.take(set.to_str().unwrap());
        }
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn flask(&mut self, flask: &Flask, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", flask.port)).unwrap();
        let cookie =
            self.cookie.as_ref().map(|cookie| format!("Cookie: session={cookie}\r\n")).unwrap_or_default();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n{cookie}\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        for line in head.lines() {
            if let Some(set) = line.strip_prefix("Set-Cookie: ") {
                self.take(set);
            }
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    fn take(&mut self, set_cookie: &str) {
        let value = set_cookie.strip_prefix("session=").unwrap().split(';').next().unwrap();
        self.cookie = (!value.is_empty()).then(|| value.to_owned());
    }
}

/// A running Flask application, ended when dropped.
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
