//! Flask's session lifecycles, replayed request by request through the real layer in `like_flask` mode.
//!
//! Reads every `*_lifecycle_cookie.json` in the directory named by `HARDTACK_VECTORS`. The default is the project's own
//! directory.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../hardtack-core/tests/common/neutral.rs"]
mod neutral;
#[path = "../../hardtack-core/tests/common/vectors.rs"]
mod vectors;

use std::convert::Infallible;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use hardtack::crypto::Signer;
use hardtack::{Key, KeyRing, SameSite, Session, SessionLayer, Signed, Signing, Value};
use http::{HeaderMap, Request, Response, StatusCode, header};
use serde_json::Value as Json;
use tower::{Layer, ServiceExt, service_fn};
use vectors::Outcome;

/// The maximum number of cases that may be skipped.
const MAX_SKIPPED: usize = 12;

#[test]
fn lifecycles_are_flasks() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    vectors::run("_lifecycle_cookie.json", MAX_SKIPPED, |_| true, |case| runtime.block_on(lifecycle(case)));
}

/// The reason why a case cannot be run.
type Skip = String;

async fn lifecycle(case: &Json) -> Outcome {
    match run_steps(case).await {
        Ok(()) => Outcome::Passed,
        Err(Stop::Skip(reason)) => Outcome::Skipped(reason),
        Err(Stop::Differs(what)) => Outcome::Failed(what),
    }
}

/// The reason why a case stops.
enum Stop {
    Skip(Skip),
    Differs(String),
}

impl From<Skip> for Stop {
    fn from(reason: Skip) -> Self {
        Self::Skip(reason)
    }
}

async fn run_steps(case: &Json) -> Result<(), Stop> {
    if !matches!(case["backend"].as_str(), None | Some("cookie")) {
        return Err(Stop::Skip(format!("sessions of Flask's in {}", case["backend"])));
    }
    let steps = case["steps"].as_array().ok_or("it has no steps".to_owned())?;
    // Checked first, because without a session an unknown operation would not be noticed.
    let operations = steps.iter().flat_map(|step| step["ops"].as_array().into_iter().flatten());
    operations.map(|operation| operation[0].as_str().unwrap_or_default()).try_for_each(is_known)?;
    for (number, step) in steps.iter().enumerate() {
        let now = step["now"].as_u64().ok_or("a moment that is not a number of seconds".to_owned())?;
        let reply = request(layer(&case["config"], now)?.as_ref(), step).await?;
        check(case, step, &reply).map_err(|what| Stop::Differs(format!("step {number}: {what}")))?;
    }
    Ok(())
}

/// Returns the layer for a Flask configuration, or `None` if the configuration has no secret key.
fn layer(config: &Json, now: u64) -> Result<Option<SessionLayer<Signed>>, Skip> {
    let Some(keys) = keys(config)? else { return Ok(None) };
    let mut layer = SessionLayer::signed(keys)
        .like_flask()
        .clock(move || SystemTime::UNIX_EPOCH + Duration::from_secs(now));
    for (setting, value) in config.as_object().into_iter().flatten() {
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
                Err(_) => return Err(format!("an unknown SameSite, {value:?}, cannot be configured")),
            },
            ("SESSION_REFRESH_EACH_REQUEST", Json::Bool(false)) => layer.refresh_on_writes(),
            ("PERMANENT_SESSION_LIFETIME", Json::Number(seconds)) => match seconds.as_u64() {
                Some(seconds) => layer.max_age(Duration::from_secs(seconds)),
                None => return Err(format!("a lifetime of {seconds} seconds cannot be configured")),
            },
            (_, Json::Null | Json::Bool(_)) if is_default(setting, value) => layer,
            _ => return Err(format!("the setting {setting}: {value} cannot be configured")),
        };
    }
    Ok(Some(layer))
}

fn is_default(setting: &str, value: &Json) -> bool {
    let default = match setting {
        "SESSION_COOKIE_HTTPONLY" | "SESSION_REFRESH_EACH_REQUEST" => true,
        "SESSION_COOKIE_SECURE"
        | "SESSION_COOKIE_PARTITIONED"
        | "SESSION_COOKIE_DOMAIN"
        | "TESTING"
        | "DEBUG" => false,
        _ => return value.is_null(),
    };
    value.is_null() || *value == Json::Bool(default)
}

fn keys(config: &Json) -> Result<Option<KeyRing>, Skip> {
    let key = |key: &Json| match key.as_str() {
        Some(key) => Key::insecure_short(key).map_err(|error| error.to_string()),
        None => Err("a secret key that is not text".to_owned()),
    };
    if config["SECRET_KEY"].is_null() || config["SECRET_KEY"] == "" {
        return Ok(None);
    }
    let fallbacks = config["SECRET_KEY_FALLBACKS"].as_array().into_iter().flatten();
    let fallbacks = fallbacks.map(key).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(KeyRing::with_fallbacks(key(&config["SECRET_KEY"])?, fallbacks)))
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    results: Vec<Json>,
}

