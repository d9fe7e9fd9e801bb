//! `hardtack jar` between every two forms, and in the middle of being killed.

use std::fs;
use std::process::Stdio;
use std::time::Instant;

use serde_json::Value as Json;

use crate::fixture::Fixture;
use crate::program::{hardtack, run};

const FORMS: [&str; 4] = ["whole", "netscape", "devtools", "playwright"];

#[test]
fn cookies_go_from_every_form_to_every_other() {
    let fixture = Fixture::new();
    let shown = |file: &str| run(["jar", "show", file, "--json", "--values"]).json();
    let expected = shown(&fixture.fill("{cookies.txt}"));
    for from in FORMS {
        let first = fixture.fill(&format!("{{from-{from}}}"));
        assert_eq!(
            run(["jar", "export", &fixture.fill("{cookies.txt}"), "--to", from, "--output", &first]).code,
            Some(0)
        );
        for to in FORMS {
            let second = fixture.fill(&format!("{{from-{from}-to-{to}}}"));
            let outcome = run(["jar", "import", &first, "--into", &second, "--as", to]);
            assert_eq!(outcome.code, Some(0), "{from} to {to}: {outcome:?}");
            // Playwright's has no word for a cookie that says nothing of SameSite.
            let mut found = shown(&second);
            let has_playwright = from == "playwright" || to == "playwright";
            for cookie in found.as_array_mut().expect("a list").iter_mut().filter(|_| has_playwright) {
                cookie["same_site"] = Json::Null;
            }
            assert_eq!(found, expected, "{from} to {to}");
        }
    }
    println!("summary: hardtack jar: {} forms, each to each", FORMS.len());
}

#[test]
fn a_recording_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let har = folder.path().join("recording.har");
    let entry = r#"{"log": {"entries": [{"startedDateTime": "2026-01-01T00:00:00Z",
        "request": {"method": "GET", "url": "https://shop.example/", "headers": []},
        "response": {"status": 200, "headers": [{"name": "Set-Cookie", "value": "id=1; Path=/; Secure"}]}}]}}"#;
    fs::write(&har, entry).expect("a file");
    let har = har.display().to_string();
    let json = run(["jar", "show", &har, "--format", "har", "--json"]).json();
    assert_eq!((&json[0]["name"], &json[0]["domain"]), (&"id".into(), &"shop.example".into()));
}

#[test]
fn what_else_a_storage_state_holds_stays() {
    let fixture = Fixture::new();
    let state = fixture.fill("{storage.json}");
    fs::write(
        &state,
        r#"{"cookies": [], "origins": [{"origin": "https://shop.example", "localStorage": []}]}"#,
    )
    .expect("a file");
    let outcome = run(["jar", "import", &fixture.fill("{cookies.txt}"), "--into", &state]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let json: Json = serde_json::from_slice(&fs::read(&state).expect("a file")).expect("JSON");
    assert_eq!(json["origins"][0]["origin"], "https://shop.example");
    assert_eq!(json["cookies"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_killed_export_leaves_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |number| format!("site{number}.example\tFALSE\t/\tFALSE\t4102444800\tid\t{number}\n");
    let source = folder.path().join("source.txt");
    fs::write(&source, (0..3000).map(line).collect::<String>()).expect("a file");
    let target = folder.path().join("target.txt");
    let old = line(0);
    let export = || {
        fs::write(&target, &old).expect("a file");
        let mut command = hardtack();
        command.args(["jar", "export"]).arg(&source).args(["--to", "netscape", "--output"]).arg(&target);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    };
    // How long it takes when nobody kills it, so that the kills fall into all of it.
    let begin = Instant::now();
    assert!(export().wait().expect("it ends").success());
    let whole = begin.elapsed();
    let (mut killed, mut done) = (0, 0);
    for round in 0..20 {
        let mut child = export();
        std::thread::sleep(whole * round / 15);
        let _ = child.kill();
        if child.wait().expect("it ends").success() {
            done += 1
        } else {
            killed += 1
        }
        let text = fs::read_to_string(&target).expect("a file");
        assert!(
            text == old || text.lines().filter(|line| line.contains(".example\t")).count() == 3000,
            "torn"
        );
    }
    println!("summary: hardtack jar export: killed {killed} times of {}, no torn file", killed + done);
}

#[cfg(unix)]
#[test]
fn a_jar_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let fixture = Fixture::new();
    let path = fixture.fill("{private.txt}");
    run(["jar", "export", &fixture.fill("{cookies.txt}"), "--to", "netscape", "--output", &path]);
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
}
