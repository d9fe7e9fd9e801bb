//! Compares session payloads with those that the real Flask writes and reads.
//!
//! `HARDTACK_VECTORS` can name a directory of vectors to use instead of the project's own.

mod common;

use common::neutral::{self, Neutral, compare_session, find_foreign, find_type, same, to_value};
use common::vectors::{Outcome, run};
use hardtack_core::protocol::Dictionary;
use hardtack_core::value::{Value, breaks_flask, to_text};
use serde_json::Value as Json;

const MAX_SKIPS: usize = 20;

#[test]
fn sessions_are_written_and_read_as_flask_does() {
    run("_session_cookie.json", MAX_SKIPS, |_| true, session);
}

#[test]
fn payloads_that_flask_refuses_are_refused() {
    let payload_side = |case: &Json| {
        let category = case["category"].as_str().unwrap_or_default();
        // A cookie that begins with a dot is compressed. This test does not decompress cookies.
        let compressed = case["cookie"].as_str().is_none_or(|cookie| cookie.starts_with('.'));
        matches!(category, "payload" | "tags" | "toplevel") && !compressed
    };
    run("_session_negative.json", MAX_SKIPS, payload_side, negative);
}

fn session(case: &Json) -> Outcome {
    let written = write(case);
    let foreign = find_foreign(&case["value"]);
    let Some(payload) = case["payload_json"].as_str() else {
        return match (written, foreign) {
            (_, Some(python)) => Outcome::Skipped(format!("only Python has the type {python}")),
            (Err(_), None) => Outcome::Passed,
            (Ok(text), None) => Outcome::Failed(format!("Python cannot write it, and this wrote {text}")),
        };
    };
    // If the application has its own JSON options, the text differs, but must still be readable.
    let usual = case["json_opts"].is_null();
    if usual && foreign.is_none() {
        match written {
            Ok(text) if text == payload => {}
            other => return Outcome::Failed(format!("wrote {other:?}\ninstead of {payload:?}")),
        }
        if let Ok(value) = to_value(&case["value"])
            && value.to_text() != payload
        {
            return Outcome::Failed(format!("a Value wrote {:?}\ninstead of {payload:?}", value.to_text()));
        }
    }
    if !case["load_error"].is_null() {
        return match Dictionary::parse(payload) {
            Ok(session) if !session.iter().any(|(_, value)| breaks_flask(value)) => {
                Outcome::Failed(format!("read, where Flask has {}", case["load_error"]))
            }
            _ => Outcome::Passed,
        };
    }
    if !case["loaded"].is_object() {
        return Outcome::Skipped("it does not say what Flask loads".to_owned());
    }
    let dictionary = match Dictionary::parse(payload) {
        Ok(dictionary) => dictionary,
        Err(error) => return Outcome::Failed(error.to_string()),
    };
    if usual && dictionary.as_text() != payload {
        return Outcome::Failed(format!("{:?} became {:?}", payload, dictionary.as_text()));
    }
    let members: Vec<(String, String)> =
        dictionary.iter().map(|(key, value)| (key.into_owned(), value.to_owned())).collect();
    let rebuilt =
        Dictionary::new().with(members.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))));
    if usual && rebuilt.as_text() != payload {
        return Outcome::Failed(format!("{:?} was rebuilt as {:?}", payload, rebuilt.as_text()));
    }
    match compare_session(&dictionary, &case["loaded"]) {
        Ok(()) => Outcome::Passed,
        Err(difference) => Outcome::Failed(difference),
    }
}

fn write(case: &Json) -> Result<String, String> {
    to_text(&Neutral(&case["value"])).map_err(|error| error.to_string())
}

fn negative(case: &Json) -> Outcome {
    let cookie = case["cookie"].as_str().unwrap_or_default();
    let Some(bytes) = cookie.split('.').next().and_then(decode) else {
        return Outcome::Skipped("the payload is not plain base64".to_owned());
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return Outcome::Passed;
    };
    let (serializer, flask) = (&case["serializer"], &case["flask"]);
    let is_said = match (serializer["ok"].as_bool(), flask["result"].as_str()) {
        (Some(ok), Some("session")) => (!ok || serializer["value"].is_object()) && flask["value"].is_object(),
        (Some(ok), Some("empty" | "exception_http_500")) => !ok || serializer["value"].is_object(),
        _ => false,
    };
    if !is_said {
        return Outcome::Skipped(
            "what Flask does is not said, or in a form that is not known here".to_owned(),
        );
    }
    match (serializer["ok"].as_bool(), Value::from_text(&text)) {
        (Some(true), Ok(value)) if same(&neutral::from_value(&value), &serializer["value"]) => {}
        (Some(true), Err(_)) if find_type(&serializer["value"], &["str_cp"]).is_some() => {}
        (Some(false), Err(_)) => {}
        (_, result) => return Outcome::Failed(format!("{result:?} instead of {serializer}")),
    }
    let session = Dictionary::parse(text);
    match (flask["result"].as_str(), session) {
        (Some("session"), Ok(session)) => match compare_session(&session, &flask["value"]) {
            Ok(()) => Outcome::Passed,
            Err(difference) => Outcome::Failed(difference),
        },
        (Some("empty"), Ok(session)) if session.is_empty() => Outcome::Passed,
        (Some("exception_http_500"), Err(_)) => Outcome::Passed,
        (Some("exception_http_500"), Ok(session)) if session.iter().any(|(_, value)| breaks_flask(value)) => {
            Outcome::Passed
        }
        (flask, session) => Outcome::Failed(format!("{session:?} where Flask has {flask:?}")),
    }
}

/// Decodes base64 in the URL-safe alphabet with optional padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let place = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            .iter()
            .position(|&c| c == byte)?;
        bits = bits << 6 | place as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}
