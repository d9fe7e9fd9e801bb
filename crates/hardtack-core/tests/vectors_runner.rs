//! Tests the vector runner with files that contain unsupported cases.

#[path = "common/vectors.rs"]
mod vectors;

use std::fs;

use serde_json::{Value as Json, json};
use vectors::{Outcome, Report};

/// Passes, skips, fails, or panics, as the case specifies.
fn obey(case: &Json) -> Outcome {
    match case["is"].as_str() {
        Some("fine") => Outcome::Passed,
        Some("strange") => Outcome::Skipped("the operation read_modified".to_owned()),
        Some("wrong") => Outcome::Failed("it differs".to_owned()),
        _ => panic!("a case like {}", case["is"]),
    }
}

fn report(files: &[(&str, String)], wanted: impl Fn(&Json) -> bool) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("a file");
    }
    Report::of(folder.path(), "_cases.json", wanted, obey)
}

#[test]
fn every_case_is_run_whatever_became_of_those_before_it() {
    let cases = ["fine", "strange", "wrong", "unheard of", "fine"];
    let cases: Vec<Json> =
        cases.iter().enumerate().map(|(number, is)| json!({"id": format!("c{number}"), "is": is})).collect();
    let first = json!({"set": "a", "more": [1], "vectors": cases}).to_string();
    let second = json!({"vectors": [{"id": "d0", "is": "wrong"}, {"is": "strange"}]}).to_string();
    let report = report(&[("a_cases.json", first), ("b_cases.json", second)], |_| true);
    assert_eq!(report.ran, 5);
    assert_eq!(
        report.skipped,
        ["a_cases: c1: the operation read_modified", "b_cases: the case at 1: the operation read_modified"]
    );
    assert_eq!(
        report.failed,
        [
            "a_cases: c2 (null): it differs",
            "a_cases: c3 (null): panicked: a case like \"unheard of\"",
            "b_cases: d0 (null): it differs",
        ]
    );
}

#[test]
fn a_case_that_is_nested_too_deeply_is_skipped_alone() {
    let deep = format!(r#"{{"id":"deep","value":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let set = format!(r#"{{"vectors":[{{"id":"one","is":"fine"}},{deep},{{"id":"two","is":"fine"}}]}}"#);
    let report = report(&[("a_cases.json", set)], |_| true);
    assert_eq!((report.ran, report.failed.len()), (2, 0));
    assert!(
        report.skipped[0].starts_with("a_cases: deep: serde_json cannot read it: recursion limit"),
        "{report:?}"
    );
}

#[test]
fn a_file_that_is_no_set_is_skipped_alone() {
    let files = [
        ("a_cases.json", "no JSON".to_owned()),
        ("b_cases.json", r#"{"cases":[]}"#.to_owned()),
        ("c_cases.json", r#"{"vectors":[{"is":"fine"}]}"#.to_owned()),
        ("other.json", "not looked at".to_owned()),
    ];
    let report = report(&files, |_| true);
    assert_eq!((report.ran, report.skipped.len(), report.failed.len()), (1, 2, 0), "{report:?}");
}

#[test]
fn cases_that_are_not_wanted_are_neither_run_nor_skipped() {
    let set = json!({"vectors": [{"is": "wrong"}, {"is": "fine", "wanted": true}]}).to_string();
    let report = report(&[("a_cases.json", set)], |case| case["wanted"] == Json::Bool(true));
    assert_eq!((report.ran, report.skipped.len(), report.failed.len()), (1, 0, 0));
}
