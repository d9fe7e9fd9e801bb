use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use hardtack::crypto::{Rejection, Sealer, Signer, Times, Verified};
use hardtack::inspect::BackendKind;
use hardtack::protocol::{Purpose, SessionId};
use hardtack::value::DateTime;
use hardtack::{Compression, Key, KeyRing, Session, Signing, Value, generate_secret};
use hardtack_core::base64;
use hardtack_inspect::{Anatomy, Veil};
use hardtack_minijinja::minijinja::Value as Shown;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::inspection::shown;
use crate::pages::{Activity, ChecklistItem, Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/anatomy",
    title: "Anatomy of a session",
    about: "A session’s cookie layer by layer, and what happens if one letter is changed.",
    routes: |_| {
        let bench = Arc::new(Bench::new());
        Router::new().route("/anatomy", get(anatomy).post(verify)).with_state(bench)
    },
    source: include_str!("anatomy.rs"),
    handlers: &["judged", "layers"],
    flask: &["anatomy"],
    templates: templates!["session/anatomy.html"],
    checklist: &[
        ChecklistItem::new("r3", Activity::Read, "a session’s cookie, layer by layer"),
        ChecklistItem::new(
            "d3",
            Activity::Do,
            "change one letter of a session, and see it refused",
        ),
    ],
    ..Page::DEFAULTS
};

/// The creator and verifier of the cookies on this page. It has its own keys, so that nothing created here opens a
/// session.
struct Bench {
    signer: Signer,
    stranger: Signer,
    sealer: Sealer,
}

impl Bench {
    fn new() -> Self {
        let keys = fresh_keys();
        Self {
            signer: Signer::new(&keys, &Signing::flask()),
            stranger: Signer::new(&fresh_keys(), &Signing::flask()),
            sealer: Sealer::new(&keys, &Purpose::default()),
        }
    }
}

fn fresh_keys() -> KeyRing {
    KeyRing::new(
        Key::new(generate_secret()).expect("a generated secret is long enough"),
    )
}

#[derive(Deserialize)]
struct Attempt {
    token: String,
    /// The change to apply first.
    act: Option<String>,
}

/// Whether to create a longer cookie.
#[derive(Deserialize)]
struct Wish {
    longer: Option<String>,
}

async fn anatomy(
    State(bench): State<Arc<Bench>>,
    session: Session,
    view: View,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, ViewError> {
    let data = data_of(&session, wish.longer.is_some());
    let token = bench.signer.sign(&data, now(), Compression::AsFlask);
    let same = three_kinds(&bench, &token, &data);
    view.render(
        "session/anatomy.html",
        context! { layers => layers(&bench, &token), same, token },
    )
}

async fn verify(
    State(bench): State<Arc<Bench>>,
    session: Session,
    view: View,
    Form(attempt): Form<Attempt>,
) -> Result<Response, ViewError> {
    let (token, verdict) = judged(&bench, &attempt);
    let status = if verdict.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let refused = verdict.err().map(|rejection| rejection.to_string());
    let data = data_of(&session, false);
    let same = three_kinds(
        &bench,
        &bench.signer.sign(&data, now(), Compression::AsFlask),
        &data,
    );
    let tried = true;
    let page = view.render(
        "session/anatomy.html",
        context! { layers => layers(&bench, &token), same, token, refused, tried },
    )?;
    Ok((status, page).into_response())
}

/// Applies the requested change to a token, and returns the token and the result of verifying it.
fn judged(bench: &Bench, attempt: &Attempt) -> (String, Result<Verified, Rejection>) {
    let given: String = attempt.token.trim().chars().take(4096).collect();
    let (token, signer) = match attempt.act.as_deref() {
        Some("change") => (with_a_letter_changed(&given), &bench.signer),
        Some("stranger") => (given, &bench.stranger),
        _ => (given, &bench.signer),
    };
    let verdict = signer.verify(token.as_bytes(), now(), Some(A_DAY));
    (token, verdict)
}

const A_DAY: i64 = 24 * 3600;

/// Returns the contents of the visitor's session, or sample data if it is empty.
///
/// The longer version contains a chorus, so that compression pays off.
fn data_of(session: &Session, longer: bool) -> String {
    let mut data: BTreeMap<_, _> = session.iter().collect();
    if data.is_empty() {
        data.insert("fav_color".to_owned(), Value::from("dark blue"));
        data.insert("fav_number".to_owned(), Value::from(42));
    }
    if longer {
        data.insert("chorus".to_owned(), Value::from("Cookies that keep. ".repeat(12)));
    }
    Value::from(data).to_text()
}

/// Takes a token apart. The payload is decoded only if the signature is valid.
fn layers(bench: &Bench, token: &str) -> Shown {
    let inside = bench.signer.verify(token.as_bytes(), now(), None).ok();
    let json = inside.as_ref().map(|inside| inside.payload.as_str());
    let moment =
        inside.as_ref().and_then(|inside| i64::try_from(inside.signed_at).ok());
    context! {
        anatomy => shown(&Anatomy::of(BackendKind::Signed, token, json, Veil::Lifted)),
        is_deflated => token.starts_with('.'),
        is_genuine => inside.is_some(),
        moment => moment.and_then(|at| DateTime::from_unix_seconds(at).ok()).map(|at| at.to_string()),
    }
}

/// Encodes the same data in the three kinds of session.
fn three_kinds(bench: &Bench, signed: &str, data: &str) -> Shown {
    let times =
        Times { issued_at: now(), expires_at: now() + 3600, deadline: now() + 86_400 };
    let random = base64::decode_id(generate_secret().as_bytes()).unwrap_or_default();
    let [nonce @ .., _, _, _, _, _, _, _, _] = random;
    let id = SessionId::from_random(random);
    context! {
        signed, data,
        encrypted => bench.sealer.seal(data, times, nonce),
        id => id.to_text(),
        store_key => hex(id.store_key(&Purpose::default()).as_bytes()),
    }
}

/// Changes a character in the middle of the payload.
fn with_a_letter_changed(token: &str) -> String {
    let middle = token.find('.').filter(|dot| *dot > 0).unwrap_or(token.len()) / 2;
    let other = |letter| if letter == 'A' { 'B' } else { 'A' };
    token
        .char_indices()
        .map(|(at, letter)| if at == middle { other(letter) } else { letter })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}

/// Returns the seconds since 1970.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_letter_and_a_strangers_secret_are_refused() {
        let bench = Bench::new();
        for data in ["{}", r#"{"a":1}"#, &format!(r#"{{"a":"{}"}}"#, "x".repeat(500))] {
            let token = bench.signer.sign(data, now(), Compression::AsFlask);
            assert!(bench.signer.verify(token.as_bytes(), now(), Some(A_DAY)).is_ok());
            assert!(
                bench.stranger.verify(token.as_bytes(), now(), Some(A_DAY)).is_err()
            );
            let changed = with_a_letter_changed(&token);
            assert_ne!(changed, token);
            assert!(
                bench.signer.verify(changed.as_bytes(), now(), Some(A_DAY)).is_err()
            );
        }
        assert_eq!(with_a_letter_changed(""), "");
        assert_eq!(with_a_letter_changed(".é"), ".A");
    }
}
