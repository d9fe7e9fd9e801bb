//! Session cookies that Flask made, and cookies that Flask rejects. They come from the files in the folder in
//! `HARDTACK_VECTORS`, or in the project's own `vectors/`.

mod common;

use hardtack_core::crypto::{
    Compression, Digest, Key, KeyAge, KeyDerivation, KeyRing, Rejection, Signer, Signing,
};
use hardtack_core::protocol::Dictionary;
use hardtack_core::value::Value;
use serde_json::Value as Json;

use common::neutral;
use common::vectors::{Outcome, run};

#[test]
fn flasks_session_cookies_are_read_and_written() {
    // A session that Flask cannot write has no cookie. The tests of values cover such sessions.
    let has_cookie = |vector: &Json| vector.get("dump_error").is_none();
    run("_session_cookie.json", 20, has_cookie, |vector| {
        session_cookie(vector).unwrap_or_else(Outcome::Skipped)
    });
}

#[test]
fn what_flask_refuses_is_refused() {
    run(
        "_session_negative.json",
        0,
        |_| true,
        |vector| session_negative(vector).unwrap_or_else(Outcome::Skipped),
    );
}

/// The reason why a case cannot be run.
type Skip = String;

fn session_cookie(vector: &Json) -> Result<Outcome, Skip> {
    let cookie = text(vector, "cookie")?;
    let (now, max_age) = (number(vector, "load_now")?, vector["max_age"].as_i64());
    let Some(signing) = signing(vector)? else {
        return unoffered_digest(vector, now);
    };
    let payload = text(vector, "payload_json")?;
    let verified = match Signer::new(&ring(vector)?, &signing).verify(cookie.as_bytes(), now, max_age) {
        Ok(verified) => verified,
        Err(_) if !vector["load_error"].is_null() => return Ok(Outcome::Passed),
        Err(rejection) => return Ok(Outcome::Failed(format!("refused: {rejection}"))),
    };
    if verified.payload != payload {
        return Ok(Outcome::Failed(format!("payload {:?} instead of {payload:?}", verified.payload)));
    }
    if verified.signed_at != number(vector, "timestamp")? {
        return Ok(Outcome::Failed(format!("signed at {}", verified.signed_at)));
    }
    let is_current = vector["signed_with"] == vector["secret_key"];
    if (verified.key == KeyAge::Current) != is_current {
        return Ok(Outcome::Failed(format!("read with the {:?} key", verified.key)));
    }
    let writer = Signer::new(&KeyRing::new(key(&vector["signed_with"])?), &signing);
    let written = writer.sign(payload, number(vector, "timestamp")?, Compression::AsFlask);
    if vector["byte_exact"] == Json::Bool(true) {
        return Ok(match written == cookie {
            true => Outcome::Passed,
            false => Outcome::Failed(format!("wrote {written:?} instead of {cookie:?}")),
        });
    }
    Ok(match writer.verify(written.as_bytes(), now, max_age) {
        Ok(reread) if reread.payload == payload => Outcome::Passed,
        other => Outcome::Failed(format!("wrote {written:?}, which reads as {other:?}")),
    })
}