/// Sends one request whose handler performs the operations of a step.
async fn request(layer: Option<&SessionLayer<Signed>>, step: &Json) -> Result<Reply, Skip> {
    let operations = step["ops"].as_array().ok_or("a step without operations")?;
    let mut request = Request::new(());
    if let Some(cookie) = step["request_cookie"].as_str() {
        let cookie = header::HeaderValue::from_bytes(cookie.as_bytes());
        let cookie = cookie.map_err(|_| "a Cookie header that no request can hold")?;
        request.headers_mut().insert(header::COOKIE, cookie);
    }
    let results = Mutex::new(Vec::new());
    let skip = Mutex::new(None);
    let (results_of, skip_of) = (&results, &skip);
    let handler = service_fn(|request: Request<()>| async move {
        let mut response = Response::new(String::new());
        if !operations.is_empty() {
            match Session::<hardtack::Main>::open_unaccessed(request.extensions(), request.headers()).await {
                Ok(session) => match operate(&session, operations, results_of) {
                    Ok(status) => *response.status_mut() = status,
                    Err(reason) => *skip_of.lock().unwrap() = Some(reason),
                },
                Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
            }
        }
        Ok::<_, Infallible>(response)
    });
    // Without a secret key there is no layer, and opening a session is a developer's mistake.
    let response = match layer {
        Some(layer) => layer.layer(handler).oneshot(request).await,
        None => handler.oneshot(request).await,
    };
    if let Some(reason) = skip.into_inner().unwrap() {
        return Err(reason);
    }
    let (parts, _) = response.unwrap().into_parts();
    Ok(Reply { status: parts.status, headers: parts.headers, results: results.into_inner().unwrap() })
}

fn is_known(operation: &str) -> Result<(), Skip> {
    Err(match operation {
        "get" | "getitem" | "contains" | "len" | "bool" | "keys" | "read_permanent" | "set" | "pop"
        | "del" | "clear" | "update" | "setdefault" | "permanent" | "flash" | "get_flashed" | "abort"
        | "raise" => return Ok(()),
        "mark_modified" => "`modified` cannot be assigned: changes know themselves".to_owned(),
        "read_modified" | "read_accessed" | "read_new" => {
            format!("{operation}: the session has no such attribute here")
        }
        "append" | "nested_set" => {
            "a change inside a value that Flask does not notice cannot be written".to_owned()
        }
        other => format!("the operation {other} is not known here"),
    })
}

fn operate(session: &Session, operations: &[Json], results: &Mutex<Vec<Json>>) -> Result<StatusCode, Skip> {
    for operation in operations {
        let name = operation[0].as_str().unwrap_or_default();
        let text = |at: usize| {
            let plain = operation[at].as_str();
            let text =
                plain.or_else(|| operation[at]["value"].as_str().filter(|_| operation[at]["type"] == "str"));
            text.ok_or_else(|| format!("the operation {operation}: {} is not text", operation[at]))
        };
        let value = |at: usize| {
            neutral::to_value(&operation[at])
                .map_err(|unheld| format!("the operation {operation}: {unheld:?}"))
        };
        let none = || neutral::from_value(&Value::Null);
        let result = match name {
            "get" => neutral::from_value(&session.get::<Value>(text(1)?).unwrap_or(Value::Null)),
            "getitem" => match session.get::<Value>(text(1)?) {
                Some(value) => neutral::from_value(&value),
                None => return Ok(StatusCode::INTERNAL_SERVER_ERROR),
            },
            "contains" => neutral::from_value(&session.contains(text(1)?).into()),
            "len" => neutral::from_value(&i64::try_from(session.len()).unwrap().into()),
            "bool" => neutral::from_value(&(!session.is_empty()).into()),
            "keys" => neutral::from_value(&session.keys().into()),
            "read_permanent" => neutral::from_value(&session.is_permanent().into()),
            "set" => {
                session.insert(text(1)?, value(2)?);
                none()
            }
            "pop" => neutral::from_value(&session.take::<Value>(text(1)?).unwrap_or(Value::Null)),
            "del" => {
                if !session.remove(text(1)?) {
                    return Ok(StatusCode::INTERNAL_SERVER_ERROR);
                }
                none()
            }
            "clear" => {
                session.clear();
                none()
            }
            "update" => {
                let Value::Dict(pairs) = value(1)? else { return Err("an update with no dict".to_owned()) };
                session.extend(pairs);
                none()
            }
            "setdefault" => {
                let default = value(2)?;
                if !session.contains(text(1)?) {
                    session.insert(text(1)?, default);
                }
                neutral::from_value(&session.get::<Value>(text(1)?).unwrap_or(Value::Null))
            }
            "permanent" => {
                match &operation[1] {
                    Json::Bool(true) => session.permanent(),
                    Json::Bool(false) => session.temporary(),
                    other => return Err(format!("`permanent` cannot be assigned {other}")),
                }
                none()
            }
            "flash" => {
                match &operation[2] {
                    Json::Null => session.flash(text(1)?),
                    _ => session.flash_as(text(2)?, text(1)?),
                }
                none()
            }
            "get_flashed" => flashed(session, operation),
            "abort" => {
                let status = operation[1].as_u64().and_then(|status| u16::try_from(status).ok());
                let status = status.and_then(|status| StatusCode::from_u16(status).ok());
                return status.ok_or_else(|| format!("{} is no status", operation[1]));
            }
            "raise" => return Ok(StatusCode::INTERNAL_SERVER_ERROR),
            other => return Err(format!("the operation {other}")),
        };
        results.lock().unwrap().push(result);
    }
    Ok(StatusCode::OK)
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
    let lines = |lines: &Json| -> Vec<String> {
        lines.as_array().into_iter().flatten().filter_map(|line| Some(line.as_str()?.to_owned())).collect()
    };
    let (ours, theirs) = (lines(&ours), lines(&step["set_cookie"]));
    if ours.len() != theirs.len() {
        return Err(format!("set_cookie {ours:?} is not {theirs:?}"));
    }
    for (ours, theirs) in ours.iter().zip(&theirs) {
        let is_deflated = [ours, theirs].iter().any(|line| line.contains("=."));
        let plain = |line: &str| match is_deflated {
            true => inflated(&case["config"], line),
            false => Ok(line.to_owned()),
        };
        same("set_cookie", plain(ours)?.into(), &plain(theirs)?.into())?;
    }
    Ok(())
}

