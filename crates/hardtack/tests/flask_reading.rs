//! Session data and cookies that Flask reads but would not write, read by Flask and by this library.
//!
//! `./test` installs Flask, and sets `HARDTACK_PYTHON` to its Python. `HARDTACK_READINGS` is the number of cases.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../hardtack-core/tests/common/neutral.rs"]
mod neutral;

use std::convert::Infallible;
use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use hardtack::protocol::Dictionary;
use hardtack::value::{breaks_flask, from_text, is_truthy};
use hardtack::{BackendSettings, Key, KeyRing, Session, SessionLayer, Value};
use http::{HeaderValue, Request, Response, header};
use serde_json::Value as Json;
use tower::{Layer, ServiceExt, service_fn};

mod flask {
    use super::*;

    #[test]
    #[ignore = "needs Flask, which ./test installs"]
    fn tags_are_read_as_flask_reads_them() {
        let (mut read, mut refused) = (0, 0);
        for case in cases("values", 20_000) {
            let text = case["text"].as_str().unwrap();
            compare_value(text, &case);
            match compare_session(text, &case["session"]) {
                true => read += 1,
                false => refused += 1,
            }
        }
        println!("summary: session texts, against Flask: {read} read and {refused} refused alike");
        assert!(read > 100 && refused > 100);
    }

    #[test]
    #[ignore = "needs Flask, which ./test installs"]
    fn the_session_cookie_is_found_as_flask_finds_it() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let layer =
            SessionLayer::signed(KeyRing::new(Key::new("a secret of more than sixteen bytes").unwrap()));
        let layer = layer.like_flask();
        let (mut full, mut fresh, mut damaged) = (0, 0, 0);
        for case in cases("cookies", 4_000) {
            let rejected_before = layer.metrics().rejected;
            let session = runtime.block_on(open(&layer, &case["fields"]));
            let rejected = layer.metrics().rejected - rejected_before;
            match neutral_members(&case["session"]) {
                Some(members) => {
                    let session = Dictionary::parse(session).unwrap();
                    neutral::compare_session(&session, &case["session"])
                        .unwrap_or_else(|difference| panic!("{difference}: {case}"));
                    *(if members == 0 { &mut fresh } else { &mut full }) += 1;
                }
                // Flask responds with a 500.
                None => {
                    assert_eq!((rejected, &*session), (1, "{}"), "{case}");
                    damaged += 1;
                }
            }
        }
        println!(
            "summary: Cookie headers, against Flask: {full} sessions, {fresh} fresh and {damaged} damaged ones alike"
        );
        assert!(full > 100 && fresh > 100 && damaged > 100);
    }
}

/// Returns the cases that the script prints for a mode.
fn cases(mode: &str, count: u32) -> impl Iterator<Item = Json> {
    let python =
        env::var("HARDTACK_PYTHON").expect("HARDTACK_PYTHON names a Python that has Flask: run ./test");
    let (seed, count) = match env::var("HARDTACK_READINGS") {
        // Each run has different cases. A failed assertion shows the case.
        Ok(count) => (std::process::id(), count.parse().unwrap()),
        Err(_) => (1, count),
    };
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/flask/reading.py"))
        .args([mode, &seed.to_string(), &count.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).chain(std::iter::from_fn(move || {
        assert!(child.wait().unwrap().success());
        None
    }))
}

fn compare_value(text: &str, case: &Json) {
    let value = from_text::<Value>(text);
    let expected = &case["value"];
    if expected.is_null() {
        assert!(value.is_err(), "{value:?}: {case}");
        assert!(!is_truthy(text));
        return;
    }
    let Ok(value) = value else { panic!("{value:?}: {case}") };
    assert!(neutral::same(&neutral::from_value(&value), expected), "{value:?}: {case}");
    assert_eq!(is_truthy(text), case["truth"] == Json::Bool(true), "{case}");
    let written = value.to_text();
    assert_eq!(from_text::<Value>(&written).unwrap().to_text(), written, "{case}");
}

/// Checks that `text` is read as Flask reads it, and returns whether Flask reads it as a session.
fn compare_session(text: &str, expected: &Json) -> bool {
    let session = Dictionary::parse(text);
    if neutral_members(expected).is_none() {
        let breaks = |session: Dictionary| session.iter().any(|(_, value)| breaks_flask(value));
        assert!(session.is_err() || session.is_ok_and(breaks), "{text}");
        return false;
    }
    let session = session.unwrap_or_else(|error| panic!("{error}: {text}"));
    neutral::compare_session(&session, expected).unwrap_or_else(|difference| panic!("{difference}: {text}"));
    true
}

fn neutral_members(session: &Json) -> Option<usize> {
    session["items"].as_array().map(Vec::len)
}

/// Returns the wire text of the session that a request with these `Cookie` headers opens.
async fn open(layer: &SessionLayer<impl BackendSettings>, fields: &Json) -> String {
    let mut request = Request::new(());
    for field in fields.as_array().unwrap() {
        let latin1: Vec<u8> = field.as_str().unwrap().chars().map(|c| u8::try_from(c).unwrap()).collect();
        request.headers_mut().append(header::COOKIE, HeaderValue::from_bytes(&latin1).unwrap());
    }
    let handler = service_fn(|request: Request<()>| async move {
        let session = Session::<hardtack::Main>::open(request.extensions(), request.headers()).await.unwrap();
        let member = |key: String| session.get::<Value>(&key).map(|value| (key, value));
        let dict = session.keys().into_iter().filter_map(member).collect();
        Ok::<_, Infallible>(Response::new(Value::Dict(dict).to_text()))
    });
    layer.layer(handler).oneshot(request).await.unwrap().into_body()
}
