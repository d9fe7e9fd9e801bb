//! Runs `hardtack inspect` on every cookie that the real Flask created or rejected. The vectors are in the folder that
//! `HARDTACK_VECTORS` names, or in `vectors/`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::program::{Outcome, finish, hardtack};

#[test]
fn every_session_cookie_of_flask_is_decoded_and_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    for (set, cases) in sets("_session_cookie.json") {
        let (mut passed, mut skipped, mut failed) = (0, Vec::new(), Vec::new());
        // A session that Flask cannot write has no cookie.
        for case in cases.iter().filter(|case| case.get("dump_error").is_none()) {
            let id = text(case, "id");
            if !["sha1", "sha256", "sha384", "sha512"].contains(&text(case, "digest")) {
                skipped.push(format!("{id}: digest {}", text(case, "digest")));
                continue;
            }
            match check(case, &inspect(case, &folder, With::Keys), &inspect(case, &folder, With::Nothing)) {
                Ok(()) => passed += 1,
                Err(how) => failed.push(format!("{id} ({}): {how}", case["name"])),
            }
        }
        println!(
            "summary: hardtack inspect, {set}: {} ran, {passed} passed, {} skipped",
            passed + failed.len(),
            skipped.len()
        );
        for line in &skipped {
            println!("summary: hardtack inspect, {set}: skipped {line}");
        }
        assert!(failed.is_empty(), "{} failed\n{}", failed.len(), failed.join("\n"));
        assert!(passed > 0 && skipped.len() <= 20, "{passed} passed, {} skipped", skipped.len());
    }
}

#[test]
fn no_cookie_that_flask_rejects_is_genuine() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut refused, mut broken) = (0, 0);
    for case in sets("_session_negative.json").into_iter().flat_map(|(_, cases)| cases) {
        let known = ["sha1", "sha256", "sha384", "sha512"].contains(&text(&case, "digest"));
        // `inspect` removes spaces and quotes around a value, and accepts neither an empty value nor a negative age.
        let bare = text(&case, "cookie").trim_matches(|char: char| char == '"' || char.is_whitespace());
        let is_asked =
            !bare.is_empty() && bare == text(&case, "cookie") && case["max_age"].as_u64().is_some();
        if !known || !is_asked {
            continue;
        }
        let case = json!({
            "id": case["id"], "cookie": case["cookie"], "load_now": case["now"], "max_age": case["max_age"],
            "secret_key": case["secret_key"], "fallbacks": case["fallbacks"], "salt": case["salt"],
            "digest": case["digest"], "key_derivation": case["key_derivation"],
            "serializer": case["serializer"]["type"],
        });
        let outcome = inspect(&case, &folder, With::Keys);
        assert!(matches!(outcome.code, Some(0 | 1)), "{}: {outcome:?}", case["id"]);
        let verdict = outcome.json()[0]["verdict"].clone();
        match case["serializer"].as_str() {
            Some("BadSignature" | "BadTimeSignature" | "SignatureExpired") => {
                assert_ne!(verdict["genuine"], true, "{}: {outcome:?}", case["id"]);
                refused += 1;
            }
            _ => broken += 1,
        }
    }
    assert!(refused > 0);
    println!(
        "summary: hardtack inspect: {refused} cookies that Flask refuses are not called genuine; {broken} others"
    );
}

#[derive(PartialEq)]
enum With {
    Keys,
    Nothing,
}

fn inspect(case: &Json, folder: &TempDir, with: With) -> Outcome {
    let mut arguments = vec!["inspect".to_owned(), "--json".to_owned()];
    arguments.extend(["--at".to_owned(), case["load_now"].to_string()]);
    if with == With::Keys {
        // The current key comes first. The fallbacks follow in Flask's order, which starts with the last one.
        let fallbacks = case["fallbacks"].as_array().expect("a list of fallbacks");
        for (place, secret) in [&case["secret_key"]].into_iter().chain(fallbacks.iter().rev()).enumerate() {
            let path = folder.path().join(format!("key-{place}"));
            fs::write(&path, [bytes(secret), b"\n".to_vec()].concat()).expect("a file");
            arguments.extend(["--key".to_owned(), format!("file:{}", path.display())]);
        }
        arguments.push("--insecure-short-key".to_owned());
        for (flag, value) in [
            ("--salt", String::from_utf8(bytes(&case["salt"])).expect("a salt that is text")),
            ("--digest", text(case, "digest").to_owned()),
            ("--key-derivation", text(case, "key_derivation").to_owned()),
            ("--max-age", format!("{}s", case["max_age"])),
        ] {
            arguments.push(format!("{flag}={value}"));
        }
    }
    arguments.push("-".to_owned());
    finish(hardtack().args(arguments), text(case, "cookie").as_bytes())
}