/// Returns a header with its payload decompressed and its timestamp decoded. The compressed bytes, and whether
/// compression pays off near the threshold, depend on the zlib implementation.
fn inflated(config: &Json, line: &str) -> Result<String, String> {
    let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
    let (name, value) = pair.split_once('=').ok_or("a cookie without a value")?;
    let keys = keys(config)?.ok_or("a cookie without a key")?;
    let verified = Signer::new(&keys, &Signing::flask()).verify(value.as_bytes(), u64::MAX >> 16, None);
    let verified = verified.map_err(|rejection| format!("{rejection}: {line}"))?;
    Ok(format!("{name}={} at {};{attributes}", verified.payload, verified.signed_at))
}

#[tokio::test]
async fn what_cannot_be_expressed_is_skipped_with_its_reason() {
    use serde_json::json;

    let case = |config: Json, operations: Json| {
        let step = json!({
            "now": 1_700_000_000, "request_cookie": null, "ops": operations, "status": 200, "results": [],
            "set_cookie": [], "vary": [],
        });
        json!({"id": "x", "backend": "cookie", "config": config, "steps": [step]})
    };
    let key = || json!({"SECRET_KEY": "a secret"});
    for (case, reason) in [
        (case(key(), json!([["read_modified"]])), "read_modified: the session has no such attribute"),
        (case(key(), json!([["no_such_thing", 1]])), "the operation no_such_thing is not known"),
        (case(key(), json!([["get", {"type": "bytes", "hex": "00"}]])), "is not text"),
        (case(key(), json!([["set", "a", {"type": "set", "items": []}]])), r#"Type("set")"#),
        (case(key(), json!([["set", "a", {"type": "unheard of"}]])), r#"Type("unheard of")"#),
        (
            case(key(), json!([["set", "a", {"type": "str", "codepoints": [1]}]])),
            "in a form that is not known",
        ),
        (case(key(), json!([["update", {"type": "list", "items": []}]])), "an update with no dict"),
        (case(key(), json!([["flash", {"type": "int", "value": "1"}]])), "is not text"),
        (case(key(), json!([["abort", 7]])), "7 is no status"),
        (case(key(), json!(null)), "a step without operations"),
        (case(json!({"SECRET_KEY": {"hex": "00"}}), json!([])), "a secret key that is not text"),
        (case(json!({"SECRET_KEY": "k", "SESSION_USE_SIGNER": true}), json!([])), "SESSION_USE_SIGNER"),
        (json!({"id": "x", "backend": "redis", "steps": []}), "sessions of Flask's in \"redis\""),
        (json!({"id": "x"}), "it has no steps"),
    ] {
        match lifecycle(&case).await {
            Outcome::Skipped(why) => assert!(why.contains(reason), "{why}"),
            other => panic!("{other:?} for {case}"),
        }
    }
    // Cases that the runner can express are run.
    let mut known = case(key(), json!([["read_permanent"]]));
    known["steps"][0]["results"] = json!([{"type": "bool", "value": false}]);
    known["steps"][0]["vary"] = json!(["Cookie"]);
    assert_eq!(lifecycle(&known).await, Outcome::Passed);
    known["steps"][0]["results"] = json!([]);
    assert!(matches!(lifecycle(&known).await, Outcome::Failed(_)));
}
