use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::Redirect;
use axum::routing::get;
use hardtack::{BackendSettings, Key, KeyRing, MemoryStore, Session, SessionLayer, SetCookie, Value};
use hardtack_core::base64;
use hardtack_inspect::Inspector;

use crate::wire::{TOKEN, ask, connect, listen, serve};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Secrets that must not leak, and where each one occurs.
const SECRETS: [(&str, &str); 12] = [
    ("in a cookie", "Sesam ö 1/öffne"),
    ("in a session", "Sesam ö 2/öffne"),
    ("in a session's list", "Sesam ö 3/öffne"),
    ("as a key inside a session's value", "Sesam ö 4/öffne"),
    ("as the user's name", "Sesam ö 5/öffne"),
    ("in a query", "Sesam%205/in-a-query"),
    ("in a path", "sesam-6-in-a-path"),
    ("in the query of a redirect", "sesam-7-in-a-location"),
    ("in another header", "sesam-8-in-authorization"),
    ("in a received cookie", "sesam-9-in-a-cookie-that-came"),
    ("in a path without a route", "sesam-10-in-a-path-of-no-route"),
    ("in the path of a redirect", "sesam-11-in-a-path-of-a-location"),
];

fn secret(at: usize) -> &'static str {
    SECRETS[at].1
}

async fn write(session: Session) -> SetCookie {
    session.insert("plain", secret(1));
    session.insert("list", Value::from(vec![Value::from(secret(2))]));
    session.try_insert("map", &std::collections::BTreeMap::from([(secret(3), 1)])).unwrap();
    session.log_in(secret(4));
    SetCookie::new("note", secret(0))
}

fn app(layer: SessionLayer<impl BackendSettings>, inspector: Inspector) -> Router {
    Router::new()
        .route("/write", get(write))
        .route(
            "/read",
            get(|session: Session| async move { session.get::<String>("plain").unwrap_or_default() }),
        )
        .route("/change", get(|session: Session| async move { session.insert("plain", "short") }))
        .route("/reset/{token}", get(|_: Path<String>| async { StatusCode::OK }))
        // The cookie has no `Path`, so its path is derived from the URL, which contains a secret.
        .route("/reset/{token}/step", get(|| async { ([(SET_COOKIE, "step=1")], StatusCode::OK) }))
        .route("/leave", get(|| async { Redirect::to(&format!("/read/{}?code={}", secret(11), secret(7))) }))
        .layer(layer)
        .layer(inspector)
}

