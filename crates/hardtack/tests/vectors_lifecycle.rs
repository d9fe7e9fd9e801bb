//! Flask's session lifecycles, request by request, through the real layer in `like_flask` mode.
//!
//! Every `*_lifecycle_cookie.json` in the directory that `HARDTACK_VECTORS` names, by default the project's own.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../hardtack-core/tests/common/neutral.rs"]
mod neutral;
#[path = "../../hardtack-core/tests/common/vectors.rs"]
mod vectors;

use std::convert::Infallible;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use hardtack::crypto::Signer;
use hardtack::{Key, KeyRing, SameSite, Session, SessionLayer, Signing, Value};
use http::{HeaderMap, Request, Response, StatusCode, header};
use serde_json::Value as Json;
use tower::{Layer, ServiceExt, service_fn};
use vectors::Outcome;

/// More cases than these may not be skipped.
const MOST_SKIPPED: usize = 12;

#[test]
fn lifecycles_are_flasks() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    vectors::run("_lifecycle_cookie.json", MOST_SKIPPED, |_| true, |case| runtime.block_on(lifecycle(case)));
}

async fn lifecycle(case: &Json) -> Outcome {
    let steps = case["steps"].as_array().unwrap();
    for operation in steps.iter().flat_map(|step| step["ops"].as_array().unwrap()) {
        match operation[0].as_str().unwrap() {
            "mark_modified" => {
                return Outcome::Skipped("`modified` cannot be assigned: changes know themselves".to_owned());
            }
            "append" | "nested_set" => {
                let reason = "a change inside a value that Flask does not notice cannot be written";
                return Outcome::Skipped(reason.to_owned());
            }
            _ => {}
        }
    }
    for (number, step) in steps.iter().enumerate() {
        let now = step["now"].as_u64().unwrap();
        let layer = match layer(&case["config"], now) {
            Ok(layer) => layer,
            Err(reason) => return Outcome::Skipped(reason.to_owned()),
        };
        let reply = request(layer.as_ref(), step).await;
        if let Err(what) = check(case, step, &reply) {
            return Outcome::Failed(format!("step {number}: {what}"));
        }
    }
    Outcome::Passed
}

/// The layer that a Flask configuration asks for; none without a secret key.
fn layer(config: &Json, now: u64) -> Result<Option<SessionLayer>, &'static str> {
    let Some(keys) = keys(config) else { return Ok(None) };
    let mut layer = SessionLayer::signed(keys)
        .like_flask()
        .clock(move || SystemTime::UNIX_EPOCH + Duration::from_secs(now));
    for (setting, value) in config.as_object().unwrap() {
        layer = match (setting.as_str(), value) {
            ("SECRET_KEY" | "SECRET_KEY_FALLBACKS" | "SERVER_NAME" | "MAX_COOKIE_SIZE", _) => layer,
            ("SESSION_COOKIE_NAME", Json::String(name)) => layer.cookie_name(name),
            ("SESSION_COOKIE_DOMAIN", Json::String(domain)) => layer.domain(domain),
            ("SESSION_COOKIE_PATH", Json::String(path)) => layer.path(path),
            ("APPLICATION_ROOT", Json::String(_)) if config["SESSION_COOKIE_PATH"].is_string() => layer,
            ("APPLICATION_ROOT", Json::String(path)) => layer.path(path),
            ("SESSION_COOKIE_HTTPONLY", Json::Bool(false)) => layer.insecure_visible_to_scripts(),
            ("SESSION_COOKIE_SECURE", Json::Bool(true)) => layer.secure(),
            ("SESSION_COOKIE_PARTITIONED", Json::Bool(true)) => layer.partitioned(),
            ("SESSION_COOKIE_SAMESITE", Json::String(value)) => match value.parse::<SameSite>() {
                Ok(same_site) => layer.same_site(same_site),
                Err(_) => return Err("an unknown SameSite cannot be configured"),
            },
            ("SESSION_REFRESH_EACH_REQUEST", Json::Bool(false)) => layer.refresh_on_writes(),
            ("PERMANENT_SESSION_LIFETIME", Json::Number(seconds)) => match seconds.as_u64() {
                Some(seconds) => layer.max_age(Duration::from_secs(seconds)),
                None => return Err("a negative lifetime cannot be configured"),
            },
            (_, Json::Null | Json::Bool(_)) if is_default(setting, value) => layer,
            _ => return Err("a setting of a type that cannot be configured"),
        };
    }
    Ok(Some(layer))
}

fn is_default(setting: &str, value: &Json) -> bool {
    let defaults_to_true = matches!(setting, "SESSION_COOKIE_HTTPONLY" | "SESSION_REFRESH_EACH_REQUEST");
    value.is_null() || *value == Json::Bool(defaults_to_true)
}

fn keys(config: &Json) -> Option<KeyRing> {
    let current = Key::insecure_short(config["SECRET_KEY"].as_str()?).ok()?;
    let fallbacks = config["SECRET_KEY_FALLBACKS"].as_array().into_iter().flatten();
    let fallbacks = fallbacks.map(|key| Key::insecure_short(key.as_str().unwrap()).unwrap());
    Some(KeyRing::with_fallbacks(current, fallbacks.collect::<Vec<_>>()))
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    results: Vec<Json>,
}