fn session_negative(vector: &Json) -> Result<Outcome, Skip> {
    let (cookie, now, max_age) =
        (text(vector, "cookie")?, number(vector, "now")?, vector["max_age"].as_i64());
    let Some(signing) = signing(vector)? else {
        return unoffered_digest(vector, now);
    };
    let ring = ring(vector)?;
    let verify = |signing| Signer::new(&ring, &signing).verify(cookie.as_bytes(), now, max_age);
    let cautious = verify(signing.clone());
    // Flask inflates payloads without a limit.
    let verdict = verify(signing.inflate_limit(usize::MAX));
    if cautious != verdict && cautious != Err(Rejection::TooLarge) {
        return Ok(Outcome::Failed("the limit on inflating changes more than what is too large".into()));
    }
    let serializer = &vector["serializer"];
    let as_itsdangerous = match (serializer["type"].as_str(), &verdict) {
        (None, verdict) => verdict.is_ok(),
        (Some("BadSignature" | "BadTimeSignature"), Err(Rejection::Malformed | Rejection::Signature)) => true,
        (Some("SignatureExpired"), Err(Rejection::Expired | Rejection::Future)) => true,
        // The payload may be rejected later, when it is read as JSON.
        (Some("BadPayload"), Ok(_) | Err(Rejection::Payload)) => true,
        // The timestamp is outside Python's range.
        (Some(_), Err(Rejection::Malformed)) => true,
        _ => false,
    };
    if !as_itsdangerous {
        return Ok(Outcome::Failed(format!("{verdict:?} where itsdangerous says {serializer}")));
    }
    let flask = &vector["flask"];
    let session = verdict
        .map_err(|rejection| rejection.to_string())
        .and_then(|verified| Dictionary::parse(verified.payload).map_err(|error| error.to_string()));
    Ok(match (text(flask, "result")?, session) {
        ("session", Ok(session)) if flask["value"].is_object() => {
            neutral::compare_session(&session, &flask["value"])
                .map_or_else(Outcome::Failed, |()| Outcome::Passed)
        }
        ("session", Ok(session)) if is_readable(&session) => Outcome::Passed,
        ("empty", Ok(session)) if session.is_empty() => Outcome::Passed,
        ("empty" | "exception_http_500", Err(_)) => Outcome::Passed,
        ("empty" | "exception_http_500", Ok(session)) if !is_readable(&session) => Outcome::Passed,
        // A key with an unpaired surrogate, which no Rust string can contain, must cause an error, not a wrong key.
        ("session", Err(_)) if neutral::find_type(&flask["value"], &["str_cp"]).is_some() => Outcome::Passed,
        (result @ ("session" | "empty" | "exception_http_500"), session) => {
            Outcome::Failed(format!("{session:?} where Flask says {result}"))
        }
        (other, _) => return Err(format!("what Flask does is called {other:?}, which is not known here")),
    })
}

/// Returns whether every value can be read. Flask reads all values when it loads the session, so one malformed value
/// makes it reject the session.
fn is_readable(session: &Dictionary) -> bool {
    session.iter().all(|(_, value)| Value::from_text(value).is_ok())
}

/// Checks a cookie with a digest that hardtack does not support, which must be rejected.
fn unoffered_digest(vector: &Json, now: u64) -> Result<Outcome, Skip> {
    let cookie = text(vector, "cookie")?.as_bytes();
    let signer = Signer::new(&ring(vector)?, &Signing::flask());
    let is_session = vector["flask"]["result"].as_str().is_none_or(|result| result == "session");
    Ok(match signer.verify(cookie, now, vector["max_age"].as_i64()) {
        Ok(_) => Outcome::Failed("accepted under another digest".into()),
        Err(_) if is_session => return Err(format!("digest {}", text(vector, "digest")?)),
        Err(_) => Outcome::Passed,
    })
}

/// Returns the settings of a vector, or `None` for a digest that hardtack does not support.
fn signing(vector: &Json) -> Result<Option<Signing>, Skip> {
    let digest = match text(vector, "digest")? {
        "sha1" => Digest::Sha1,
        "sha256" => Digest::Sha256,
        "sha384" => Digest::Sha384,
        "sha512" => Digest::Sha512,
        _ => return Ok(None),
    };
    let key_derivation = match text(vector, "key_derivation")? {
        "hmac" => KeyDerivation::Hmac,
        "concat" => KeyDerivation::Concat,
        "django-concat" => KeyDerivation::DjangoConcat,
        "none" => KeyDerivation::None,
        other => return Err(format!("key derivation {other}")),
    };
    let salt = bytes(&vector["salt"])?;
    Ok(Some(Signing::flask().digest(digest).salt(salt).key_derivation(key_derivation)))
}

fn ring(vector: &Json) -> Result<KeyRing, Skip> {
    let fallbacks = vector["fallbacks"].as_array().into_iter().flatten();
    let fallbacks = fallbacks.map(key).collect::<Result<Vec<_>, _>>()?;
    Ok(KeyRing::with_fallbacks(key(&vector["secret_key"])?, fallbacks))
}

fn key(secret: &Json) -> Result<Key, Skip> {
    Key::insecure_short(bytes(secret)?).map_err(|error| error.to_string())
}

/// Reads `{"str": text}` or `{"hex": bytes}`.
fn bytes(either: &Json) -> Result<Vec<u8>, Skip> {
    let of_text = either["str"].as_str().map(|text| text.as_bytes().to_vec());
    of_text
        .or_else(|| either["hex"].as_str().and_then(neutral::from_hex))
        .ok_or_else(|| format!("neither text nor bytes: {either}"))
}

fn text<'a>(vector: &'a Json, field: &str) -> Result<&'a str, Skip> {
    vector[field].as_str().ok_or_else(|| format!("no text in {field}"))
}

fn number(vector: &Json, field: &str) -> Result<u64, Skip> {
    vector[field].as_u64().ok_or_else(|| format!("no number in {field}"))
}