/// Returns every encoding in which a secret might appear.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), secret.replace(' ', "+"), secret.replace(' ', "%20")];
    let all: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let some = |keeps: fn(u8) -> bool| -> String {
        secret
            .bytes()
            .map(|byte| if keeps(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    forms.extend([
        all.clone(),
        all.to_lowercase(),
        some(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)),
        some(|byte| byte.is_ascii_graphic()),
        secret.escape_unicode().to_string(),
        // The secret with its non-ASCII characters escaped as in JSON.
        secret
            .chars()
            .map(
                |letter| {
                    if letter.is_ascii() {
                        letter.to_string()
                    } else {
                        format!("\\u{:04x}", u32::from(letter))
                    }
                },
            )
            .collect(),
        secret.replace('/', "&#x2f;"),
        secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
    ]);
    // In base64, a string has three encodings, depending on its offset. The first and last letters of an encoding
    // depend on the neighboring bytes.
    for before in 0..3 {
        let padded = [&b"   "[..before], secret.as_bytes()].concat();
        let url = base64::encode_url(&padded);
        let inner = url[(before * 4).div_ceil(3)..url.len() - 2].to_owned();
        forms.push(inner.replace('-', "+").replace('_', "/"));
        forms.push(inner);
    }
    forms
}

fn search(text: &str, place: &str) {
    for (what, secret) in SECRETS {
        for form in forms(secret) {
            assert!(!text.contains(&form), "{place} contains the secret {what}, as {form}");
        }
    }
}

#[test]
fn the_search_finds_every_form() {
    for (_, secret) in SECRETS {
        for before in ["", "a", "ab", "abc"] {
            let hidden = base64::encode_url(format!("{before}{secret}zzz").as_bytes());
            assert!(forms(secret).iter().any(|form| hidden.contains(form)), "{hidden}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a23_no_page_and_no_stream_contains_a_value() {
    let keys = || KeyRing::new(Key::new("the secret of a test that is long enough").unwrap());
    let layers = [
        SessionLayer::stored(MemoryStore::new()).insecure_http().into_any(),
        SessionLayer::signed(keys()).insecure_http().into_any(),
        SessionLayer::encrypted(keys()).insecure_http().into_any(),
    ];
    let mut searched = 0;
    for layer in layers {
        let inspector = Inspector::new().token(TOKEN);
        let port = serve(app(layer, inspector.clone())).await;
        let mut stream = connect(LOOPBACK, port, "/inspect/events?after=0", "");
        let listening = std::thread::spawn(move || listen(&mut stream, |text| text.contains("\"total\":10")));
        let stray = format!("cookie: stray={}\r\nauthorization: Bearer {}\r\n", secret(9), secret(8));
        ask(LOOPBACK, port, &format!("/read?token={}", secret(5)), &stray);
        let answer = ask(LOOPBACK, port, "/write", &stray);
        let cookies: Vec<_> =
            answer.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next()).collect();
        assert_eq!(cookies.len(), 2, "{answer}");
        let cookie = format!("cookie: {}\r\n", cookies.join("; "));
        let reset = format!("/reset/{}", secret(6));
        let step = format!("{reset}/step");
        let nowhere = format!("/nowhere/{}", secret(10));
        for path in ["/read", "/change", "/leave", &reset, &step, &nowhere, "/write"] {
            ask(LOOPBACK, port, path, &cookie);
        }
        let changed = cookie.replace("note=", "note=x").replace("session=", "session=x");
        ask(LOOPBACK, port, "/read", &changed);
        assert_eq!(inspector.total(), 10);

        let stream = tokio::task::spawn_blocking(|| listening.join().unwrap()).await.unwrap();
        assert!(stream.contains("reset") && stream.contains("note"), "{stream}");
        // Not even the first eight characters of a cookie's value may appear.
        let values: Vec<_> = cookies.iter().map(|pair| pair.split_once('=').unwrap().1).collect();
        let mut pages = vec![("the stream".to_owned(), stream)];
        let model = serde_json::to_string(
            &inspector.exchanges(None).iter().map(|exchange| &**exchange).collect::<Vec<_>>(),
        );
        pages.push(("the model".to_owned(), model.unwrap()));
        let paths = ["", "/session", "/jar", "/warnings"].map(str::to_owned);
        for path in paths.into_iter().chain((1..=10).map(|number| format!("/exchanges/{number}"))) {
            for query in ["", "?browser=this"] {
                let page = ask(LOOPBACK, port, &format!("/inspect{path}{query}"), &cookie);
                assert!(page.starts_with("HTTP/1.1 200"), "{page}");
                pages.push((format!("{path}{query}"), page));
            }
        }
        for (place, text) in &pages {
            search(text, place);
            for value in &values {
                assert!(!text.contains(&value[..8]), "{place} shows a part of a cookie's value");
            }
            searched += 1;
        }
    }
    println!(
        "summary: {searched} pages and streams of the inspector searched for {} values, each in {} forms: none found",
        SECRETS.len(),
        forms(SECRETS[0].1).len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a23_only_the_beginning_of_a_secret_is_shown_even_if_values_are() {
    let keys = KeyRing::new(Key::new("the secret of a test that is long enough").unwrap());
    for layer in [
        SessionLayer::stored(MemoryStore::new()).insecure_http().into_any(),
        SessionLayer::encrypted(keys.clone()).insecure_http().into_any(),
        SessionLayer::signed(keys).insecure_http().into_any(),
    ] {
        let inspector = Inspector::new().token(TOKEN).show_values();
        let port = serve(app(layer, inspector.clone())).await;
        let answer = ask(LOOPBACK, port, "/write", "");
        let session = answer.lines().find_map(|line| line.strip_prefix("set-cookie: session=")).unwrap();
        let value = session.split(';').next().unwrap();
        // Of a signed cookie, only the signature is secret. The payload is shown, as is the data of the other kinds of
        // sessions.
        let secret = value.rsplit('.').next().unwrap();
        let cookie = format!("cookie: session={value}\r\n");
        ask(LOOPBACK, port, "/read", &cookie);
        ask(LOOPBACK, port, "/nowhere", &format!("cookie: other={}\r\n", "A".repeat(43)));
        let mut seen = false;
        for path in ["", "/session", "/jar", "/exchanges/1", "/exchanges/2", "/exchanges/3"] {
            let page = ask(LOOPBACK, port, &format!("/inspect{path}"), &cookie);
            assert!(page.starts_with("HTTP/1.1 200"), "{page}");
            seen |= page.contains(&secret[..8]) || page.contains(&value[..8]);
            assert!(!page.contains(&secret[..12]), "{path}: {page}");
            assert!(!page.contains(&"A".repeat(12)), "{path}: {page}");
        }
        assert!(seen, "the beginning is shown");
    }
}