/// One request whose handler does the step's operations.
async fn request(layer: Option<&SessionLayer>, step: &Json) -> Reply {
    let mut request = Request::new(());
    if let Some(cookie) = step["request_cookie"].as_str() {
        request
            .headers_mut()
            .insert(header::COOKIE, header::HeaderValue::from_bytes(cookie.as_bytes()).unwrap());
    }
    let results = Mutex::new(Vec::new());
    let results_of = &results;
    let handler = service_fn(|request: Request<()>| async move {
        let operations = step["ops"].as_array().unwrap();
        let mut response = Response::new(String::new());
        if !operations.is_empty() {
            match Session::<hardtack::Main>::open_unaccessed(request.extensions(), request.headers()).await {
                Ok(session) => *response.status_mut() = operate(&session, operations, results_of),
                Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
            }
        }
        Ok::<_, Infallible>(response)
    });
    // Without a secret key there is no layer, and a session that is asked for is a developer's mistake.
    let response = match layer {
        Some(layer) => layer.layer(handler).oneshot(request).await,
        None => handler.oneshot(request).await,
    };
    let (parts, _) = response.unwrap().into_parts();
    Reply { status: parts.status, headers: parts.headers, results: results.into_inner().unwrap() }
}

fn operate(session: &Session, operations: &[Json], results: &Mutex<Vec<Json>>) -> StatusCode {
    for operation in operations {
        let text = |at: usize| operation[at].as_str().unwrap();
        let value = |at: usize| neutral::to_value(&operation[at]).expect("a value that Rust can hold");
        let none = || neutral::from_value(&Value::Null);
        let result = match text(0) {
            "get" => neutral::from_value(&session.get::<Value>(text(1)).unwrap_or(Value::Null)),
            "getitem" => match session.get::<Value>(text(1)) {
                Some(value) => neutral::from_value(&value),
                None => return StatusCode::INTERNAL_SERVER_ERROR,
            },
            "contains" => neutral::from_value(&session.contains(text(1)).into()),
            "len" => neutral::from_value(&i64::try_from(session.len()).unwrap().into()),
            "bool" => neutral::from_value(&(!session.is_empty()).into()),
            "keys" => neutral::from_value(&session.keys().into()),
            "set" => {
                session.insert(text(1), value(2));
                none()
            }
            "pop" => neutral::from_value(&session.take::<Value>(text(1)).unwrap_or(Value::Null)),
            "del" => {
                if !session.remove(text(1)) {
                    return StatusCode::INTERNAL_SERVER_ERROR;
                }
                none()
            }
            "clear" => {
                session.clear();
                none()
            }
            "update" => {
                let Value::Dict(pairs) = value(1) else { panic!("an update with no dict") };
                session.extend(pairs);
                none()
            }
            "setdefault" => {
                if !session.contains(text(1)) {
                    session.insert(text(1), value(2));
                }
                neutral::from_value(&session.get::<Value>(text(1)).unwrap_or(Value::Null))
            }
            "permanent" => {
                if operation[1] == Json::Bool(true) {
                    session.permanent()
                } else {
                    session.temporary()
                }
                none()
            }
            "flash" => {
                match operation[2].as_str() {
                    Some(category) => session.flash_as(category, text(1)),
                    None => session.flash(text(1)),
                }
                none()
            }
            "get_flashed" => flashed(session, operation),
            "abort" => {
                return StatusCode::from_u16(operation[1].as_u64().unwrap().try_into().unwrap()).unwrap();
            }
            "raise" => return StatusCode::INTERNAL_SERVER_ERROR,
            other => panic!("unknown operation {other}"),
        };
        results.lock().unwrap().push(result);
    }
    StatusCode::OK
}

fn flashed(session: &Session, operation: &Json) -> Json {
    let with_categories = operation[1] == Json::Bool(true);
    let filter: Vec<&str> = operation[2].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let shown =
        session.flashes().into_iter().filter(|flash| filter.is_empty() || filter.contains(&&*flash.category));
    let shown = shown.map(|flash| match with_categories {
        true => Value::Tuple(vec![flash.category.into(), flash.message.into()]),
        false => flash.message.into(),
    });
    neutral::from_value(&Value::List(shown.collect()))
}

fn check(case: &Json, step: &Json, reply: &Reply) -> Result<(), String> {
    let same = |what: &str, ours: Json, theirs: &Json| {
        if ours == *theirs { Ok(()) } else { Err(format!("{what} {ours} is not {theirs}")) }
    };
    same("status", reply.status.as_u16().into(), &step["status"])?;
    if reply.status == StatusCode::OK {
        same("results", reply.results.clone().into(), &step["results"])?;
    }
    let all = |name| {
        let values = reply.headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("").into());
        Json::Array(values.collect())
    };
    same("vary", all(header::VARY), &step["vary"])?;
    let ours = all(header::SET_COOKIE);
    let (ours, theirs) = (ours.as_array().unwrap(), step["set_cookie"].as_array().unwrap());
    if ours.len() != theirs.len() {
        return Err(format!("set_cookie {ours:?} is not {theirs:?}"));
    }
    for (ours, theirs) in ours.iter().zip(theirs) {
        let is_deflated = [ours, theirs].iter().any(|header| header.as_str().unwrap().contains("=."));
        let plain = |header: &Json| match is_deflated {
            true => inflated(&case["config"], header.as_str().unwrap()).into(),
            false => header.clone(),
        };
        same("set_cookie", plain(ours), &plain(theirs))?;
    }
    Ok(())
}

/// A header with its payload inflated and its timestamp read: which bytes deflate makes, and near the threshold whether
/// it buys anything, depends on the library.
fn inflated(config: &Json, header: &str) -> String {
    let (pair, attributes) = header.split_once(';').unwrap_or((header, ""));
    let (name, value) = pair.split_once('=').unwrap();
    let signer = Signer::new(&keys(config).unwrap(), &Signing::flask());
    let verified = signer.verify(value.as_bytes(), u64::MAX >> 16, None).expect("a cookie that verifies");
    format!("{name}={} at {};{attributes}", verified.payload, verified.signed_at)
}
