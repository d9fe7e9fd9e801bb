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
use hardtack_inspect::{Anatomy, Redaction};
use hardtack_minijinja::minijinja::Value as TemplateValue;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::inspection::to_template;
use crate::pages::{Activity, ChecklistItem, Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/anatomy",
    title: "Anatomy of a session",
    summary: "A session cookie, layer by layer, and what happens if one letter is changed.",
    routes: |_| {
        let keys = Arc::new(DemoKeys::new());
        Router::new().route("/anatomy", get(anatomy).post(verify)).with_state(keys)
    },
    source: include_str!("anatomy.rs"),
    rust_functions: &["verify_token", "layers"],
    flask_functions: &["anatomy"],
    templates: templates!["session/anatomy.html"],
    checklist: &[
        ChecklistItem::new("r3", Activity::Read, "a session cookie, layer by layer"),
        ChecklistItem::new(
            "d3",
            Activity::Do,
            "change one letter of a session cookie, and see it rejected",
        ),
    ],
    ..Page::DEFAULTS
};

/// The keys for the cookies on this page. The page has its own keys, so that its cookies cannot be used as sessions.
struct DemoKeys {
    signer: Signer,
    other_signer: Signer,
    sealer: Sealer,
}

impl DemoKeys {
    fn new() -> Self {
        let keys = random_keys();
        Self {
            signer: Signer::new(&keys, &Signing::flask()),
            other_signer: Signer::new(&random_keys(), &Signing::flask()),
            sealer: Sealer::new(&keys, &Purpose::default()),
        }
    }
}

fn random_keys() -> KeyRing {
    KeyRing::new(
        Key::new(generate_secret()).expect("a generated secret is long enough"),
    )
}

#[derive(Deserialize)]
struct TokenForm {
    token: String,
    /// The change to apply before the token is verified.
    change: Option<String>,
}

/// The query of the page, which says whether to create a longer cookie.
#[derive(Deserialize)]
struct AnatomyQuery {
    longer: Option<String>,
}

async fn anatomy(
    State(keys): State<Arc<DemoKeys>>,
    session: Session,
    view: View,
    Query(query): Query<AnatomyQuery>,
) -> Result<Html<String>, ViewError> {
    let data = session_data(&session, query.longer.is_some());
    let token = keys.signer.sign(&data, now(), Compression::AsFlask);
    let encodings = encodings(&keys, &token, &data);
    view.render(
        "session/anatomy.html",
        context! { layers => layers(&keys, &token), encodings, token },
    )
}

async fn verify(
    State(keys): State<Arc<DemoKeys>>,
    session: Session,
    view: View,
    Form(form): Form<TokenForm>,
) -> Result<Response, ViewError> {
    let (token, result) = verify_token(&keys, &form);
    let status = if result.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let refused = result.err().map(|rejection| rejection.to_string());
    let data = session_data(&session, false);
    let encodings =
        encodings(&keys, &keys.signer.sign(&data, now(), Compression::AsFlask), &data);
    let is_result = true;
    let page = view.render(
        "session/anatomy.html",
        context! { layers => layers(&keys, &token), encodings, token, refused, is_result },
    )?;
    Ok((status, page).into_response())
}

/// Applies the requested change to a token, and returns the token and the result of verifying it.
fn verify_token(
    keys: &DemoKeys,
    form: &TokenForm,
) -> (String, Result<Verified, Rejection>) {
    let token: String = form.token.trim().chars().take(4096).collect();
    let (token, signer) = match form.change.as_deref() {
        Some("letter") => (change_character(&token), &keys.signer),
        Some("key") => (token, &keys.other_signer),
        _ => (token, &keys.signer),
    };
    let result = signer.verify(token.as_bytes(), now(), Some(A_DAY));
    (token, result)
}

const A_DAY: i64 = 24 * 3600;

/// Returns the contents of the visitor's session, or sample data if the session is empty.
///
/// The longer version also contains a sentence that is repeated twelve times, so that compression is worthwhile.
fn session_data(session: &Session, longer: bool) -> String {
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

/// Returns the layers of a token. They include the decoded session data only if the signature is
/// valid.
fn layers(keys: &DemoKeys, token: &str) -> TemplateValue {
    let verified = keys.signer.verify(token.as_bytes(), now(), None).ok();
    let json = verified.as_ref().map(|verified| verified.payload.as_str());
    let signed_at =
        verified.as_ref().and_then(|verified| i64::try_from(verified.signed_at).ok());
    context! {
        anatomy => to_template(&Anatomy::of(BackendKind::Signed, token, json, Redaction::Secrets)),
        is_deflated => token.starts_with('.'),
        is_genuine => verified.is_some(),
        signed_at => signed_at.and_then(|at| DateTime::from_unix_seconds(at).ok()).map(|at| at.to_string()),
    }
}

/// Encodes the same data for each backend.
fn encodings(keys: &DemoKeys, signed: &str, data: &str) -> TemplateValue {
    let times = Times::new(now()).expires_at(now() + 3600).deadline(now() + 86_400);
    let random = base64::decode_id(generate_secret().as_bytes()).unwrap_or_default();
    let [nonce @ .., _, _, _, _, _, _, _, _] = random;
    let id = SessionId::from_random(random);
    context! {
        signed, data,
        encrypted => keys.sealer.seal(data, times, nonce),
        id => id.to_text(),
        store_key => hex(id.store_key(&Purpose::default()).as_bytes()),
    }
}

/// Changes a character in the middle of the payload.
fn change_character(token: &str) -> String {
    let middle = token.find('.').filter(|dot| *dot > 0).unwrap_or(token.len()) / 2;
    let other = |character| if character == 'A' { 'B' } else { 'A' };
    token
        .char_indices()
        .map(|(at, character)| if at == middle { other(character) } else { character })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}

/// Returns the current time in seconds since 1970.
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
    fn a_changed_letter_and_a_wrong_key_are_refused() {
        let keys = DemoKeys::new();
        for data in ["{}", r#"{"a":1}"#, &format!(r#"{{"a":"{}"}}"#, "x".repeat(500))] {
            let token = keys.signer.sign(data, now(), Compression::AsFlask);
            assert!(keys.signer.verify(token.as_bytes(), now(), Some(A_DAY)).is_ok());
            assert!(
                keys.other_signer.verify(token.as_bytes(), now(), Some(A_DAY)).is_err()
            );
            let changed = change_character(&token);
            assert_ne!(changed, token);
            assert!(
                keys.signer.verify(changed.as_bytes(), now(), Some(A_DAY)).is_err()
            );
        }
        assert_eq!(change_character(""), "");
        assert_eq!(change_character(".é"), ".A");
    }
}