fn check(case: &Json, verified: &Outcome, seen: &Outcome) -> Result<(), String> {
    if (verified.code, seen.code) != (Some(0), Some(0)) {
        return Err(format!("{verified:?}"));
    }
    let (json, seen) = (verified.json(), seen.json());
    let (verdict, layers) = (&json[0]["verdict"], &seen[0]["layers"]);
    let expect = |what: &str, found: &Json, expected: Json| {
        if *found == expected { Ok(()) } else { Err(format!("{what}: {found} instead of {expected}")) }
    };
    expect("kind", &seen[0]["kind"], "signed".into())?;
    expect("without a key", &seen[0]["verdict"], Json::Null)?;
    expect("layers with and without a key", layers, json[0]["layers"].clone())?;
    expect("text", &layers["text"], case["payload_json"].clone())?;
    expect("text by the key", &verdict["text"], case["payload_json"].clone())?;
    expect("time", &layers["signed_at"], case["timestamp"].clone())?;
    expect("time by the key", &verdict["made_at"], case["timestamp"].clone())?;
    expect("compressed", &layers["compressed"], case["compressed"].clone())?;
    expect("genuine", &verdict["genuine"], true.into())?;
    expect("current", &verdict["current"], (case["signed_with"] == case["secret_key"]).into())?;
    let digest = text(case, "digest").to_uppercase().replacen("SHA", "SHA-", 1);
    expect("digest", &layers["digest"], digest.into())?;
    check_types(case, &layers["session"])
}

/// Checks that the values have the types that the real Flask read.
fn check_types(case: &Json, session: &Json) -> Result<(), String> {
    let members = case["loaded"]["items"].as_array().map_or(&[][..], Vec::as_slice);
    for member in members {
        let (Some(key), Some(expected)) = (member[0]["value"].as_str(), member[1]["type"].as_str()) else {
            continue;
        };
        let expected = match expected {
            "none" => "None",
            "markup" => "Markup",
            "uuid" => "UUID",
            // A string with half of a surrogate pair is reported as broken, because a Rust string cannot contain it.
            "str_cp" => "broken",
            // The vector contains a Python expression, but not its type.
            "py" => continue,
            other => other,
        };
        let found = &session[key]["type"];
        if found != expected && found != "broken" {
            return Err(format!("{key}: {found} instead of {expected}"));
        }
    }
    Ok(())
}

/// Returns the name and the cases of each file with this ending.
fn sets(ending: &str) -> Vec<(String, Vec<Json>)> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let folder = env::var_os("HARDTACK_VECTORS").map_or(own, PathBuf::from);
    let entries = fs::read_dir(&folder).expect("the folder of vectors");
    let files = entries.map(|entry| entry.expect("a readable folder").path());
    let mut sets: Vec<_> = files
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .map(|path| {
            let mut set: Json =
                serde_json::from_slice(&fs::read(&path).expect("a readable file")).expect("a set of vectors");
            let Json::Array(cases) = set["vectors"].take() else { panic!("{}: no vectors", path.display()) };
            (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), cases)
        })
        .collect();
    sets.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!sets.is_empty(), "no vectors in {}", folder.display());
    sets
}

/// Decodes `{"str": text}` or `{"hex": bytes}`.
fn bytes(either: &Json) -> Vec<u8> {
    match (either["str"].as_str(), either["hex"].as_str()) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (_, Some(hex)) => {
            let digits = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("two hexadecimal digits");
            (0..hex.len()).step_by(2).map(digits).collect()
        }
        _ => panic!("neither text nor bytes: {either}"),
    }
}

fn text<'a>(case: &'a Json, field: &str) -> &'a str {
    case[field].as_str().unwrap_or_else(|| panic!("{}: no text in {field}", case["id"]))
}
