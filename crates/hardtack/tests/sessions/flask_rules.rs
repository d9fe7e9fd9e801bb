//! Cookies and values that Flask reads but would not write.

use std::time::{Duration, SystemTime};

use axum::Router;
use axum::routing::get;
use hardtack::crypto::Signer;
use hardtack::{BackendSettings, Compression, Session, SessionLayer, Signed, Signing};
use hardtack_jar::Browser;
use http::{Request, StatusCode, header};

use crate::observed;
use crate::support::{keys, seen_with};

const NOW: u64 = 1_700_000_000;

fn layer() -> SessionLayer<Signed> {
    let now = || SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    observed::signed(keys()).like_flask().clock(now)
}

fn signed(text: &str) -> String {
    Signer::new(&keys(), &Signing::flask()).sign(text, NOW, Compression::Never)
}

/// Quotes a value, with an octal escape for every character.
fn escaped(value: &str) -> String {
    let escapes = value.bytes().map(|byte| format!("\\{byte:03o}")).collect::<String>();
    format!("\"{escapes}\"")
}

#[tokio::test]
async fn like_flask_the_session_cookie_is_found_and_unquoted_as_flask_does() {
    let (one, two) = (signed(r#"{"a":1}"#), signed(r#"{"a":2}"#));
    let table = [
        (format!("session={one}; session={two}"), "Some(1)"),
        (format!("session=\"{one}\"; session={two}"), "Some(1)"),
        (format!("session={}", escaped(&one)), "Some(1)"),
        (format!("a=\"; session={two}; b=\"; session={one}"), "Some(1)"),
        // Flask skips the first cookie, so the second one is used.
        (format!("session={two} x; session={one}"), "Some(1)"),
        (format!("session=\"{two}; session={one}"), "Some(1)"),
        (format!("\"session\"={two}; session={one}"), "Some(1)"),
        // The first cookie is used, whatever its value is.
        (format!("session; session={one}"), "None"),
        (format!("session=\"\"; session={one}"), "None"),
        (format!("session={one}x; session={one}"), "None"),
    ];
    for (cookies, a) in table {
        assert_eq!(seen_with(&cookies, &layer()).await, (StatusCode::OK, a.to_owned()), "{cookies}");
    }
    // Without `like_flask`, the quotes are part of the value.
    let strict = observed::signed(keys()).cookie_name("session");
    assert_eq!(seen_with(&format!("session=\"{one}\""), &strict).await.1, "None");
}

/// Returns the `Set-Cookie` headers of two pages, for a browser that sends this cookie. The first page calls `handler`,
/// and the second one does not use the session.
async fn set_cookies(
    cookie: &str,
    layer: &SessionLayer<impl BackendSettings>,
    handler: fn(Session),
) -> Vec<String> {
    let page = async move |session: Session| handler(session);
    let app: Router =
        Router::new().route("/", get(page)).route("/untouched", get(async || "")).layer(layer.clone());
    let mut lines = Vec::new();
    for path in ["/", "/untouched"] {
        let request =
            Request::get(path).header(header::COOKIE, format!("session={cookie}")).body("").unwrap();
        let page = Browser::new(app.clone()).send(request).await.unwrap();
        lines.extend(page.set_cookies().iter().map(|line| (*line).to_owned()));
    }
    lines
}

#[tokio::test]
async fn like_flask_a_permanent_session_in_quotes_is_refreshed_unopened() {
    let cookie = escaped(&signed(r#"{"_permanent":true}"#));
    let lines = set_cookies(&cookie, &layer(), |_| {}).await;
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| line.contains("; Expires=")), "{lines:?}");
}

#[tokio::test]
async fn like_flask_permanent_is_what_python_says_it_is() {
    for (permanent, is_permanent) in [
        ("true", true),
        ("1", true),
        (r#""no""#, true),
        (r#"{" t":[0]}"#, true),
        (r#"{" u":"00000000000000000000000000000000"}"#, true),
        ("false", false),
        ("-0.0", false),
        (r#"{" t":[]}"#, false),
        (r#"{" b":""}"#, false),
        (r#"{" m":""}"#, false),
        (r#"{" d":"never"}"#, false),
        (" { } ", false),
    ] {
        let cookie = signed(&format!("{{\"_permanent\":{permanent}}}"));
        let lines = set_cookies(&cookie, &layer(), |session| session.insert("a", 1)).await;
        assert_eq!(lines.len(), if is_permanent { 2 } else { 1 }, "{permanent}: {lines:?}");
        assert_eq!(lines[0].contains("; Expires="), is_permanent, "{permanent}: {lines:?}");
    }
}

#[tokio::test]
async fn like_flask_what_flask_answers_with_a_500_is_a_damaged_cookie() {
    for text in
        [r#"{"a":1,"b":{" t":5}}"#, r#"{"a":1,"b":[01]}"#, r#"{"a":1,"b":{" b":"A"}}"#, "7", r#"{" t":5}"#]
    {
        let layer = layer();
        assert_eq!(seen_with(&format!("session={}", signed(text)), &layer).await.1, "None", "{text}");
        assert_eq!((layer.metrics().rejected, layer.metrics().loaded), (1, 0), "{text}");
    }
    // Values that Flask can read are kept, even if this library cannot read them.
    for text in [r#"{"a":1,"b":"\ud800"}"#, r#"{"a":1,"b":{" t":{"k":5,"j":6}}}"#] {
        let layer = layer();
        assert_eq!(seen_with(&format!("session={}", signed(text)), &layer).await.1, "Some(1)", "{text}");
        assert_eq!((layer.metrics().rejected, layer.metrics().loaded), (0, 1), "{text}");
    }
}
